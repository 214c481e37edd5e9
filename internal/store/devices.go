package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
)

// selectDevice begins every statement that loads devices; scanDevice reads its rows.
const selectDevice = `select user_id, device_key, name, remembered, verifier, last_ip, created, modified, authenticated from devices `

// longestRefresh is how long a refresh token can live: the longest validity that a client can have.
const longestRefresh = 3650 * 24 * time.Hour

// InsertDevice stores a device that a user confirms; it reports false, and changes nothing, when the user has confirmed it before.
func (tx *Tx) InsertDevice(p *pool.Pool, d *user.Device) (inserted bool, err error) {
	n, err := tx.exec(`insert into devices (pool_id, user_id, device_key, name, remembered, verifier, last_ip, created, modified, authenticated)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (pool_id, user_id, device_key) do nothing`,
		p.ID, d.UserID, d.Key, d.Name, d.Remembered, p.Key.Seal(d.Verifier.Bytes(), p.ID, "devices", d.UserID, d.Key), d.LastIP,
		micros(d.Created), micros(d.Modified), micros(d.Authenticated))
	if err != nil {
		return false, fmt.Errorf("insert device: %w", err)
	}
	return n == 1, nil
}

// SaveDevice stores what can change of a device: whether it is remembered, and its times and address. user.DeviceNotFound when it
// is gone.
func (tx *Tx) SaveDevice(p *pool.Pool, d *user.Device) error {
	n, err := tx.exec(`update devices set remembered = $4, last_ip = $5, modified = $6, authenticated = $7
		where pool_id = $1 and user_id = $2 and device_key = $3`,
		p.ID, d.UserID, d.Key, d.Remembered, d.LastIP, micros(d.Modified), micros(d.Authenticated))
	if err != nil {
		return fmt.Errorf("save device: %w", err)
	}
	if n == 0 {
		return user.DeviceNotFound()
	}
	return nil
}

// Device loads a device of a user; user.DeviceNotFound when there is none.
func (tx *Tx) Device(p *pool.Pool, userID, key string) (*user.Device, error) {
	d, err := tx.scanDevice(p)(tx.queryRow(selectDevice+`where pool_id = $1 and user_id = $2 and device_key = $3`, p.ID, userID, key))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, user.DeviceNotFound()
	}
	return d, err
}

// Devices lists the devices of a user by key, those after the given one ("" for the first), at most limit (0 for all).
func (tx *Tx) Devices(p *pool.Pool, userID, after string, limit int) ([]*user.Device, error) {
	return collect(tx.query(selectDevice+`where pool_id = $1 and user_id = $2 and device_key > $3 order by device_key limit cast($4 as bigint)`,
		p.ID, userID, after, rowLimit(limit)), tx.scanDevice(p))
}

// ForgetDevice removes a device of a user and revokes the refresh tokens that were issued to it; user.DeviceNotFound when there is
// none.
func (tx *Tx) ForgetDevice(p *pool.Pool, userID, key string, now time.Time) error {
	n, err := tx.exec(`delete from devices where pool_id = $1 and user_id = $2 and device_key = $3`, p.ID, userID, key)
	if err != nil {
		return fmt.Errorf("forget device: %w", err)
	}
	if n == 0 {
		return user.DeviceNotFound()
	}
	return tx.RevokeOrigin(p.ID, deviceOrigin(key), now.Add(longestRefresh))
}

// DeviceForgotten reports whether the user once confirmed the device and forgot it. No device ("") was never forgotten.
func (tx *Tx) DeviceForgotten(p *pool.Pool, key string) (bool, error) {
	if key == "" {
		return false, nil
	}
	return tx.OriginRevoked(p.ID, deviceOrigin(key))
}

// deviceOrigin is how the revocation of a device's tokens is kept, among those of sign-ins.
func deviceOrigin(key string) string { return "device:" + key }

func (tx *Tx) scanDevice(p *pool.Pool) func(scanner) (*user.Device, error) {
	return func(r scanner) (*user.Device, error) {
		d := &user.Device{PoolID: p.ID}
		var sealed []byte
		var created, modified, authenticated int64
		err := r.Scan(&d.UserID, &d.Key, &d.Name, &d.Remembered, &sealed, &d.LastIP, &created, &modified, &authenticated)
		if err != nil {
			return nil, err
		}
		tx.present(devicesAhead, []*int64{&created, &modified, &authenticated}, p.ID, d.UserID, d.Key)
		d.Created, d.Modified, d.Authenticated = fromMicros(created), fromMicros(modified), fromMicros(authenticated)
		plain, err := p.Key.Open(sealed, p.ID, "devices", d.UserID, d.Key)
		if err == nil {
			d.Verifier, err = credential.ParseVerifier(plain)
		}
		if err != nil {
			return nil, fmt.Errorf("load device %s: %w", d.Key, err)
		}
		return d, nil
	}
}
