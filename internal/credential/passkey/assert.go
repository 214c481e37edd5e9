package passkey

import (
	"bytes"
	"errors"

	"github.com/go-webauthn/webauthn/protocol"

	"github.com/cenote-id/cenote/internal/fault"
)

// errRefused is the answer for a credential that does not prove who the user is. The service's text is not known.
var errRefused = fault.New(fault.NotAuthorized, "The passkey could not be verified.")

// Refused is the answer for a passkey that proves nothing, for what only the caller can find out.
func Refused() error { return errRefused }

// Verify checks the answer to a sign-in, an AuthenticationResponseJSON, by one of the user's known credentials, and returns it as it
// is to be kept from now on. A credential that counts its signatures must count on: one that does not has been copied.
func (p Party) Verify(challenge, handle []byte, known []Credential, response []byte) (*Credential, error) {
	parsed, err := parseAssertion(response)
	if err != nil {
		return nil, err
	}
	client, data := parsed.Response.CollectedClientData, parsed.Response.AuthenticatorData
	c, ok := find(known, parsed.RawID)
	switch {
	case !ok:
		return nil, errRefused.Because(errors.New("the user has no such credential"))
	case len(parsed.Response.UserHandle) > 0 && !bytes.Equal(parsed.Response.UserHandle, handle):
		return nil, errRefused.Because(errors.New("the credential is another user's"))
	case !p.allows(client.Origin):
		return nil, errRefused.Because(errors.New("the origin is not allowed"))
	case data.Flags.HasBackupEligible() != c.BackupEligible, data.Flags.HasBackupState() && !c.BackupEligible:
		return nil, errRefused.Because(errors.New("the credential changed its kind"))
	}
	err = parsed.Verify(encode(challenge), p.ID, "", []string{client.Origin}, nil, nil, protocol.TopOriginExplicitVerificationMode, false,
		p.VerifiesUser, true, c.PublicKey, protocol.SignaturePolicy{})
	if err != nil {
		return nil, errRefused.Because(err)
	}
	if (data.Counter > 0 || c.SignCount > 0) && data.Counter <= c.SignCount {
		return nil, errRefused.Because(errors.New("the signature counter did not grow"))
	}
	c.SignCount, c.BackedUp = data.Counter, data.Flags.HasBackupState()
	return &c, nil
}

func parseAssertion(response []byte) (*protocol.ParsedCredentialAssertionData, error) {
	if err := checkResponse(response); err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return nil, errMalformed.Because(err)
	}
	return parsed, checkClientData(parsed.Raw.AssertionResponse.ClientDataJSON)
}

// HandleOf returns whose passkey the answer to a sign-in says it is. Nothing of it has been checked.
func HandleOf(response []byte) ([]byte, error) {
	parsed, err := parseAssertion(response)
	if err != nil {
		return nil, err
	}
	return parsed.Response.UserHandle, nil
}
