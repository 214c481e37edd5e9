package trail

import (
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// line is an act as JSON shows it.
type line struct {
	Time       string        `json:"time"` // RFC 3339, UTC, with microseconds
	ID         string        `json:"id"`
	Actor      string        `json:"actor"`
	Account    string        `json:"account,omitzero"`
	Operation  string        `json:"operation"`
	Pool       string        `json:"pool,omitzero"`
	User       string        `json:"user,omitzero"` // the username
	Sub        string        `json:"sub,omitzero"`
	Source     string        `json:"source,omitzero"`
	Request    string        `json:"request,omitzero"`
	Outcome    string        `json:"outcome"`
	Parameters wire.Document `json:"parameters,omitzero"`
	Before     wire.Document `json:"before,omitzero"`
	After      wire.Document `json:"after,omitzero"`
}

// Line returns an act as one line of JSON, without the end of the line.
func Line(a store.Act) ([]byte, error) {
	l := line{
		Time: a.At.UTC().Format("2006-01-02T15:04:05.000000Z07:00"), ID: a.ID, Actor: a.Actor, Account: a.Account, Operation: a.Operation, Pool: a.PoolID,
		User: a.Username, Sub: a.UserID, Source: a.Source, Request: a.Request, Outcome: a.Outcome,
	}
	if a.Detail != "" {
		var d struct {
			Parameters wire.Document `json:"parameters"`
			Before     wire.Document `json:"before"`
			After      wire.Document `json:"after"`
		}
		if err := wire.Unmarshal([]byte(a.Detail), &d); err != nil {
			return nil, err
		}
		l.Parameters, l.Before, l.After = d.Parameters, d.Before, d.After
	}
	return wire.Encode(l)
}
