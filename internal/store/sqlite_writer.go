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

// writer is SQLite's only writing connection, with group commit. Whoever has the turn runs the batch: the own function, and those that came
// meanwhile, in one transaction with one sync; then all are answered. Nobody waits for company, and a lone Update changes no goroutine.
type writer struct {
	db     *sql.DB
	file   *sqliteFile
	turns  *turns
	log    *slog.Logger
	tries  int // how often a transaction is begun while another process writes, each try waits writerBusy
	counts *counts

	turn     chan struct{} // holds a token while somebody runs a batch, and from stop on
	queue    chan *write   // to the one who runs the batch; unbuffered: who waits here can still leave
	unsynced chan *write   // the same, of those who need no sync: they may join any batch, the others one with a sync
	quit     chan struct{}
	once     sync.Once

	// Of whoever has the turn:
	session *session // nil until it is needed and after it broke
	wide    bool     // its cache is that of a Bulk
	lax     bool     // it commits without a sync
	shared  bool     // the last batch had company
}

// write is one Update on its way. All but ctx and fn belongs to the one who runs the batch, until answered is closed.
type write struct {
	ctx      context.Context
	kind     kind
	fn       func(*Tx) error
	err      error
	panicked *relayedPanic
	answered chan struct{}
}

func newWriter(db *sql.DB, file *sqliteFile, o Options, c *counts) *writer {
	return &writer{
		db:     db,
		file:   file,
		log:    o.Logger,
		tries:  max(1, int(o.RetryFor/writerBusy)),
		counts: c,
		turn:   make(chan struct{}, 1),
		queue:  make(chan *write),
		quit:   make(chan struct{}),

		unsynced: make(chan *write),
	}
}

func (w *writer) update(ctx context.Context, k kind, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := &write{ctx: ctx, kind: k, fn: fn, answered: make(chan struct{})}
	queue := w.queue
	if k == unsynced {
		queue = w.unsynced
	}
	select {
	case w.turn <- struct{}{}:
		w.run(r)
	case queue <- r:
		<-r.answered
	case <-ctx.Done():
		return ctx.Err()
	case <-w.quit:
		return ErrClosed
	}
	if r.panicked != nil {
		panic(r.panicked)
	}
	return r.err
}

// stop waits for the batch under way and keeps the turn. It reports false when the writer was stopped before.
func (w *writer) stop() (first bool) {
	w.once.Do(func() {
		first = true
		close(w.quit)
		w.turn <- struct{}{}
		if w.session != nil {
			_ = w.session.close() // nothing is open on it
		}
	})
	return first
}

// run runs the batch of the one who has the turn, and gives the turn back, also when a function ends the goroutine, as t.FailNow does.
func (w *writer) run(first *write) {
	defer func() { <-w.turn }()
	w.batch(first)
	if w.wide && first.kind != bulk {
		w.widen(false)
	}
}

// batch runs first and all that wait behind it in one transaction, commits, and answers them.
func (w *writer) batch(first *write) {
	w.turns.write()
	defer w.turns.endWrite()
	if first.err = w.begin(first); first.err != nil {
		return
	}
	var company []*write
	fate := errExited // of the whole batch; nil when it is committed
	defer func() {
		if fate != nil {
			w.abandon()
		}
		w.shared = len(company) > 0
		for _, r := range append(company, first) {
			if r.err == nil {
				r.err = fate
			}
			close(r.answered)
		}
	}()
	if w.attempt(first); first.err != nil { // nobody else has changed anything yet
		fate = first.err
		return
	}
	for r := w.next(0); r != nil; r = w.next(len(company)) {
		company = append(company, r)
		if err := w.attemptBehind(r); err != nil {
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
	if err := w.setSync(first.kind != unsynced); err != nil {
		w.reconnect()
		return fmt.Errorf("begin update: %w", w.file.blame(err))
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

// setSync has the commits of the connection wait for a sync, or not. One that waits takes the earlier ones to the disk too.
func (w *writer) setSync(sync bool) error {
	if w.lax != sync {
		return nil
	}
	pragma := "pragma synchronous = normal"
	if sync {
		pragma = "pragma synchronous = full"
	}
	// SQLite acts on it when it prepares the statement, so a kept one would do nothing.
	if _, err := w.session.conn.ExecContext(context.Background(), pragma); err != nil {
		return err
	}
	w.lax = !sync
	return nil
}

// next takes the Update that waits longest, if there is one and room for it.
func (w *writer) next(company int) *write {
	if company == maxBatch-1 {
		return nil
	}
	if r := w.waiting(); r != nil || w.lax || !w.shared {
		return r
	}
	// Those answered a moment ago come back with their next Update: give them the processor before paying for a sync.
	runtime.Gosched()
	return w.waiting()
}

// waiting returns an Update that waits and may join the batch; nil if there is none.
func (w *writer) waiting() *write {
	queue := w.queue
	if w.lax {
		queue = nil
	}
	select {
	case r := <-queue:
		return r
	case r := <-w.unsynced:
		return r
	default:
		return nil
	}
}

// attempt runs one function and notes its outcome.
func (w *writer) attempt(r *write) {
	if r.err = r.ctx.Err(); r.err != nil {
		return
	}
	if r.kind == bulk && !w.wide {
		w.widen(true)
	}
	tx := &Tx{transaction: &transaction{ctx: r.ctx, run: context.WithoutCancel(r.ctx), session: w.session, unique: sqliteUnique}}
	r.panicked, r.err = w.call(tx, r.fn)
}

// attemptBehind runs one function behind others, in a savepoint. It returns an error only when the whole transaction is lost.
func (w *writer) attemptBehind(r *write) error {
	ctx := context.Background()
	if _, err := w.session.exec(ctx, "savepoint one"); err != nil {
		return fmt.Errorf("begin savepoint: %w", err)
	}
	if w.attempt(r); r.err != nil {
		// A full disk or a failed read rolls back the whole transaction by itself; the savepoint is gone then.
		if _, err := w.session.exec(ctx, "rollback to one"); err != nil {
			return fmt.Errorf("transaction lost: %w", err)
		}
	}
	if _, err := w.session.exec(ctx, "release one"); err != nil {
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
	w.session, w.wide, w.lax = nil, false, false
}

// relayedPanic is a panic of a function that ran in another's goroutine, raised again in the caller's.
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
