// Package sigv4 verifies the AWS Signature Version 4 of a request; it knows nothing about what the request asks.
//
// Its one idea: the server makes the signature that the client should have made, and compares the two in constant time. The canonical form
// of a request is in canonical.go; the tests compare it with that of the official signer. Start with Verifier.Verify.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
//
// A request is signed for the Host that the client sees: a proxy in front must pass the Host header on unchanged.
package sigv4

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
)

// Skew is how far the clock of a client may be off, in either direction.
const Skew = 5 * time.Minute

// Key is what the verifier needs to know of an access key.
type Key struct {
	Secret       string    // the secret access key
	SessionToken string    // the token that must accompany temporary credentials; empty for lasting ones
	Expires      time.Time // when temporary credentials end; zero for never
}

// String hides the secret.
func (Key) String() string { return "[hidden]" }

// GoString hides the secret.
func (Key) GoString() string { return "[hidden]" }

// Lookup finds an access key by its id. It answers false when there is none (or it was taken back); an error is a failure of ours.
type Lookup func(ctx context.Context, id string) (Key, bool, error)

// Verifier verifies signatures. All fields are read-only once it is in use.
type Verifier struct {
	Regions []string         // the regions a credential scope may name; empty for any
	Now     func() time.Time // the server's clock

	keys signingKeys
}

// Verify checks the Authorization header of r against r itself, the body (read in full by the caller) and the signing name of
// the service, "cognito-idp" or "cognito-identity". The key is looked up once the form, scope and date are in order.
//
// A refusal is a fault with the text of the real service: MissingAuthenticationToken, IncompleteSignature, InvalidSignature,
// UnrecognizedClient or ExpiredToken. Any other error comes from find.
func (v *Verifier) Verify(ctx context.Context, r *http.Request, body []byte, service string, find Lookup) error {
	if isPresigned(r) {
		return fault.New(fault.IncompleteSignature,
			"Query-string authentication is not supported. Send the signature in the Authorization header.")
	}
	a, err := parseAuthorization(r.Header)
	if err != nil {
		return err
	}
	if err := v.checkScope(a, service); err != nil {
		return err
	}
	if err := v.checkDate(a); err != nil {
		return err
	}
	if err := checkSigned(r.Header, a); err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	payload := hex.EncodeToString(sum[:])
	if err := checkClaimedHash(r.Header, payload); err != nil {
		return err
	}
	key, known, err := lookUp(ctx, a.keyID, find)
	if err != nil {
		return fmt.Errorf("look up access key: %w", err)
	}
	// An unknown key is checked against a secret that nobody has, so that it costs what a wrong signature costs.
	matches := v.keys.match(a.signedBy(key.Secret), func(key []byte) bool { return signsAlike(r, len(body), payload, a, key) })
	token := r.Header.Get("X-Amz-Security-Token")
	tokenMatches := hmac.Equal([]byte(token), []byte(key.SessionToken))
	switch {
	case !known, !tokenMatches:
		return fault.New(fault.UnrecognizedClient, "The security token included in the request is invalid.")
	case !matches:
		return fault.New(fault.InvalidSignature, "The request signature we calculated does not match the signature you provided. "+
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	case !key.Expires.IsZero() && !v.Now().Before(key.Expires):
		// Told only to the holder of the secret.
		return fault.New(fault.ExpiredToken, "The security token included in the request is expired")
	}
	return nil
}

// lookUp asks for the key, unless its id has characters that no id has: those would only trouble a database.
func lookUp(ctx context.Context, id string, find Lookup) (Key, bool, error) {
	nobody := Key{Secret: "an access key that does not exist has this secret"}
	if !isKeyID(id) {
		return nobody, false, nil
	}
	key, ok, err := find(ctx, id)
	if err != nil {
		return Key{}, false, err
	}
	// A key without a secret could be signed for by anybody.
	if !ok || key.Secret == "" {
		return nobody, false, nil
	}
	return key, true, nil
}

func isKeyID(id string) bool {
	if id == "" || len(id) > 128 {
		return false
	}
	for _, c := range []byte(id) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-', c == '.':
		default:
			return false
		}
	}
	return true
}
