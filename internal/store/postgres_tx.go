package store

import (
	"context"
	"crypto/rand"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
)

// How a transaction begins. Its limit has the server roll back, and free the rows, when this node has vanished without closing the
// connection.
const (
	idleLimit   = "; set local idle_in_transaction_session_timeout = '10s'"
	beginView   = "begin isolation level repeatable read read only" + idleLimit
	beginUpdate = "begin isolation level serializable read write" + idleLimit
)

const (
	firstPause   = time.Millisecond
	longestPause = 250 * time.Millisecond
	crowd        = 3 // conflicts of one transaction after which it waits for its turn
	rollbackTime = 5 * time.Second
)

func (e *postgresEngine) view(ctx context.Context, alone bool, fn func(*Tx) error) error {
	begin := beginView
	if alone {
		begin = ""
	}
	return e.retry(ctx, func(budget context.Context) (bool, error) {
		_, again, err := e.transact(ctx, budget, begin, fn)
		return again, err
	})
}

func (e *postgresEngine) update(ctx context.Context, _ kind, fn func(*Tx) error) error {
	if e.readOnly {
		return errReadOnly
	}
	return e.retry(ctx, func(budget context.Context) (bool, error) {
		mark, again, err := e.transact(ctx, budget, beginUpdate, fn)
		if !errors.Is(err, ErrUnknownOutcome) {
			return again, err
		}
		return e.settle(ctx, budget, mark, err)
	})
}

// ping makes a change, because a server that cannot write, or whose standby is gone, is of no use.
func (e *postgresEngine) ping(ctx context.Context) error {
	return e.update(ctx, durable, func(tx *Tx) error { tx.wrote = true; return nil })
}

// retry calls attempt until it does not ask for another one, as long as the budget lasts: retryFor, less what the same request has waited
// before (Patient). An attempt waits for a connection no longer than the budget; what it does on one is bounded by silenceLimit.
func (e *postgresEngine) retry(ctx context.Context, attempt func(budget context.Context) (again bool, err error)) error {
	p := patienceOf(ctx)
	left, err := p.left(e.retryFor)
	if err != nil {
		return err
	}
	budget, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	began := e.now()
	waited, err := e.repeat(budget, attempt)
	if waited {
		p.spend(e.now().Sub(began), err)
	}
	return err
}

// repeat calls attempt until it does not ask for another one or the budget ends. It reports whether it asked at all.
//
// Many who change one row at once would undo each other's work for as long as they are many: each commit fails all others that are under
// way. So a transaction that has lost several times goes on alone among those of this node that have.
func (e *postgresEngine) repeat(budget context.Context, attempt func(budget context.Context) (again bool, err error)) (asked bool, err error) {
	var before error
	conflicts := 0
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		again, err := attempt(budget)
		if before != nil && timedOut(err) {
			err = before // says more than that a repetition was cut short
		}
		if !again {
			return before != nil, err
		}
		before = err
		if isConflict(err) {
			if conflicts++; conflicts == crowd {
				select {
				case <-budget.Done():
					return true, err
				case e.turn <- struct{}{}:
					defer func() { <-e.turn }()
				}
				pause = firstPause
			}
		}
		select {
		case <-budget.Done():
			if errors.Is(budget.Err(), context.Canceled) && !errors.Is(err, context.Canceled) { // else the interruption would look like a failure
				err = fmt.Errorf("%w while waiting for the database: %w", budget.Err(), err)
			}
			return true, err
		case <-time.After(jitter(pause)):
		}
		e.counts.retries.Add(1)
	}
}

// timedOut reports whether an attempt ran out of time, for which connections have a word of their own, without having changed anything.
func timedOut(err error) bool {
	return (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded)) && !errors.Is(err, ErrUnknownOutcome)
}

// jitter returns between a half and the whole of d, so that those who collided do not meet again.
func jitter(d time.Duration) time.Duration {
	var b [1]byte
	_, _ = rand.Read(b[:]) // never fails
	return d/2 + d/2*time.Duration(b[0])/255
}

// transact runs fn in one transaction, or in none when begin is empty, and reports whether another attempt is right: after a conflict, and after a lost
// connection if the commit had not been sent. The mark is what settle finds out the outcome by, where it is unknown.
func (e *postgresEngine) transact(ctx, budget context.Context, begin string, fn func(*Tx) error) (mark string, again bool, err error) {
	select {
	case <-e.closed:
		return "", false, ErrClosed
	default:
	}
	age := e.age.Load()
	conn, err := e.db.Conn(budget)
	if err != nil {
		return "", ctx.Err() == nil && isTransient(err), fmt.Errorf("connect: %w", err)
	}
	s := &session{conn: conn}
	readOnly := begin != beginUpdate
	if begin != "" {
		if _, err := s.exec(ctx, begin); err != nil {
			e.drop(s, age)
			return "", ctx.Err() == nil && isTransient(err), fmt.Errorf("begin: %w", err)
		}
	}
	tx := &Tx{transaction: &transaction{ctx: ctx, run: ctx, session: s, unique: postgresUnique, readOnly: readOnly}}
	returned := false
	defer func() {
		if !returned { // fn panics: its panic goes on
			e.finish(ctx, s, age, begin, nil)
		}
	}()
	err = tx.call(fn)
	returned = true
	if err == nil && !readOnly {
		if tx.wrote {
			mark = newMark()
		}
		again, err = e.commit(ctx, s, age, mark)
		return mark, again, err
	}
	e.finish(ctx, s, age, begin, tx.failed)
	again = tx.failed != nil && ctx.Err() == nil && (isConflict(tx.failed) || isTransient(tx.failed))
	if readOnly && isReadOnly(tx.failed) {
		again = false // a write hidden in a View's query, not a server that lost its role
	}
	return "", again, err
}

// finish gives the connection back, after a rollback where a transaction has begun.
func (e *postgresEngine) finish(ctx context.Context, s *session, age int64, begin string, cause error) {
	if begin == "" && !isTransient(cause) {
		_ = s.close() // only gives it back
		return
	}
	e.rollback(ctx, s, age, cause)
}

// rollback ends the transaction and gives the connection back, unless it or its server is of no more use.
func (e *postgresEngine) rollback(ctx context.Context, s *session, age int64, cause error) {
	if isTransient(cause) {
		e.drop(s, age)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTime)
	defer cancel()
	if _, err := s.exec(ctx, "rollback"); err != nil {
		s.discard()
		return
	}
	_ = s.close() // only gives it back
}

// drop closes the connection and, because its server is gone or no longer the primary, has the pool close the others of that age
// too before they are used again.
func (e *postgresEngine) drop(s *session, age int64) {
	e.age.CompareAndSwap(age, age+1)
	s.discard()
}

// commit ends the transaction for good and leaves the mark behind; a transaction without a mark has changed nothing. Once the command is
// sent, only a plain refusal proves that nothing was kept; a lost connection, a server going down and a cancelled wait for the standby
// leave the outcome unknown. pgconn.SafeToRetry is not asked here: it answers yes for a connection that broke after the command was sent
// (pgx 5.12, simple protocol).
func (e *postgresEngine) commit(ctx context.Context, s *session, age int64, mark string) (again bool, err error) {
	command := "commit"
	if mark != "" {
		command = leaveMark(mark) + "; commit" // in one round trip
	}
	var answer, warning string
	raw := s.conn.Raw(func(dc any) error {
		conn := dc.(*stdlib.Conn).Conn()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if conn.IsClosed() {
			return driver.ErrBadConn
		}
		memory := conn.PgConn().CustomData()
		delete(memory, keyWarning)
		tag, execErr := conn.Exec(ctx, command)
		answer, err = tag.String(), execErr
		warning, _ = memory[keyWarning].(string)
		return nil
	})
	switch {
	case raw != nil: // not sent
		e.rollback(ctx, s, age, raw)
		return ctx.Err() == nil && isTransient(raw), fmt.Errorf("commit: %w", raw)
	case err == nil && warning != "":
		err = fmt.Errorf("%w: %s", ErrUnknownOutcome, warning)
	case err == nil && answer == "COMMIT":
		e.counts.commits.Add(1)
		_ = s.close() // only gives it back
		return false, nil
	case err == nil:
		e.rollback(ctx, s, age, nil)
		return false, fmt.Errorf("commit was answered %q", answer)
	case wasRefused(err):
		e.rollback(ctx, s, age, err)
		return isConflict(err), fmt.Errorf("commit: %w", err)
	case mark == "": // there was nothing to lose
		e.drop(s, age)
		return ctx.Err() == nil && isTransient(err), fmt.Errorf("commit: %w", err)
	default:
		err = fmt.Errorf("%w: %w", ErrUnknownOutcome, err)
	}
	e.drop(s, age)
	return false, err
}
