package pages

import (
	"github.com/cenote-id/cenote/internal/door"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/signin"
)

// A pool that tracks devices remembers the browser as one: at once, or where it asks its users first, if the person ticks the box.

// browserDevices are the devices that the browser says it is.
func (v *visit) browserDevices() []signin.BrowserDevice {
	var out []signin.BrowserDevice
	for _, d := range v.Door.Cookies.Devices(v.r, v.Pool.ID) {
		out = append(out, signin.BrowserDevice(d))
	}
	return out
}

// offersMemory reports whether the sign-in page has the box. Where every sign-in has a second factor, the page that asks for it has the box.
func (v *visit) offersMemory() bool {
	return v.Pool.AsksToRemember() && v.Pool.MFA() != pool.MFARequired && len(v.Door.Cookies.Devices(v.r, v.Pool.ID)) == 0
}

// offersMemory reports whether the page of a later step has the box.
func (f *flow) offersMemory(v *visit) bool {
	return v.Pool.AsksToRemember() && !f.Remember && !f.External
}

// remember keeps the browser as the user's device, if it is a new one and the pool and the person want that.
func (d *Door) remember(v *visit, f *flow, g *signin.Grant) error {
	if g.NewDevice == nil || v.Pool.AsksToRemember() && !f.Remember {
		return nil
	}
	device, err := d.SignIn.RememberBrowser(v.ctx(), v.Pool, g)
	if err != nil {
		return err
	}
	d.Cookies.AddDevice(v.w, v.r, v.Pool.ID, door.BrowserDevice(device))
	return nil
}
