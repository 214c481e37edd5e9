package client

import (
	"context"
)

// keyPrefix starts the keys of what is stored for a user of that name.
func (u *User) keyPrefix(username string) string { return u.pool.keyPrefix() + username + "." }

// StoredSession returns the session in the storage as it is, expired or not. The error is ErrNoSession when there is none.
func (u *User) StoredSession(ctx context.Context) (*Session, error) {
	prefix := u.keyPrefix(u.Username())
	items, err := u.pool.storage.Get(ctx, prefix+keyIDToken, prefix+keyAccessToken, prefix+keyRefreshToken, prefix+keyClockDrift)
	if err != nil {
		return nil, err
	}
	s := readSession(items, prefix)
	if s == nil {
		return nil, ErrNoSession
	}
	return s, nil
}

// SetSession stores a session and makes its user the current one of the pool.
func (u *User) SetSession(ctx context.Context, s *Session) error { return u.store(ctx, s, nil) }

// store keeps a session, and a new device along with it, in one step.
func (u *User) store(ctx context.Context, s *Session, d *device) error {
	if name := s.AccessToken.claim("username"); name != "" {
		u.rename(name)
	}
	items := s.items(u.keyPrefix(u.Username()))
	items[u.pool.keyPrefix()+"LastAuthUser"] = u.Username()
	if d != nil {
		for _, name := range u.names() {
			d.addTo(items, u.keyPrefix(name))
		}
	}
	return u.pool.storage.Set(ctx, items)
}

// forget removes the session and what is known about the user from the storage. The device stays.
func (u *User) forget(ctx context.Context) error {
	last := u.pool.keyPrefix() + "LastAuthUser"
	prefix := u.keyPrefix(u.Username())
	keys := []string{prefix + keyIDToken, prefix + keyAccessToken, prefix + keyRefreshToken, prefix + keyClockDrift, prefix + keyUserData}
	items, err := u.pool.storage.Get(ctx, last)
	if err != nil {
		return err
	}
	if items[last] == u.Username() {
		keys = append(keys, last)
	}
	return u.pool.storage.Remove(ctx, keys...)
}
