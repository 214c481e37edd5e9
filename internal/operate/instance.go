package operate

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
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

// metaSettings is the name under which a database keeps settings of the server that started last, as a JSON object.
const metaSettings = "server.settings"

// NoteSettings keeps settings of a server that starts, by their names, and returns those before them; nil at the first start.
func (d *Data) NoteSettings(ctx context.Context, now map[string]string) (before map[string]string, err error) {
	text, found, err := readMeta(ctx, d.Store, metaSettings)
	if err != nil {
		return nil, err
	}
	if found {
		if err := wire.Unmarshal([]byte(text), &before); err != nil {
			return nil, fmt.Errorf("read the settings of the last start: %w", err)
		}
	}
	if maps.Equal(before, now) {
		return before, nil
	}
	noted, err := wire.Encode(now)
	if err != nil {
		return nil, err
	}
	return before, d.Update(ctx, func(tx *store.Tx) error { return tx.SetMeta(metaSettings, string(noted)) })
}
