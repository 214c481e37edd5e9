package operate

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"

	"filippo.io/age"

	"github.com/cenote-id/cenote/internal/archive"
	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/store"
)

// Exported says what an archive holds.
type Exported struct{ Pools, Users, IdentityPools, Identities int64 }

// of returns what counts the rows of a table; nil for nothing.
func (d *Exported) of(table string) *int64 {
	return map[string]*int64{"pools": &d.Pools, "users": &d.Users, "identity_pools": &d.IdentityPools, "pool_identities": &d.Identities}[table]
}

// Export writes user pools and identity pools, or all when none is named, to an archive at the path, as they are at one moment. Unless it is forced, it does
// not replace a file. progress gets the part that is done, from 0 to 1.
func (d *Data) Export(ctx context.Context, pools []string, to string, force bool, recipients []age.Recipient, progress func(part float64)) (did Exported, err error) {
	read := archived{File: absolute(to), Pools: pools}
	err = d.act(ctx, "export", read.only(), &read, func(ctx context.Context) error {
		return replaceFile(to, force, d.files, func(to string) error {
			did, err = d.export(ctx, pools, to, recipients, progress)
			return err
		})
	})
	return did, err
}

// archived is what the audit log tells of an export or an import.
type archived struct {
	File  string
	Pools []string `json:",omitzero"` // none: all
}

// absolute is a path as the audit log tells it, which may be read in another folder.
func absolute(path string) string {
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return path
}

// only returns the pool, if there is one alone.
func (a archived) only() string {
	if len(a.Pools) == 1 {
		return a.Pools[0]
	}
	return ""
}

func (d *Data) export(ctx context.Context, pools []string, to string, recipients []age.Recipient, progress func(part float64)) (did Exported, err error) {
	f, err := store.CreateCopy(filepath.Dir(to))
	if err != nil {
		return did, err
	}
	encrypt := func() (io.WriteCloser, error) {
		if err := errors.Join(f.Truncate(0), rewind(f)); err != nil {
			return nil, err
		}
		return age.Encrypt(f, recipients...)
	}
	encrypted, err := encrypt() // before the View: the key of a passphrase may take longer than a transaction may idle
	if err == nil {
		err = d.View(ctx, func(tx *store.Tx) (err error) {
			if encrypted == nil { // the View begins again
				if encrypted, err = encrypt(); err != nil {
					return err
				}
			}
			to := encrypted
			encrypted = nil
			did, err = d.writePools(tx, pools, to, progress)
			return err
		})
	}
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return did, errors.Join(err, os.Remove(f.Name()))
	}
	if err := os.Link(f.Name(), to); err != nil { // which, unlike a rename, replaces no file
		return did, errors.Join(err, os.Remove(f.Name()))
	}
	return did, errors.Join(os.Remove(f.Name()), syncDir(filepath.Dir(to)))
}

func rewind(f *os.File) error {
	_, err := f.Seek(0, io.SeekStart)
	return err
}

// writePools writes an archive of pools and closes it.
func (d *Data) writePools(tx *store.Tx, pools []string, encrypted io.WriteCloser, progress func(part float64)) (did Exported, err error) {
	if pools, err = wantPools(tx, pools); err != nil {
		return did, err
	}
	h := archive.Header{Version: 1, Schema: store.SchemaVersion(), Created: d.now().UTC(), Pools: len(pools), Master: make([]byte, seal.KeySize)}
	for _, id := range pools {
		if identity.IsID(id) {
			h.Version = 2
		}
		for _, table := range store.ArchiveTables(id) {
			n, err := tx.CountRows(table, id)
			if err != nil {
				return did, err
			}
			h.Rows += n
			if count := did.of(table); count != nil {
				*count += n
			}
		}
	}
	rand.Read(h.Master)
	master, err := seal.NewMaster(h.Master)
	if err != nil {
		return did, err
	}
	w, err := archive.NewWriter(encrypted, h)
	if err != nil {
		return did, err
	}
	rows := int64(0)
	for _, id := range pools {
		if err := w.Pool(id); err != nil {
			return did, err
		}
		for _, table := range store.ArchiveTables(id) {
			err := tx.Archive(table, id, master, func(columns []store.Column) error {
				return w.Table(archive.Table{Name: table, Columns: columns})
			}, func(row []any) error {
				if rows++; rows%1024 == 0 {
					progress(float64(rows) / float64(h.Rows))
				}
				return w.Row(row)
			})
			if err != nil {
				return did, err
			}
		}
	}
	return did, w.Close()
}

// wantPools makes sure that the pools exist. None are all of them.
func wantPools(tx *store.Tx, ids []string) ([]string, error) {
	all, err := tx.PoolIDs()
	if err != nil {
		return nil, err
	}
	identityPools, err := tx.IdentityPoolIDs()
	if err != nil {
		return nil, err
	}
	if all = append(all, identityPools...); len(ids) == 0 {
		return all, nil
	}
	for _, id := range ids {
		found := false
		for _, a := range all {
			found = found || a == id
		}
		if !found && identity.IsID(id) {
			return nil, identity.PoolNotFound(id)
		}
		if !found {
			return nil, pool.NotFound(id)
		}
	}
	return ids, nil
}
