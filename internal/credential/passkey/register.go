package passkey

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"

	"github.com/cenote-id/cenote/internal/fault"
)

// The refusals of a registration. Their types are the service's, their texts are ours.
var (
	errChallenge = fault.New(fault.WebAuthnChallengeNotFound, "The credential does not answer the pending challenge.")
	errOrigin    = fault.New(fault.WebAuthnOriginNotAllowed, "The origin of the credential is not allowed by the relying party.")
	errParty     = fault.New(fault.WebAuthnRelyingPartyMismatch, "The credential belongs to another relying party.")
	errAlgorithm = fault.New(fault.WebAuthnCredentialNotSupported, "The algorithm of the credential is not supported.")
	errVerify    = fault.New(fault.WebAuthnCredentialNotSupported, "The credential did not verify the user.")
)

// transports are the ones that have a meaning; others that a client tells are not kept.
var transports = []string{"ble", "hybrid", "internal", "nfc", "smart-card", "usb"}

// Register makes a credential of the answer to a registration, a RegistrationResponseJSON. Attestation is not asked for; what an
// authenticator attests all the same must hold, but nobody is believed for it.
func (p Party) Register(challenge, response []byte) (*Credential, error) {
	if err := checkResponse(response); err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return nil, errMalformed.Because(err)
	}
	if err := checkClientData(parsed.Raw.AttestationResponse.ClientDataJSON); err != nil {
		return nil, err
	}
	client, data := parsed.Response.CollectedClientData, parsed.Response.AttestationObject.AuthData
	party := sha256.Sum256([]byte(p.ID))
	switch {
	case client.Type != protocol.CreateCeremony:
		return nil, errMalformed
	case subtle.ConstantTimeCompare([]byte(client.Challenge), []byte(encode(challenge))) != 1:
		return nil, errChallenge
	case !p.allows(client.Origin) || client.CrossOrigin:
		return nil, errOrigin
	case !bytes.Equal(data.RPIDHash, party[:]):
		return nil, errParty
	case !supported(data.AttData.CredentialPublicKey):
		return nil, errAlgorithm
	case p.VerifiesUser && !data.Flags.UserVerified():
		return nil, errVerify
	case data.Flags.HasBackupState() && !data.Flags.HasBackupEligible():
		return nil, errMalformed
	}
	if props := parsed.ClientExtensionResults.CredProps; props != nil && props.RK != nil && !*props.RK {
		return nil, errMalformed // the authenticator did not store it: nobody could sign in with it alone
	}
	_, err = parsed.Verify(encode(challenge), p.ID, []string{client.Origin}, nil, nil, protocol.TopOriginExplicitVerificationMode, false,
		p.VerifiesUser, true, nil, []protocol.CredentialParameter{
			{Type: publicKey, Algorithm: es256}, {Type: publicKey, Algorithm: rs256},
		}, protocol.AttestationPolicy{}, protocol.SignaturePolicy{})
	if err != nil {
		return nil, errMalformed.Because(err)
	}
	c := &Credential{
		ID:             bytes.Clone(data.AttData.CredentialID),
		PublicKey:      bytes.Clone(data.AttData.CredentialPublicKey),
		SignCount:      data.Counter,
		Attachment:     string(parsed.AuthenticatorAttachment),
		BackupEligible: data.Flags.HasBackupEligible(),
		BackedUp:       data.Flags.HasBackupState(),
	}
	for _, t := range parsed.Response.Transports {
		if name := string(t); slices.Contains(transports, name) && !slices.Contains(c.Transports, name) {
			c.Transports = append(c.Transports, name)
		}
	}
	return c, nil
}

// supported reports whether a public key is of an algorithm that was offered, and sound.
func supported(cose []byte) bool {
	key, err := webauthncose.ParsePublicKey(cose)
	if err != nil {
		return false
	}
	switch k := key.(type) {
	case webauthncose.EC2PublicKeyData:
		return k.Algorithm == es256 && k.Curve == int64(webauthncose.P256)
	case webauthncose.RSAPublicKeyData:
		return k.Algorithm == rs256
	}
	return false
}
