package token

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
)

// jweHeader is the protected header of a refresh token, whose members come in this order.
type jweHeader struct {
	Algorithm   string `json:"alg"` // dir: there is no encrypted key
	ContentType string `json:"cty"`
	Encryption  string `json:"enc"`
	KeyID       string `json:"kid"` // the salt of the key
}

// sealJWE makes a compact JWE of the plain text (RFC 7516, section 7.1), encrypted by A256GCM under the key itself (RFC 7518, sections 4.5 and
// 5.3). It is not left to go-jose for the reason that signJWS has.
func sealJWE(key []byte, salt string, plain []byte) (string, error) {
	head, err := json.Marshal(jweHeader{Algorithm: "dir", ContentType: "JWT", Encryption: "A256GCM", KeyID: salt})
	if err != nil {
		return "", err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return "", err
	}
	encoding := base64.RawURLEncoding
	protected := encoding.AppendEncode(nil, head)
	sealed := aead.Seal(nil, nil, plain, protected)
	const nonceSize, tagSize = 12, 16
	nonce, text, tag := sealed[:nonceSize], sealed[nonceSize:len(sealed)-tagSize], sealed[len(sealed)-tagSize:]

	jwe := append(protected, '.') // no encrypted key follows
	for _, part := range [][]byte{nonce, text, tag} {
		jwe = encoding.AppendEncode(append(jwe, '.'), part)
	}
	return string(jwe), nil
}
