package signin

import (
	"context"
	"crypto/rand"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// BrowserDevice is a device that is a browser on the pages. It proves itself by the password that was made up for it, which a program would
// never send.
type BrowserDevice struct {
	Key    string
	Secret string
}

// recognize finds the user's device among those that the browser says it is. A key of somebody else, a device that was forgotten and a wrong
// secret are no device at all: the person is asked for what a new one is asked for.
func (w *person) recognize(tx *store.Tx, p *pool.Pool, browser []BrowserDevice) error {
	if !p.TracksDevices() {
		return nil
	}
	for _, b := range browser {
		if !user.IssuedDeviceKey(p, w.user.ID, b.Key) {
			continue
		}
		d, err := tx.Device(p, w.user.ID, b.Key)
		switch {
		case fault.Is(err, fault.ResourceNotFound):
		case err != nil:
			return err
		case d.Verifier.Matches(user.DeviceGroupKey(p, d.Key), d.Key, b.Secret):
			w.device, w.proven = d, true
			return nil
		}
	}
	return nil
}

// RememberBrowser confirms the new device of a sign-in by the pages, as ConfirmDevice does, and remembers it. It returns what the browser has
// to keep.
func (m *Machine) RememberBrowser(ctx context.Context, p *pool.Pool, g *Grant) (BrowserDevice, error) {
	b := BrowserDevice{Key: g.NewDevice.Key, Secret: rand.Text() + rand.Text()}
	v := credential.NewVerifier(g.NewDevice.GroupKey, b.Key, b.Secret)
	by := caller.From(ctx).User()
	err := m.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := tx.UserByID(p, g.UserID)
		if err != nil {
			return err
		}
		d := user.NewDevice(p, u, b.Key, DeviceName(by), v, by.SourceIP, m.Now())
		d.Remember(true, d.Created)
		_, err = tx.InsertDevice(p, d) // the key is new
		return err
	})
	return b, err
}
