package operate

import (
	"context"
	"crypto/rand"
	"errors"

	"github.com/cenote-id/cenote/internal/store"
)

// metaID is the name under which a database keeps its id.
const metaID = "database.id"

// DatabaseHeader names the database in answers to health checks, so that a server can be told from another one at its address. The id says
// nothing about what is in the database.
const DatabaseHeader = "Cenote-Database"

// ID returns the id of the database, 26 random characters, and makes it if there is none. All nodes on a database have the same one.
func (d *Data) ID(ctx context.Context) (string, error) {
	id, found, err := readMeta(ctx, d.Store, metaID)
	if found || err != nil {
		return id, err
	}
	err = d.Update(ctx, func(tx *store.Tx) error { return tx.AddMeta(metaID, rand.Text()) })
	if err != nil && !errors.Is(err, store.ErrExists) { // which another node has made
		return "", err
	}
	id, _, err = readMeta(ctx, d.Store, metaID)
	return id, err
}

// renewID gives a copy of a database an id of its own.
func (d *Data) renewID(ctx context.Context) error {
	return d.Update(ctx, func(tx *store.Tx) error { return tx.SetMeta(metaID, rand.Text()) })
}

// metaURL is the name under which a database keeps the public URL of the server that started last.
const metaURL = "server.url"

// NoteURL keeps the public URL of a server that starts, and returns the one before it, which is empty at the first start.
func (d *Data) NoteURL(ctx context.Context, url string) (before string, err error) {
	before, _, err = readMeta(ctx, d.Store, metaURL)
	if err != nil || before == url {
		return before, err
	}
	return before, d.Update(ctx, func(tx *store.Tx) error { return tx.SetMeta(metaURL, url) })
}
