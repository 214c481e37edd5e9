package store

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/seal"
)

const (
	// metaMaster is the name of the value that tells the database's master key: the one that seals, whichever order a node has its
	// keys in.
	metaMaster = "master.check"

	// metaEarlier begins the names of the values that tell, by its id, a master key which something may still be sealed under. They are
	// there while a rotation is unfinished.
	metaEarlier = "master.earlier."
)

// MasterBound reports whether the database has a master key, and fails when Options.Master lacks that key or an earlier one that is still
// needed.
func (tx *Tx) MasterBound() (bool, error) {
	values, err := collect(tx.query(selectMasters), func(r scanner) (v metaValue, err error) { return v, r.Scan(&v.name, &v.text) })
	if err != nil {
		return false, err
	}
	return boundTo(tx.store.master, values)
}

// metaValue is a row of meta.
type metaValue struct{ name, text string }

// selectMasters reads what boundTo looks at.
const selectMasters = `select name, value from meta where name >= 'master.' and name < 'master/' order by name`

// boundTo reports whether the values, which are those of selectMasters, tell a master key, and fails when the given one, which may be nil, lacks
// that key or an earlier one that is still needed.
func boundTo(master *seal.Master, values []metaValue) (bool, error) {
	checks := map[string][]byte{}
	for _, v := range values {
		check, err := base64.StdEncoding.DecodeString(v.text)
		if err != nil {
			return true, fmt.Errorf("read %s: %w", v.name, err)
		}
		checks[v.name] = check
	}
	check, found := checks[metaMaster]
	switch {
	case !found:
		return false, nil
	case master == nil:
		return true, ErrNoMaster
	}
	if err := master.Check(check); err != nil {
		return true, err
	}
	for _, name := range slices.Sorted(maps.Keys(checks)) {
		id, earlier := strings.CutPrefix(name, metaEarlier)
		if !earlier {
			continue
		}
		if _, err := master.LedBy(checks[name]); err != nil {
			return true, fmt.Errorf("the rotation of the master key is not finished: the earlier key with id %s is still needed, until "+
				"'cenote key rotate-master' has run to its end: %w", id, err)
		}
	}
	return true, nil
}

// HasMaster reports whether the database has a master key, which need not be known.
func (tx *Tx) HasMaster() (bool, error) {
	_, found, err := tx.Meta(metaMaster)
	return found, err
}

// BindMaster makes the first key of Options.Master that of a new database; ErrExists when it has one.
func (tx *Tx) BindMaster() error {
	return tx.AddMeta(metaMaster, base64.StdEncoding.EncodeToString(tx.store.master.NewCheck()))
}

// sealer returns the master keys, the database's own first. Whoever seals asks in the transaction that stores the result: so nothing
// is stored under a key from which a rotation has already moved on, even by a node that has its keys in another order.
func (tx *Tx) sealer() (*seal.Master, error) {
	if tx.store.master == nil {
		return nil, ErrNoMaster
	}
	check, found, err := tx.metaBytes(metaMaster)
	if err != nil {
		return nil, err
	}
	if !found { // a store without an operator, in tests
		return tx.store.master, nil
	}
	m, err := tx.store.master.LedBy(check)
	if err != nil {
		return nil, fmt.Errorf("the master key of the database: %w", err)
	}
	return m, nil
}

// MasterState says how the keys of Options.Master stand to the database.
type MasterState struct {
	First      bool // the first one is the database's
	Unfinished bool // something may still be sealed under an earlier one
}

// MasterState reads how the keys stand.
func (tx *Tx) MasterState() (s MasterState, err error) {
	check, found, err := tx.metaBytes(metaMaster)
	if err != nil || !found {
		return s, err
	}
	earlier, err := tx.MetaNames(metaEarlier)
	return MasterState{First: !tx.store.master.Stale(check), Unfinished: len(earlier) > 0}, err
}

// RotateMaster makes the first key of Options.Master the database's, and seals under it whatever is sealed under another one. It works in
// short transactions beside running servers, which need to have the key too. After an interruption it is simply run again. It
// returns how many values it sealed; progress is told the number so far.
func (s *Store) RotateMaster(ctx context.Context, progress func(sealed int)) (sealed int, err error) {
	if s.master == nil {
		return 0, ErrNoMaster
	}
	if err := s.Update(ctx, (*Tx).changeMaster); err != nil {
		return 0, fmt.Errorf("change the master key: %w", err)
	}
	for { // the last round finds nothing to do, which proves that nothing is left
		n, err := s.resealAll(ctx, func(n int) { progress(sealed + n) })
		if sealed += n; err != nil {
			return sealed, err
		}
		if n == 0 {
			break
		}
	}
	return sealed, s.Update(ctx, (*Tx).forgetEarlierMasters)
}

// changeMaster lets the database seal under the first key from now on, and notes that the one before is still needed.
func (tx *Tx) changeMaster() error {
	before, err := tx.sealer()
	if err != nil {
		return err
	}
	if before.KeyID() == tx.store.master.KeyID() {
		return nil
	}
	err = tx.SetMeta(metaEarlier+before.KeyID(), base64.StdEncoding.EncodeToString(before.NewCheck()))
	if err != nil {
		return err
	}
	return tx.SetMeta(metaMaster, base64.StdEncoding.EncodeToString(tx.store.master.NewCheck()))
}

// forgetEarlierMasters ends a rotation.
func (tx *Tx) forgetEarlierMasters() error {
	if err := tx.wantFirst(); err != nil {
		return err
	}
	earlier, err := tx.MetaNames(metaEarlier)
	if err != nil {
		return err
	}
	for _, name := range earlier {
		if _, err := tx.exec(`delete from meta where name = $1`, name); err != nil {
			return err
		}
	}
	return nil
}

// ErrOvertaken ends a rotation of the master key.
var ErrOvertaken = errors.New("another rotation of the master key, to another key, has begun")

// wantFirst stops a rotation that another one, to another key, has overtaken.
func (tx *Tx) wantFirst() error {
	master, err := tx.sealer()
	if err != nil {
		return err
	}
	if master.KeyID() != tx.store.master.KeyID() {
		return ErrOvertaken
	}
	return nil
}

// masterColumn is a column that the master key seals.
type masterColumn struct {
	page, save string // statements: rows after an id, at most so many; and a row's new value
	reseal     func(m *seal.Master, id string, sealed []byte) ([]byte, bool, error)
}

var masterColumns = []masterColumn{
	{
		`select pool_id, data_key from pools where pool_id > $1 order by pool_id limit cast($2 as bigint)`,
		`update pools set data_key = $2 where pool_id = $1`,
		func(m *seal.Master, _ string, sealed []byte) ([]byte, bool, error) { return m.Rewrap(sealed) },
	},
	{
		`select id, secret from access_keys where id > $1 order by id limit cast($2 as bigint)`,
		`update access_keys set secret = $2 where id = $1`,
		func(m *seal.Master, id string, sealed []byte) ([]byte, bool, error) {
			return m.Reseal(sealed, "access_keys", id, "secret")
		},
	},
	{
		`select id, secret from vended_keys where id > $1 order by id limit cast($2 as bigint)`,
		`update vended_keys set secret = $2 where id = $1`,
		func(m *seal.Master, id string, sealed []byte) ([]byte, bool, error) {
			return m.Reseal(sealed, "vended_keys", id)
		},
	},
}

// resealRows is how many rows one transaction of a rotation looks at.
const resealRows = 100

// resealAll goes once through everything that the master key seals.
func (s *Store) resealAll(ctx context.Context, progress func(int)) (sealed int, err error) {
	for i := range masterColumns {
		for after := ""; ; {
			var last string
			var n int
			err := s.Update(ctx, func(tx *Tx) (err error) {
				last, n, err = tx.resealPage(&masterColumns[i], after)
				return err
			})
			if err != nil {
				return sealed, err
			}
			sealed += n
			progress(sealed)
			if after = last; last == "" {
				break
			}
		}
	}
	var n int
	err = s.Update(ctx, func(tx *Tx) (err error) { n, err = tx.resealSecrets(); return err })
	return sealed + n, err
}

// resealPage seals some rows again. It returns the id of the last one it looked at; "" when there are no more.
func (tx *Tx) resealPage(c *masterColumn, after string) (last string, sealed int, err error) {
	if err := tx.wantFirst(); err != nil {
		return "", 0, err
	}
	type sealedRow struct {
		id    string
		value []byte
	}
	rows, err := collect(tx.query(c.page, after, resealRows), func(r scanner) (v sealedRow, err error) {
		err = r.Scan(&v.id, &v.value)
		return v, err
	})
	if err != nil {
		return "", 0, err
	}
	for _, r := range rows {
		value, changed, err := c.reseal(tx.store.master, r.id, r.value)
		if err != nil {
			return "", 0, fmt.Errorf("seal the secret of %s again: %w", r.id, err)
		}
		if !changed {
			continue
		}
		if _, err := tx.exec(c.save, r.id, value); err != nil {
			return "", 0, err
		}
		sealed++
	}
	if len(rows) == resealRows {
		last = rows[len(rows)-1].id
	}
	return last, sealed, nil
}

// resealSecrets seals the server-wide secrets again.
func (tx *Tx) resealSecrets() (sealed int, err error) {
	if err := tx.wantFirst(); err != nil {
		return 0, err
	}
	for _, name := range secrets {
		value, found, err := tx.metaBytes(string(name))
		if err != nil {
			return 0, err
		}
		if !found {
			continue
		}
		value, changed, err := tx.store.master.Reseal(value, string(name))
		if err != nil {
			return 0, fmt.Errorf("seal %s again: %w", name, err)
		}
		if !changed {
			continue
		}
		if err := tx.SetMeta(string(name), base64.StdEncoding.EncodeToString(value)); err != nil {
			return 0, err
		}
		sealed++
	}
	return sealed, nil
}
