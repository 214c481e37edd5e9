package srp

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"

	"github.com/cenote-id/cenote/internal/srpgroup"
)

// DeviceSecret is what a new device makes for ConfirmDevice: a password that it keeps, and the verifier of that password for the server. It
// prints as "[hidden]".
type DeviceSecret struct {
	Password string // 40 random bytes in base64
	Salt     string // DeviceSecretVerifierConfig.Salt: a big-endian integer in base64
	Verifier string // DeviceSecretVerifierConfig.PasswordVerifier, likewise
}

// NewDeviceSecret draws a password for the device of NewDeviceMetadata.
func NewDeviceSecret(groupKey, deviceKey string) DeviceSecret {
	var random [40]byte
	var salt [16]byte
	rand.Read(random[:])
	rand.Read(salt[:])
	password := base64.StdEncoding.EncodeToString(random[:])
	return newDeviceSecret(groupKey, deviceKey, password, salt[:])
}

func newDeviceSecret(groupKey, deviceKey, password string, salt []byte) DeviceSecret {
	verifier := generatorPower(privateKey(salt, groupKey, deviceKey, password)).Bytes(modulus)
	return DeviceSecret{
		Password: password,
		Salt:     base64.StdEncoding.EncodeToString(srpgroup.Pad(salt)),
		Verifier: base64.StdEncoding.EncodeToString(srpgroup.Pad(verifier)),
	}
}

// Format writes "[hidden]" for every verb.
func (DeviceSecret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue returns "[hidden]".
func (DeviceSecret) LogValue() slog.Value { return slog.StringValue(hidden) }
