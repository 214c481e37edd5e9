package federate

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/cenote-id/cenote/internal/wire"
)

// appleIssuer is the issuer of Apple's ID tokens and the audience of client secrets.
const appleIssuer = "https://appleid.apple.com"

// appleSecret returns the client secret that Apple wants: a token signed with the key of the developer's team. It is used at once.
func appleSecret(d map[string]string, now time.Time) (string, error) {
	key, err := appleKey(d["private_key"])
	if err != nil {
		return "", &Refusal{Text: "SignInWithApple Error - the private key cannot be used", cause: err}
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: d["key_id"]}}, nil)
	if err != nil {
		return "", err
	}
	return jwt.Signed(signer).Claims(jwt.Claims{
		Issuer: d["team_id"], Subject: d["client_id"], Audience: jwt.Audience{appleIssuer},
		IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(5 * time.Minute)),
	}).Serialize()
}

// keyMarks are what a key may have in it that is not the key: the lines of PEM around it, and ends of lines as environment variables spell them.
var keyMarks = strings.NewReplacer("-----BEGIN PRIVATE KEY-----", "", "-----END PRIVATE KEY-----", "", `\n`, "")

// appleKey reads a private key, with or without the lines of PEM around it, in however many lines: operators paste all of these.
func appleKey(text string) (*ecdsa.PrivateKey, error) {
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(keyMarks.Replace(text)), ""))
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("it is a %T", parsed)
	}
	return key, nil
}

// appleUser reads what Apple tells about a person at the first sign-in only, beside the ID token and unsigned: the name. The address in it is
// left out, since the ID token has it.
func appleUser(document string) Claims {
	var user struct {
		Name struct {
			First string `json:"firstName"`
			Last  string `json:"lastName"`
		} `json:"name"`
		Email json.RawMessage `json:"email"`
	}
	if document == "" || wire.Unmarshal([]byte(document), &user) != nil {
		return nil
	}
	claims := Claims{}
	for name, value := range map[string]string{
		"firstName": user.Name.First, "lastName": user.Name.Last, "name": strings.TrimSpace(user.Name.First + " " + user.Name.Last),
	} {
		if value != "" {
			claims[name] = value
		}
	}
	return claims
}
