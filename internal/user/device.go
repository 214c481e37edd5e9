package user

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
)

// What devices and phantoms need of the pool's data key.
const (
	devicePurpose  = "device key"
	groupPurpose   = "device group"
	phantomPurpose = "phantom"
)

// LastingPurposes are those for which a pool's data key derives what outlives it: devices keep proving themselves under their group key, and a
// phantom that changed would give itself away.
func LastingPurposes() []string { return []string{groupPurpose, phantomPurpose} }

// Device is a device that a user has confirmed: it can prove itself by a password of its own, over SRP.
type Device struct {
	PoolID        string
	UserID        string
	Key           string // <region>_<uuid>
	Name          string
	Remembered    bool
	Verifier      credential.Verifier
	LastIP        string
	Created       time.Time
	Modified      time.Time
	Authenticated time.Time // the last sign-in with it
}

// NewDeviceKey draws the key of a device that its user has not confirmed yet. Nothing is stored for it: half of the key tells that it was
// issued, and to whom.
func NewDeviceKey(p *pool.Pool, userID string) string {
	id := uuid.New()
	copy(id[8:], deviceKeyTag(p.Key.Derive(devicePurpose), userID, id))
	return deviceKeyPrefix(p) + id.String()
}

// deviceKeyPrefix is what comes before the UUID. Of a region's name it has 18 characters, more than any region of AWS has: a device key that
// is sent back has 55 at most.
func deviceKeyPrefix(p *pool.Pool) string {
	region := p.Region()
	return region[:min(len(region), 18)] + "_"
}

// IssuedDeviceKey reports whether the key was issued at a sign-in of the user, whichever it was.
func IssuedDeviceKey(p *pool.Pool, userID, key string) bool {
	text, ok := strings.CutPrefix(key, deviceKeyPrefix(p))
	id, err := uuid.Parse(text)
	if !ok || err != nil {
		return false
	}
	return slices.ContainsFunc(p.Key.DeriveAll(devicePurpose), func(key []byte) bool {
		return hmac.Equal(id[8:], deviceKeyTag(key, userID, id))
	})
}

// deviceKeyTag returns the second half of a device key, in the form of a UUID of version 4.
func deviceKeyTag(key []byte, userID string, id uuid.UUID) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(id[:8])
	mac.Write([]byte(userID))
	tag := mac.Sum(nil)[:8]
	tag[0] = tag[0]&0x3f | 0x80
	return tag
}

// DeviceGroupKey returns what stands for the pool's name in the SRP of a device: a dash and eight characters. It follows from
// the device's key, so that it is the same whenever it is asked for.
func DeviceGroupKey(p *pool.Pool, deviceKey string) string {
	mac := hmac.New(sha256.New, p.Key.Derive(groupPurpose))
	mac.Write([]byte(deviceKey))
	return "-" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:6])
}

// NewDevice returns a device that its user confirms. Unless the pool asks the user first, it is remembered at once.
func NewDevice(p *pool.Pool, u *User, key, name string, v credential.Verifier, ip string, now time.Time) *Device {
	return &Device{
		PoolID: p.ID, UserID: u.ID, Key: key, Name: name, Remembered: !p.AsksToRemember(), Verifier: v, LastIP: ip,
		Created: now, Modified: now, Authenticated: now,
	}
}

// ReplacesMFA reports whether the device replaces the second factor at a sign-in.
func (d *Device) ReplacesMFA(p *pool.Pool) bool { return d.Remembered && p.TrustsDevices() }

// SignedIn notes a sign-in with the device from the address.
func (d *Device) SignedIn(ip string, now time.Time) {
	d.Authenticated = now
	if ip != "" {
		d.LastIP = ip
	}
}

// Remember changes whether the device is remembered.
func (d *Device) Remember(remembered bool, now time.Time) {
	d.Remembered, d.Modified = remembered, now
}

// DeviceNotFound is the answer for a device key that the user has not confirmed, or has forgotten. Clients compare the text, drop
// what they know of the device and go on without it.
func DeviceNotFound() *fault.Error {
	return fault.New(fault.ResourceNotFound, "Device does not exist.")
}

// CheckTracking refuses the operations of devices in a pool that tracks none. Text observed.
func CheckTracking(p *pool.Pool) error {
	if !p.TracksDevices() {
		return fault.New(fault.InvalidUserPoolConfiguration, "Device tracking not currently enabled for this pool.")
	}
	return nil
}
