package operate

import (
	"context"
	"fmt"

	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/store"
)

// Kind is what a database is for.
type Kind string

// The kinds. They are kept apart: on a development server anybody may do everything, and its clock may be ahead.
const (
	Production  Kind = "serve"
	Development Kind = "dev"
)

const (
	// metaKind is the name under which the database keeps its kind.
	metaKind = "server.kind"
	// MetaDevPool is the name under which a development server keeps the id of its ready pool.
	MetaDevPool = "dev.pool"
)

// Claim marks a new database as one of the kind, and refuses one of the other kind, unless it is told to open it all the same. The
// refusal is one line for the operator.
func (d *Data) Claim(ctx context.Context, c *config.Config, kind Kind, anyKind bool) error {
	var is Kind
	err := d.Update(ctx, func(tx *store.Tx) (err error) {
		if is, err = kindOf(tx); err != nil || is != "" {
			return err
		}
		is = kind
		return tx.SetMeta(metaKind, string(kind))
	})
	switch {
	case err != nil || is == kind || anyKind:
		return err
	case kind == Development:
		return c.Wrong(databaseSetting(c), fmt.Errorf(`the database was made by "cenote serve", and a development server lets anybody change it: `+
			`give "cenote dev" a folder of its own (--data-dir ./cenote-dev), or start it with --serve-data`))
	}
	return c.Wrong(databaseSetting(c), fmt.Errorf(`the database was made by "cenote dev", where anybody could change it: `+
		`give "cenote serve" a folder of its own, or start it with --dev-data`))
}

// kindOf returns the kind of the database; "" for a new one. Databases of earlier versions are told by what their servers left.
func kindOf(tx *store.Tx) (Kind, error) {
	value, found, err := tx.Meta(metaKind)
	if found || err != nil {
		return Kind(value), err
	}
	if _, found, err = tx.Meta(MetaDevPool); found || err != nil {
		return Development, err
	}
	if _, found, err = tx.Meta(metaRoot); found || err != nil {
		return Production, err
	}
	pools, err := tx.Pools("", 1)
	if len(pools) > 0 {
		return Production, err
	}
	return "", err
}
