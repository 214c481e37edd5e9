package user

import (
	"time"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/pool"
)

// Device is a device that a user has confirmed: it can prove itself by a password of its own, over SRP.
type Device struct {
	PoolID        string
	UserID        string
	Key           string // <region>_<uuid>
	GroupKey      string // takes the place of the pool's name in the device's SRP
	Name          string
	Remembered    bool
	Verifier      credential.Verifier
	LastIP        string
	Created       time.Time
	Modified      time.Time
	Authenticated time.Time
}

// ReplacesMFA reports whether the device takes the place of a second factor at a sign-in.
func (d *Device) ReplacesMFA(p *pool.Pool) bool {
	c := p.Settings.DeviceConfiguration
	return d.Remembered && c != nil && c.ChallengeRequiredOnNewDevice != nil && *c.ChallengeRequiredOnNewDevice
}
