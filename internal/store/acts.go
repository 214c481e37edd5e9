package store

import (
	"context"
	"fmt"
	"math"
	"time"
)

// Act is a line of the audit log: something that an administrator did, or tried to do.
type Act struct {
	ID        string
	At        time.Time
	Actor     string // ID of an access key, or "cli:" and the user of the machine; empty where any credentials are accepted
	Account   string
	Operation string // of the API, or a command: "key create"
	PoolID    string // of a user pool or an identity pool; empty when none is concerned
	UserID    string // the sub; empty when no user is concerned, or none was found
	Username  string
	Source    string // address, or the name of the machine
	Request   string
	Outcome   string // "OK", the name of an exception, or "Unknown"
	Detail    string // JSON, without secrets
}

// ActQuery picks acts. Empty members pick all.
type ActQuery struct {
	Since     time.Time // from then on
	Until     time.Time // before that time
	UntilID   string    // with acts of exactly that time, whose ids are before this one
	Actor     string
	PoolID    string
	User      string // username or sub
	Operation string
	Failed    bool // only those whose outcome is not OK
	Limit     int
}

const actColumns = `at, act_id, actor, account, operation, pool, user_id, username, source, request, outcome, detail`

// SaveAct stores an act, or what has become of it since.
func (tx *Tx) SaveAct(a Act) error {
	_, err := tx.exec(`insert into acts (`+actColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		on conflict (act_id) do update set pool = excluded.pool, user_id = excluded.user_id, username = excluded.username,
		outcome = excluded.outcome, detail = excluded.detail`,
		micros(a.At), a.ID, a.Actor, a.Account, a.Operation, a.PoolID, a.UserID, a.Username, a.Source, a.Request, a.Outcome, a.Detail)
	if err != nil {
		return fmt.Errorf("save act: %w", err)
	}
	return nil
}

// Acts lists acts, newest first.
func (tx *Tx) Acts(q ActQuery) ([]Act, error) {
	until := int64(math.MaxInt64)
	if !q.Until.IsZero() {
		until = micros(q.Until)
	}
	of := ""
	if q.PoolID != "" {
		of = "pool = $8 and "
	}
	return collect(tx.query(`select `+actColumns+` from acts where `+of+`at >= $1 and (at, act_id) < ($2, $3)
		and ($4 = '' or actor = $4) and ($5 = '' or operation = $5) and ($6 = '' or user_id = $6 or username = $6) and (not $7 or outcome <> 'OK') and ($8 = '' or pool = $8)
		order by at desc, act_id desc limit cast($9 as bigint)`,
		micros(q.Since), until, q.UntilID, q.Actor, q.Operation, q.User, q.Failed, q.PoolID, rowLimit(q.Limit)), scanAct)
}

// SweepActs removes the acts before a time.
func (s *Store) SweepActs(ctx context.Context, before time.Time) error {
	return s.sweep(ctx, sweep{"acts", "at, act_id", "at < $1"}, micros(before))
}

func scanAct(r scanner) (a Act, err error) {
	var at int64
	err = r.Scan(&at, &a.ID, &a.Actor, &a.Account, &a.Operation, &a.PoolID, &a.UserID, &a.Username, &a.Source, &a.Request, &a.Outcome, &a.Detail)
	a.At = fromMicros(at)
	return a, err
}
