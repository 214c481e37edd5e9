package operate

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"filippo.io/age"

	"github.com/cenote-id/cenote/internal/archive"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/store"
)

// Imported says what was restored, or would be.
type Imported struct {
	Pools []string // user pools and identity pools
	Exported
}

// importRows and importBytes bound what is written in one transaction, and held in memory.
const (
	importRows  = 2048
	importBytes = 2 << 20
)

// Import restores the pools of an archive under their ids. The archive is read to its end first, and refused as a whole when it is cut,
// altered, of a newer version or for another key, or when a pool, an app client or a domain of it exists. The pools appear all at once,
// or not at all; of one that is interrupted, nothing stays. With dry, nothing is written. progress gets the part that is done, from 0 to 1.
func (d *Data) Import(ctx context.Context, from string, identities []age.Identity, dry bool, progress func(part float64)) (did Imported, err error) {
	f, err := os.Open(from)
	if err != nil {
		return did, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	now := d.now()
	if err := d.SweepRestores(ctx, now); err != nil { // where no server runs that does
		return did, err
	}
	checking := progress
	if !dry {
		checking = func(part float64) { progress(part / 4) }
	}
	in := &importing{Data: d, file: f, identities: identities, progress: checking}
	err = in.read(ctx, in.check)
	if err == nil && len(in.pools) != len(in.did.Pools) { // a pool lacks the row that makes it
		err = archive.ErrDamaged
	}
	if dry {
		return in.did, told(err)
	}
	did, read := in.did, archived{File: absolute(from), Pools: in.did.Pools}
	err = d.act(ctx, "import", read.only(), &read, func(ctx context.Context) error {
		if err != nil {
			return err
		}
		in.progress = func(part float64) { progress(0.25 + part*3/4) }
		return in.restore(ctx)
	})
	return did, err
}

// restore writes what has been checked.
func (in *importing) restore(ctx context.Context) error {
	in.did, in.pools, in.token = Imported{}, nil, rand.Text()
	err := in.read(ctx, in.write)
	if err == nil {
		err = in.appear(ctx)
	}
	if err != nil {
		return errors.Join(err, in.AbandonRestores(context.WithoutCancel(ctx), in.token))
	}
	return nil
}

// importing is an import under way.
type importing struct {
	*Data
	file       *os.File
	identities []age.Identity
	progress   func(part float64)
	token      string
	master     *seal.Master // of the archive
	did        Imported
	pools      []poolRow // to be written last
}

// poolRow is what makes a pool visible. There is one of each pool.
type poolRow struct {
	id      string
	table   string
	columns []store.Column
	row     []any
}

// batch is rows of one table, or none at the beginning of a pool.
type batch struct {
	pool  string
	table *archive.Table
	rows  [][]any
	size  int // of the rows, in bytes
}

// read reads the archive from the beginning to the end, and passes its rows on.
func (in *importing) read(ctx context.Context, use func(context.Context, batch) error) error {
	if err := rewind(in.file); err != nil {
		return err
	}
	r, err := archive.NewReader(in.file, in.identities)
	if err != nil {
		return err
	}
	if in.master, err = seal.NewMaster(r.Header.Master); err != nil {
		return archive.ErrDamaged
	}
	if known := store.SchemaVersion(); r.Header.Schema > known {
		return fmt.Errorf("%w: its rows have schema %d, this cenote knows %d", archive.ErrNewer, r.Header.Schema, known)
	}
	if r.Header.Schema < store.ArchiveOldest {
		return fault.Newf(fault.InvalidParameter, "the archive is too old: its rows have schema %d, this cenote restores those from %d on", r.Header.Schema, store.ArchiveOldest)
	}
	var b batch
	flush := func() error {
		if len(b.rows) == 0 {
			return nil
		}
		err := use(ctx, b)
		b.rows, b.size = b.rows[:0], 0
		return err
	}
	for rows := int64(0); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		line, err := r.Next()
		if errors.Is(err, io.EOF) {
			return flush()
		}
		if err != nil {
			return err
		}
		if line.Row == nil || len(b.rows) == importRows || b.size >= importBytes {
			if err := flush(); err != nil {
				return err
			}
		}
		switch {
		case line.Table == nil:
			if err := use(ctx, batch{pool: line.Pool}); err != nil {
				return err
			}
		case line.Row == nil:
			if !slices.Contains(store.ArchiveTables(line.Pool), line.Table.Name) {
				return fmt.Errorf("%w: there is no table %q", archive.ErrDamaged, line.Table.Name)
			}
			b = batch{pool: line.Pool, table: line.Table, rows: b.rows[:0]}
		default:
			b.rows = append(b.rows, line.Row)
			b.size += size(line.Row)
			if rows++; rows%1024 == 0 {
				in.progress(min(1, float64(rows)/float64(max(r.Header.Rows, 1))))
			}
		}
	}
}

// size is about how many bytes a row has.
func size(row []any) (n int) {
	for _, v := range row {
		switch v := v.(type) {
		case string:
			n += len(v)
		case []byte:
			n += len(v)
		default:
			n += 8
		}
	}
	return n
}

// check looks whether what the batch brings exists.
func (in *importing) check(ctx context.Context, b batch) error {
	if b.table == nil {
		in.did.Pools = append(in.did.Pools, b.pool)
		return in.View(ctx, func(tx *store.Tx) error { return tx.WantPoolFree(b.pool) })
	}
	in.count(b)
	if store.Makes(b.table.Name) {
		in.pools = append(in.pools, poolRow{id: b.pool})
	}
	unique := store.UniqueColumn(b.table.Name)
	at := slices.IndexFunc(b.table.Columns, func(c store.Column) bool { return c.Name == unique })
	if unique == "" || at < 0 {
		return nil
	}
	return in.View(ctx, func(tx *store.Tx) error {
		for _, row := range b.rows {
			value, _ := row[at].(string)
			if err := tx.WantFree(b.table.Name, b.pool, value); err != nil {
				return err
			}
		}
		return nil
	})
}

func (in *importing) count(b batch) {
	if n := in.did.of(b.table.Name); n != nil {
		*n += int64(len(b.rows))
	}
}

// write writes the batch, of a pool that nobody sees yet.
func (in *importing) write(ctx context.Context, b batch) error {
	if b.table == nil {
		in.did.Pools = append(in.did.Pools, b.pool)
		return in.Update(ctx, func(tx *store.Tx) error { return tx.BeginRestore(b.pool, in.token) })
	}
	in.count(b)
	if store.Makes(b.table.Name) {
		in.pools = append(in.pools, poolRow{b.pool, b.table.Name, b.table.Columns, b.rows[0]})
		return nil
	}
	return in.Bulk(ctx, func(tx *store.Tx) error {
		if err := tx.TouchRestore(b.pool, in.token); err != nil {
			return err
		}
		return tx.RestoreRows(b.table.Name, b.pool, b.table.Columns, b.rows, in.master)
	})
}

// appear makes the pools visible.
func (in *importing) appear(ctx context.Context) error {
	return in.Update(ctx, func(tx *store.Tx) error {
		for _, p := range in.pools {
			if err := tx.EndRestore(p.id, in.token); err != nil {
				return err
			}
			if err := tx.RestoreRows(p.table, p.id, p.columns, [][]any{p.row}, in.master); err != nil {
				return err
			}
		}
		return nil
	})
}
