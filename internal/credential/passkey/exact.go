package passkey

import "github.com/cenote-id/cenote/internal/wire"

// checkResponse bounds the answer of an authenticator and refuses one that readers could take for different things: the library decodes
// without regard to case.
func checkResponse(response []byte) error {
	if len(response) > maxResponse {
		return errMalformed
	}
	err := wire.CheckExact(response, "id", "rawId", "type", "authenticatorAttachment", "clientExtensionResults", "response", "clientDataJSON",
		"attestationObject", "authenticatorData", "signature", "userHandle", "transports", "publicKey", "publicKeyAlgorithm", "credProps", "rk")
	if err != nil {
		return errMalformed.Because(err)
	}
	return nil
}

// checkClientData does the same for what the browser says of the ceremony, which the authenticator signs as it is.
func checkClientData(data []byte) error {
	if err := wire.CheckExact(data, "type", "challenge", "origin", "crossOrigin", "topOrigin", "tokenBinding", "status", "id"); err != nil {
		return errMalformed.Because(err)
	}
	return nil
}
