package trail

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// endLimit bounds how long an act waits for its line when it needs a transaction of its own.
const endLimit = 10 * time.Second

// act is an act under way. As a store.Witness, it adds its line to every change that the act makes: the last one counts.
type act struct {
	store.Act
	recorder *Recorder
	given    string // the pool that the input names
	show     Show
	pool     *pool.Pool
	of       func(member string) string

	mu     sync.Mutex
	detail detail
	before any  // as Show returned it
	kept   bool // a change of the act is durable, and the line with it
	ended  bool // what still changes with the context of the act is no part of it
}

// detail is the JSON of a line.
type detail struct {
	Parameters any `json:"parameters,omitzero"`
	Before     any `json:"before,omitzero"`
	After      any `json:"after,omitzero"`
}

// Before implements store.Witness.
func (a *act) Before(tx *store.Tx) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended || a.kept {
		return nil
	}
	var err error
	a.before, err = a.look(tx, a.of)
	return err
}

// After implements store.Witness.
func (a *act) After(tx *store.Tx, made map[string]string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended {
		return nil
	}
	for _, member := range []string{"UserPoolId", "IdentityPoolId"} {
		if id := made[member]; id != "" {
			a.PoolID = id
		}
	}
	after, err := a.look(tx, func(member string) string {
		if id := made[member]; id != "" {
			return id
		}
		return a.of(member)
	})
	if err != nil {
		return err
	}
	if a.detail.Before, a.detail.After, err = changes(a.before, after); err != nil {
		return err
	}
	return a.save(tx)
}

// Committed implements store.Witness.
func (a *act) Committed() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.kept = a.kept || !a.ended
}

// look returns what the act is about, nil where there is none.
func (a *act) look(tx *store.Tx, of func(string) string) (any, error) {
	if a.show == nil {
		return nil, nil
	}
	shown, err := a.show(tx, a.pool, of)
	if fault.CodeOf(err) != "" { // it does not exist
		return nil, nil
	}
	if p, ok := shown.(Person); ok && err == nil {
		a.UserID, a.Username = p.Names()
	}
	return shown, err
}

func (a *act) save(tx *store.Tx) error {
	text, err := wire.Encode(a.detail)
	if err != nil {
		return err
	}
	a.Detail = string(text)
	line := a.Act
	for _, given := range []*string{&line.PoolID, &line.UserID, &line.Username, &line.Detail} {
		*given = storable(*given)
	}
	return tx.SaveAct(line)
}

// storable returns a text that anybody can send, with U+FFFD for what the databases do not take: bytes that are no UTF-8, and null characters.
func storable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// end sees to it that the line is in the database and tells the outcome, and passes it on.
func (a *act) end(ctx context.Context, outcome string) error {
	a.mu.Lock()
	a.ended = true
	told := a.kept && a.Outcome == outcome
	a.Outcome = outcome
	if outcome != OK && outcome != unknown && !a.kept { // what was seen was rolled back
		a.PoolID, a.detail.Before, a.detail.After = a.given, nil, nil
	}
	if a.Username == "" && a.of != nil { // nobody was found, or nothing was looked for
		a.Username = a.of("Username")
	}
	a.mu.Unlock()
	if !told {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endLimit) // who asked may have gone
		defer cancel()
		if err := a.recorder.Store.Update(ctx, a.save); err != nil {
			return err
		}
	}
	a.recorder.Copy.write(ctx, a.recorder.Log, a.Act)
	return nil
}

// memberOf returns how to read the members of an input that are text.
func memberOf(in any) func(string) string {
	v := reflect.ValueOf(in).Elem()
	return func(member string) string {
		if f := v.FieldByName(member); f.IsValid() && f.Kind() == reflect.String {
			return f.String()
		}
		return ""
	}
}
