package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync"
)

// maxBatch bounds how many Updates share a commit, and so how long the first of them waits for the last.
const maxBatch = 128

var errExited = errors.New("function of an Update ended its goroutine")

// writer is SQLite's only writing connection, with group commit: the functions that wait while one commit syncs the disk are run
// together in the next transaction, each in its own savepoint, and are answered after one sync. Nobody waits for company: a
// lone Update begins and commits at once.
type writer struct {
	db     *sql.DB
	file   *sqliteFile
	turns  *turns
	log    *slog.Logger
	tries  int // how often a transaction is begun while another process writes, each try waits writerBusy
	counts *counts

	queue chan *write // unbuffered: who waits here can still leave
	quit  chan struct{}
	once  sync.Once
	done  chan struct{} // closed when the loop has ended

	session *session // the loop's own; nil until it is needed and after it broke
	wide    bool     // its cache is that of a Bulk
}

// write is one Update on its way. All but ctx and fn belongs to the loop until answered is closed.
type write struct {
	ctx      context.Context
	bulk     bool
	fn       func(*Tx) error
	err      error
	panicked *relayedPanic
	answered chan struct{}
}

func startWriter(db *sql.DB, file *sqliteFile, o Options, c *counts) *writer {
	w := &writer{
		db:     db,
		file:   file,
		log:    o.Logger,
		tries:  max(1, int(o.RetryFor/writerBusy)),
		counts: c,
		queue:  make(chan *write),
		quit:   make(chan struct{}),
		done:   make(chan struct{}),
	}
	go w.loop()
	return w
}

func (w *writer) update(ctx context.Context, bulk bool, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := &write{ctx: ctx, bulk: bulk, fn: fn, answered: make(chan struct{})}
	select {
	case w.queue <- r:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.quit:
		return ErrClosed
	}
	<-r.answered
	if r.panicked != nil {
		panic(r.panicked)
	}
	return r.err
}

// stop ends the loop after the batch it is in, and reports false when it was stopped before.
func (w *writer) stop() (first bool) {
	w.once.Do(func() {
		first = true
		close(w.quit)
	})
	<-w.done
	return first
}

func (w *writer) loop() {
	ended := false
	defer func() {
		if !ended { // a function called runtime.Goexit, as t.FailNow does
			go w.loop()
			return
		}
		if w.session != nil {
			_ = w.session.close() // nothing is open on it
		}
		close(w.done)
	}()
	for {
		select {
		case r := <-w.queue:
			w.batch(r)
			if w.wide && !r.bulk {
				w.widen(false)
			}
		case <-w.quit:
			ended = true
			return
		}
	}
}

// batch runs first and all that wait behind it in one transaction, commits, and answers them.
func (w *writer) batch(first *write) {
	w.turns.write()
	defer w.turns.endWrite()
	if first.err = w.begin(first); first.err != nil {
		close(first.answered)
		return
	}
	var taken []*write
	fate := errExited // of the whole batch; nil when it is committed
	defer func() {
		if fate != nil {
			w.abandon()
		}
		for _, r := range taken {
			if r.err == nil {
				r.err = fate
			}
			close(r.answered)
		}
	}()
	for r := first; r != nil; r = w.next(len(taken)) {
		taken = append(taken, r)
		if err := w.attempt(r); err != nil {
			fate = err
			return
		}
	}
	fate = w.commit()
}

// begin opens the batch's transaction. While another process writes it tries again, as long as the first caller waits.
func (w *writer) begin(first *write) error {
	if w.session == nil {
		s, err := openSession(context.Background(), w.db)
		if err != nil {
			return fmt.Errorf("open writer: %w", w.file.blame(err))
		}
		w.session = s
	}
	for try := 1; ; try++ {
		_, err := w.session.exec(context.Background(), "begin immediate")
		if err == nil {
			return nil
		}
		if !isBusy(err) {
			w.reconnect()
			return fmt.Errorf("begin update: %w", w.file.blame(err))
		}
		if try == w.tries {
			return fmt.Errorf("begin update: %w", err)
		}
		if try == 1 {
			w.log.Warn("another process is writing to the database, waiting for it")
		}
		w.counts.retries.Add(1)
		select {
		case <-first.ctx.Done():
			return first.ctx.Err()
		case <-w.quit:
			return ErrClosed
		default:
		}
	}
}

// next takes the Update that waits longest, if there is one and room for it.
func (w *writer) next(taken int) *write {
	if taken == maxBatch {
		return nil
	}
	select {
	case r := <-w.queue:
		return r
	default:
	}
	// Those answered a moment ago come back with their next Update: give them the processor before paying for a sync.
	runtime.Gosched()
	select {
	case r := <-w.queue:
		return r
	default:
		return nil
	}
}

// attempt runs one function in a savepoint and notes its outcome. It returns an error only when the whole transaction is lost.
func (w *writer) attempt(r *write) error {
	if r.err = r.ctx.Err(); r.err != nil {
		return nil
	}
	if r.bulk && !w.wide {
		w.widen(true)
	}
	run := context.WithoutCancel(r.ctx)
	if _, err := w.session.exec(run, "savepoint one"); err != nil {
		return fmt.Errorf("begin savepoint: %w", err)
	}
	tx := &Tx{transaction: &transaction{ctx: r.ctx, run: run, session: w.session, unique: sqliteUnique}}
	r.panicked, r.err = w.call(tx, r.fn)
	if r.err != nil {
		// A full disk or a failed read rolls back the whole transaction by itself; the savepoint is gone then.
		if _, err := w.session.exec(run, "rollback to one"); err != nil {
			return fmt.Errorf("transaction lost: %w", err)
		}
	}
	if _, err := w.session.exec(run, "release one"); err != nil {
		return fmt.Errorf("release savepoint: %w", err)
	}
	return nil
}

// widen gives the connection the cache of a Bulk, or its own again and the memory back. It keeps that of a Bulk until another Update comes,
// because batches of an import follow one another.
func (w *writer) widen(wide bool) {
	size, more := writerCache, "pragma shrink_memory"
	if wide {
		size, more = bulkCache, ""
	}
	w.wide = wide
	if w.session == nil {
		return
	}
	_, err := w.session.conn.ExecContext(context.Background(), fmt.Sprintf("pragma cache_size(-%d); %s", size, more))
	if err != nil {
		w.log.Warn("the cache of the writer keeps its size", "error", err)
	}
}

// call runs the function and catches its panic, which belongs to the caller's goroutine.
func (w *writer) call(tx *Tx, fn func(*Tx) error) (p *relayedPanic, err error) {
	defer func() {
		if v := recover(); v != nil {
			p = &relayedPanic{value: v, stack: debug.Stack()}
			err = p
		}
	}()
	return nil, tx.call(fn)
}

func (w *writer) commit() error {
	if err := w.file.inPlace(); err != nil {
		return err
	}
	if _, err := w.session.exec(context.Background(), "commit"); err != nil {
		if isDiskError(err) {
			return fmt.Errorf("%w: %w", ErrUnknownOutcome, err)
		}
		return fmt.Errorf("commit: %w", err)
	}
	w.counts.commits.Add(1)
	return nil
}

// abandon rolls back, and drops the connection if it cannot.
func (w *writer) abandon() {
	if _, err := w.session.exec(context.Background(), "rollback"); err != nil {
		w.reconnect()
	}
}

// reconnect has the next batch open a fresh connection.
func (w *writer) reconnect() {
	w.session.discard()
	w.session, w.wide = nil, false
}

// relayedPanic is a panic of a function that ran in the writer's goroutine, raised again in the caller's.
type relayedPanic struct {
	value any
	stack []byte
}

func (p *relayedPanic) Error() string {
	return fmt.Sprintf("%v\n\nwhere it was raised:\n%s", p.value, p.stack)
}

func (p *relayedPanic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}
