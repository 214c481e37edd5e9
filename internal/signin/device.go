package signin

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
)

// present looks up the device of the key that the client sent. A pool that tracks no devices does not look at it. A phantom has none.
func (w *person) present(tx *store.Tx, p *pool.Pool, key string) error {
	if key == "" || !p.TracksDevices() {
		return nil
	}
	d, err := tx.Device(p, w.user.ID, key)
	if fault.Is(err, fault.ResourceNotFound) {
		w.stranger = true
		return nil
	}
	w.device = d
	return err
}

// checkPresented refuses an answer with the key of an unknown device. Nothing is consumed by that: clients drop the key and send the
// same answer again.
//
// A key that came earlier, with the start of a sign-in of several steps, is ignored when it is unknown. Clients recover at the
// answer only, and then the key of the start must not stand in their way.
func (w *person) checkPresented(a Answer, attempt *Attempt) error {
	switch {
	case !w.stranger:
		return nil
	case a.Device != "":
		return user.DeviceNotFound()
	}
	w.stranger, attempt.DeviceKey = false, ""
	return nil
}

// deviceOf returns the key of the device that a complete sign-in came from. In a pool that tracks devices, one that was not presented
// gets a new key, under which the user may confirm it.
func (m *Machine) deviceOf(ctx context.Context, r Request, w *person) (key string, fresh *NewDevice, err error) {
	switch {
	case w.device != nil && !w.noted:
		err = m.Store.Update(ctx, func(tx *store.Tx) error { return m.note(ctx, tx, r, w) })
		return w.device.Key, nil, err
	case w.device != nil:
		return w.device.Key, nil, nil
	case r.Pool.TracksDevices():
		key = user.NewDeviceKey(r.Pool, w.user.ID)
		return key, &NewDevice{Key: key, GroupKey: user.DeviceGroupKey(r.Pool, key)}, nil
	}
	return "", nil, nil
}

// checkDeviceOf refuses to refresh tokens without a device that the user has confirmed, while the pool tracks devices: that of the sign-in or,
// when it was never confirmed, another one, since a client may have confirmed the key of another sign-in. Tokens that belong to no device,
// from before the pool tracked any, are let through: no client could present a key for them. Nor does one for tokens of the OAuth endpoints,
// which can always be refreshed (documented).
func checkDeviceOf(tx *store.Tx, p *pool.Pool, r *token.Refresh, presented string) error {
	if r.DeviceKey == "" || !p.TracksDevices() || r.Hosted {
		return nil
	}
	confirmed := func(key string) (bool, error) {
		_, err := tx.Device(p, r.Subject, key)
		if fault.Is(err, fault.ResourceNotFound) {
			return false, nil
		}
		return err == nil, err
	}
	ok, err := confirmed(r.DeviceKey)
	if err == nil && presented != r.DeviceKey {
		if ok {
			return token.InvalidRefresh()
		}
		ok, err = confirmed(presented)
	}
	if err == nil && !ok {
		return token.InvalidRefresh()
	}
	return err
}
