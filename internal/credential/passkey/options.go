package passkey

import (
	"encoding/json"
	"time"
)

// registrationTime is how long the browser waits for the user at a registration.
const registrationTime = time.Minute

// CreationOptions returns the options of a registration as JSON, in the form of PublicKeyCredentialCreationOptionsJSON. The
// authenticator must store the credential itself, and refuse when it has one of those that are known.
func (p Party) CreationOptions(challenge []byte, o Owner, known []Credential) ([]byte, error) {
	type algorithm struct {
		Type string `json:"type"`
		Alg  int    `json:"alg"`
	}
	type entity struct {
		ID          string `json:"id"`
		Name        string `json:"name"`
		DisplayName string `json:"displayName,omitempty"`
	}
	exclude := []descriptor{}
	for _, c := range known {
		exclude = append(exclude, descriptor{Type: publicKey, ID: c.Name()})
	}
	return json.Marshal(struct {
		Challenge string       `json:"challenge"`
		Timeout   int64        `json:"timeout"`
		RP        entity       `json:"rp"`
		User      entity       `json:"user"`
		Params    []algorithm  `json:"pubKeyCredParams"`
		Exclude   []descriptor `json:"excludeCredentials"`
		Selection selection    `json:"authenticatorSelection"`
	}{
		Challenge: encode(challenge),
		Timeout:   registrationTime.Milliseconds(),
		RP:        entity{ID: p.ID, Name: p.ID},
		User:      entity{ID: encode(o.Handle), Name: o.Name, DisplayName: o.Name},
		Params:    []algorithm{{publicKey, es256}, {publicKey, rs256}},
		Exclude:   exclude,
		Selection: selection{RequireResidentKey: true, ResidentKey: "required", UserVerification: p.userVerification()},
	})
}

// RequestOptions returns the options of a sign-in as JSON, in the form of PublicKeyCredentialRequestOptionsJSON.
func (p Party) RequestOptions(challenge []byte, known []Credential, life time.Duration) ([]byte, error) {
	allow := []descriptor{}
	for _, c := range known {
		allow = append(allow, descriptor{Type: publicKey, ID: c.Name(), Transports: c.Transports})
	}
	return json.Marshal(struct {
		Challenge        string       `json:"challenge"`
		Timeout          int64        `json:"timeout"`
		RPID             string       `json:"rpId"`
		Allow            []descriptor `json:"allowCredentials"`
		UserVerification string       `json:"userVerification"`
	}{encode(challenge), life.Milliseconds(), p.ID, allow, p.userVerification()})
}

const publicKey = "public-key"

// descriptor names a credential.
type descriptor struct {
	Type       string   `json:"type"`
	ID         string   `json:"id"`
	Transports []string `json:"transports,omitempty"`
}

type selection struct {
	RequireResidentKey bool   `json:"requireResidentKey"`
	ResidentKey        string `json:"residentKey"`
	UserVerification   string `json:"userVerification"`
}

func (p Party) userVerification() string {
	if p.VerifiesUser {
		return "required"
	}
	return "preferred"
}
