package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

const eventColumns = `pool_id, user_id, event_id, at, expires, detail, feedback`

// SaveEvents stores events. One that is stored already keeps its time and its feedback, and its place
// where the new state has none. Events of users who are gone are left out.
func (tx *Tx) SaveEvents(events []user.Event) error {
	for _, e := range events {
		found, err := tx.exists(`select 1 from users where pool_id = $1 and user_id = $2`, e.PoolID, e.UserID)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		if e.IP == "" {
			earlier, _, err := tx.Event(e.PoolID, e.UserID, e.ID)
			if err != nil {
				return err
			}
			e = e.After(earlier)
		}
		detail, err := wire.Encode(e)
		if err != nil {
			return err
		}
		_, err = tx.exec(`insert into auth_events (`+eventColumns+`) values ($1, $2, $3, $4, $5, $6, '')
			on conflict (pool_id, user_id, event_id) do update set detail = excluded.detail`,
			e.PoolID, e.UserID, e.ID, micros(e.Time), micros(e.Expires), string(detail))
		if err != nil {
			return fmt.Errorf("save event: %w", err)
		}
	}
	return nil
}

// UserEvents lists the events of a user, newest first: those before the given time and id (the zero time for the newest), at most limit.
func (tx *Tx) UserEvents(poolID, userID string, before time.Time, beforeID string, limit int) ([]user.Event, error) {
	const order = ` order by at desc, event_id desc limit `
	if before.IsZero() {
		return collect(tx.query(`select `+eventColumns+` from auth_events where pool_id = $1 and user_id = $2`+order+`cast($3 as bigint)`,
			poolID, userID, rowLimit(limit)), tx.scanEvent)
	}
	return collect(tx.query(`select `+eventColumns+` from auth_events where pool_id = $1 and user_id = $2 and (at, event_id) < ($3, $4)`+order+`cast($5 as bigint)`,
		poolID, userID, micros(before), beforeID, rowLimit(limit)), tx.scanEvent)
}

// Event loads an event of a user, and reports whether there is one.
func (tx *Tx) Event(poolID, userID, id string) (e user.Event, found bool, err error) {
	e, err = tx.scanEvent(tx.queryRow(`select `+eventColumns+` from auth_events where pool_id = $1 and user_id = $2 and event_id = $3`,
		poolID, userID, id))
	if errors.Is(err, sql.ErrNoRows) {
		return e, false, nil
	}
	return e, err == nil, err
}

// SaveFeedback stores what somebody thinks of an event, in place of earlier feedback, and reports whether there is such an event.
func (tx *Tx) SaveFeedback(poolID, userID, eventID string, f user.Feedback) (found bool, err error) {
	doc, err := wire.Encode(f)
	if err != nil {
		return false, err
	}
	n, err := tx.exec(`update auth_events set feedback = $4 where pool_id = $1 and user_id = $2 and event_id = $3`,
		poolID, userID, eventID, string(doc))
	if err != nil {
		return false, fmt.Errorf("save feedback: %w", err)
	}
	return n == 1, nil
}

func (tx *Tx) scanEvent(r scanner) (e user.Event, err error) {
	var at, expires int64
	var detail, feedback []byte
	var poolID, userID, id string
	if err := r.Scan(&poolID, &userID, &id, &at, &expires, &detail, &feedback); err != nil {
		return e, err
	}
	if err := wire.Unmarshal(detail, &e); err != nil {
		return e, fmt.Errorf("load event %s: %w", id, err)
	}
	tx.present(eventsAhead, []*int64{&at}, poolID, userID, id)
	e.PoolID, e.UserID, e.ID, e.Time, e.Expires = poolID, userID, id, fromMicros(at), fromMicros(expires)
	if len(feedback) > 0 {
		e.Feedback = &user.Feedback{}
		if err := wire.Unmarshal(feedback, e.Feedback); err != nil {
			return e, fmt.Errorf("load feedback of event %s: %w", id, err)
		}
	}
	return e, nil
}
