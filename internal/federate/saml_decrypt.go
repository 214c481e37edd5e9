package federate

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/beevik/etree"
)

const (
	nsEncrypted   = "http://www.w3.org/2001/04/xmlenc#"
	nsEncrypted11 = "http://www.w3.org/2009/xmlenc11#"
)

// contentCiphers are the algorithms that content may be encrypted with (XML Encryption 1.1, section 5.2), by the size of their key. Triple DES
// is not among them.
var contentCiphers = map[string]struct {
	size int
	open func(block cipher.Block, sealed []byte) ([]byte, error)
}{
	nsEncrypted + "aes128-cbc":   {16, openCBC},
	nsEncrypted + "aes192-cbc":   {24, openCBC},
	nsEncrypted + "aes256-cbc":   {32, openCBC},
	nsEncrypted11 + "aes128-gcm": {16, openGCM},
	nsEncrypted11 + "aes192-gcm": {24, openGCM},
	nsEncrypted11 + "aes256-gcm": {32, openGCM},
}

// oaepDigests are the digests of OAEP. The last two are spelled as crewjam/saml does in providers, which no specification knows.
var oaepDigests = map[string]crypto.Hash{
	nsSignature + "sha1":                            crypto.SHA1,
	"http://www.w3.org/2001/04/xmldsig-more#sha384": crypto.SHA384,
	nsEncrypted + "sha256":                          crypto.SHA256,
	nsEncrypted + "sha512":                          crypto.SHA512,
	nsSignature + "sha256":                          crypto.SHA256,
	nsSignature + "sha512":                          crypto.SHA512,
}

// oaepMasks are the mask generation functions of OAEP, by their digest.
var oaepMasks = map[string]crypto.Hash{
	nsEncrypted11 + "mgf1sha1":   crypto.SHA1,
	nsEncrypted11 + "mgf1sha256": crypto.SHA256,
	nsEncrypted11 + "mgf1sha384": crypto.SHA384,
	nsEncrypted11 + "mgf1sha512": crypto.SHA512,
}

// decrypt decrypts an encrypted assertion. The key lies within its data or beside it; keys under the padding of PKCS #1 version 1.5 are
// refused.
func decrypt(key *rsa.PrivateKey, e *etree.Element) ([]byte, error) {
	data := child(e, nsEncrypted, "EncryptedData")
	if data == nil {
		return nil, errors.New("there is no data")
	}
	keys := e.FindElements(".//EncryptedKey")
	if len(keys) != 1 {
		return nil, errors.New("there is not one key")
	}
	content, err := decryptKey(key, keys[0])
	if err != nil {
		return nil, err
	}
	_, algorithm := method(data)
	a, ok := contentCiphers[algorithm]
	switch {
	case !ok:
		return nil, fmt.Errorf("content under %q is not decrypted", algorithm)
	case len(content) != a.size:
		return nil, fmt.Errorf("the key has %d bytes", len(content))
	}
	sealed, err := cipherValue(data)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(content)
	if err != nil {
		return nil, err
	}
	return a.open(block, sealed)
}

// decryptKey decrypts the key of the content (XML Encryption 1.1, section 5.5.2).
func decryptKey(key *rsa.PrivateKey, e *etree.Element) ([]byte, error) {
	m, algorithm := method(e)
	o := &rsa.OAEPOptions{Hash: crypto.SHA1, MGFHash: crypto.SHA1}
	switch algorithm {
	case nsEncrypted + "rsa-oaep-mgf1p":
	case nsEncrypted11 + "rsa-oaep":
		if mask := child(m, nsEncrypted11, "MGF"); mask != nil {
			o.MGFHash = oaepMasks[mask.SelectAttrValue("Algorithm", "")]
		}
	default:
		return nil, errors.New("the key is not under OAEP")
	}
	if digest := child(m, nsSignature, "DigestMethod"); digest != nil {
		o.Hash = oaepDigests[digest.SelectAttrValue("Algorithm", "")]
	}
	if o.Hash == 0 || o.MGFHash == 0 {
		return nil, errors.New("the digest of OAEP is unknown")
	}
	if label := child(m, nsEncrypted, "OAEPparams"); label != nil {
		var err error
		if o.Label, err = unbase64(label.Text()); err != nil {
			return nil, err
		}
	}
	sealed, err := cipherValue(e)
	if err != nil {
		return nil, err
	}
	content, err := key.Decrypt(nil, sealed, o)
	if err != nil && o.Hash != o.MGFHash && algorithm == nsEncrypted+"rsa-oaep-mgf1p" {
		o.MGFHash = o.Hash // as crewjam/saml does in providers; the specification has SHA-1 here whatever the digest is
		content, err = key.Decrypt(nil, sealed, o)
	}
	return content, err
}

// method returns the encryption method of encrypted data or of a key, and its algorithm.
func method(e *etree.Element) (*etree.Element, string) {
	m := child(e, nsEncrypted, "EncryptionMethod")
	if m == nil {
		return etree.NewElement("EncryptionMethod"), ""
	}
	return m, m.SelectAttrValue("Algorithm", "")
}

func cipherValue(e *etree.Element) ([]byte, error) {
	data := child(e, nsEncrypted, "CipherData")
	if data == nil {
		return nil, errors.New("there is no CipherData")
	}
	value := child(data, nsEncrypted, "CipherValue")
	if value == nil {
		return nil, errors.New("there is no CipherValue")
	}
	return unbase64(value.Text())
}

func unbase64(text string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
}

// openCBC opens what begins with its initialization vector and ends with padding, of which only the last byte counts (section 5.2.2).
func openCBC(block cipher.Block, sealed []byte) ([]byte, error) {
	size := block.BlockSize()
	if len(sealed) < 2*size || len(sealed)%size != 0 {
		return nil, errors.New("the content is cut")
	}
	plain := make([]byte, len(sealed)-size)
	cipher.NewCBCDecrypter(block, sealed[:size]).CryptBlocks(plain, sealed[size:])
	padding := int(plain[len(plain)-1])
	if padding == 0 || padding > size {
		return nil, errors.New("the padding is wrong")
	}
	return plain[:len(plain)-padding], nil
}

// openGCM opens what begins with its nonce (section 5.2.4).
func openGCM(block cipher.Block, sealed []byte) ([]byte, error) {
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	if len(sealed) < gcm.NonceSize() {
		return nil, errors.New("the content is cut")
	}
	return gcm.Open(nil, sealed[:gcm.NonceSize()], sealed[gcm.NonceSize():], nil)
}
