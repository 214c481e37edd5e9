package door

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	// deviceCookie is the cookie of a browser that is remembered as a device.
	deviceCookie = "cenote-device"
	// maxDevices bounds how many users' device a browser is on one host; the oldest gives way.
	maxDevices = 12
	// deviceLife is how long a browser is remembered after it was; browsers keep no cookie for longer.
	deviceLife = 400 * 24 * time.Hour
)

// BrowserDevice is the key of a device that the browser is to a user of a pool, and its secret.
type BrowserDevice struct{ Key, Secret string }

// deviceName returns the name of the cookie. By HTTPS it has a prefix with which browsers take it from this host alone.
func (c Cookies) deviceName(r *http.Request) string {
	if c.secure(r) {
		return "__Host-" + deviceCookie
	}
	return deviceCookie
}

// Devices returns what the browser says it is to users of the pool, the newest first.
func (c Cookies) Devices(r *http.Request, poolID string) []BrowserDevice {
	var out []BrowserDevice
	for _, entry := range c.devices(r) {
		if d := strings.Split(entry, ":"); len(d) == 3 && d[0] == poolID {
			out = append(out, BrowserDevice{d[1], d[2]})
		}
	}
	return out
}

// AddDevice keeps that the browser is a device of a user of the pool. It comes before the others, of this pool and of others on the host.
func (c Cookies) AddDevice(w http.ResponseWriter, r *http.Request, poolID string, d BrowserDevice) {
	kept := slices.Concat([]string{poolID + ":" + d.Key + ":" + d.Secret}, c.devices(r))
	c.Set(w, r, http.Cookie{
		Name: c.deviceName(r), Value: strings.Join(kept[:min(len(kept), maxDevices)], "/"), MaxAge: int(deviceLife.Seconds()), SameSite: http.SameSiteLaxMode,
	})
}

// devices returns the entries of the cookie, each a pool's id, a device's key and its secret, with colons between.
func (c Cookies) devices(r *http.Request) []string {
	cookie, err := r.Cookie(c.deviceName(r))
	if err != nil {
		return nil
	}
	entries := strings.Split(cookie.Value, "/")
	return entries[:min(len(entries), maxDevices)]
}
