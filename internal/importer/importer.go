// Package importer makes users of uploaded files.
//
// An import job and its file are rows of the database, so that any node can take the upload and any node can run the job. The one that runs it
// holds a lease, and commits the users of some lines together with the count of lines that are done: when a node dies, another goes on behind
// them. lines.go reads the file, row.go makes a user of a line, Runner does the work, Uploads takes files.
package importer

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
)

const (
	every    = time.Second      // how often a node looks for jobs
	lease    = 30 * time.Second // how long others wait for a node that says nothing
	batch    = 250              // lines in one transaction
	atOnce   = 8                // jobs of a node: each holds a part of its file
	waitLife = 24 * time.Hour   // of a job for its start
	maxRows  = 500_000          // documented
)

// Runner runs the jobs that no other node runs, several at a time. They take turns, some lines each, so that a large file holds up nobody's small
// one, and all of them together keep no more than one processor busy.
type Runner struct {
	Store *store.Store
	Now   func() time.Time
	Log   *slog.Logger

	turn    sync.Mutex // a waiter gets it before whoever has just had it
	running atomic.Int32
}

// Run runs jobs until ctx ends.
func (r *Runner) Run(ctx context.Context) {
	var jobs sync.WaitGroup
	defer jobs.Wait()
	for {
		if err := r.begin(ctx, &jobs); err != nil && ctx.Err() == nil {
			r.Log.Error("user imports not begun; they will be later", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
	}
}

// Round runs the jobs that are due, as many as run at a time, to their end.
func (r *Runner) Round(ctx context.Context) error {
	var jobs sync.WaitGroup
	err := r.begin(ctx, &jobs)
	jobs.Wait()
	return err
}

// begin begins the jobs that are due, those first that were started first.
func (r *Runner) begin(ctx context.Context, jobs *sync.WaitGroup) error {
	var due []*pool.ImportJob
	now := r.Now()
	err := r.Store.View(ctx, func(tx *store.Tx) (err error) {
		due, err = tx.ImportJobsDue(now, now.Add(-waitLife))
		return err
	})
	for _, job := range due {
		if r.running.Load() >= atOnce {
			break
		}
		r.running.Add(1)
		jobs.Go(func() {
			defer r.running.Add(-1)
			if err := r.take(ctx, job); err != nil && ctx.Err() == nil {
				r.Log.Error("user import interrupted; it will go on", "job", job.ID, "error", err)
			}
		})
	}
	return err
}

// take takes the lease on a job and runs it. One that is gone, or that another node has taken, is none of ours.
func (r *Runner) take(ctx context.Context, due *pool.ImportJob) error {
	token := rand.Text()
	var job *pool.ImportJob
	var p *pool.Pool
	err := r.Store.Update(ctx, func(tx *store.Tx) (err error) {
		now := r.Now()
		job = nil
		if p, err = tx.Pool(due.PoolID); err != nil {
			return err
		}
		found, err := tx.ImportJob(p, due.ID)
		if err != nil {
			return err
		}
		switch {
		case found.Overdue(now):
			found.Expire(now)
		case found.Active() && !found.Leased.After(now):
			if found.Status == pool.ImportPending {
				found.Status = pool.ImportInProgress
			}
			found.Lease, found.Leased = token, now.Add(lease)
			job = found
		default:
			return nil
		}
		return tx.SaveImportJob(found)
	})
	if fault.Is(err, fault.ResourceNotFound) {
		return nil // deleted meanwhile
	}
	if err != nil || job == nil {
		return err
	}
	w := &work{Runner: r, pool: p, job: job, token: token}
	err = w.run(ctx)
	if errors.Is(err, errTaken) || fault.Is(err, fault.ResourceNotFound) {
		return nil
	}
	return err
}

// errTaken says that the job is over, or another node's.
var errTaken = errors.New("the job is another node's")

// work is a job under way.
type work struct {
	*Runner
	pool  *pool.Pool
	job   *pool.ImportJob // as it was when the lease was taken
	token string
}

// run runs the job to its end.
func (w *work) run(ctx context.Context) error {
	lines := newLines(&file{w: w, ctx: ctx})
	header, err := lines.next()
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	columns, flaw := readHeader(w.pool, header, w.job.Algorithm != "")
	if flaw != "" {
		return w.end(ctx, pool.ImportFailed, flaw)
	}
	sh := &sheet{pool: w.pool, columns: columns, algorithm: w.job.Algorithm}
	err = w.Store.View(ctx, func(tx *store.Tx) (err error) {
		sh.size, err = tx.ImportSize(w.job)
		return err
	})
	if err != nil {
		return err
	}
	for n := int64(1); n < w.job.Lines; n++ { // done by a node before us
		if _, err := lines.next(); err != nil {
			return err
		}
	}
	for more := true; more; {
		if more, err = w.next(ctx, lines, sh); err != nil {
			return err
		}
	}
	return nil
}

// next stores the users of the next lines when it is the job's turn, or ends the job and reports false.
func (w *work) next(ctx context.Context, lines *lines, sh *sheet) (bool, error) {
	w.turn.Lock()
	defer w.turn.Unlock()
	rows := make([]row, 0, batch)
	for len(rows) < batch {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return false, err
		}
		if lines.count > maxRows+1 {
			return false, w.end(ctx, pool.ImportFailed, fmt.Sprintf("The file has more than %d rows.", maxRows))
		}
		rows = append(rows, sh.row(line, lines.count, w.Now()))
	}
	if len(rows) == 0 {
		return false, w.end(ctx, pool.ImportSucceeded, "The user import job has completed.")
	}
	return true, w.commit(ctx, rows)
}

// commit stores the users of some lines, what became of each line, and that they are done.
func (w *work) commit(ctx context.Context, rows []row) error {
	stopped := false
	err := w.Store.Bulk(ctx, func(tx *store.Tx) error {
		job, err := w.held(tx)
		if err != nil {
			return err
		}
		if stopped = job.Status == pool.ImportStopping; stopped {
			return nil
		}
		var log strings.Builder
		for _, row := range rows {
			outcome, text, err := row.insert(tx, w.pool)
			if err != nil {
				return err
			}
			switch outcome {
			case succeeded:
				job.Imported++
			case skipped:
				job.Skipped++
			case failed:
				job.Failed++
			case blank:
				continue
			}
			fmt.Fprintf(&log, "[%s] Line Number %d - %s\n", outcome, row.line, text)
		}
		job.Lines = rows[len(rows)-1].line
		job.Leased = w.Now().Add(lease)
		if log.Len() > 0 {
			if err := tx.AddImportLog(job, rows[0].line, log.String()); err != nil {
				return err
			}
		}
		return tx.SaveImportJob(job)
	})
	if err == nil && stopped {
		err = w.end(ctx, pool.ImportStopped, "")
		if err == nil {
			err = errTaken
		}
	}
	return err
}

// held loads the job and makes sure that it is still ours.
func (w *work) held(tx *store.Tx) (*pool.ImportJob, error) {
	job, err := tx.ImportJob(w.pool, w.job.ID)
	if err == nil && job.Lease != w.token {
		err = errTaken
	}
	return job, err
}

// end ends the job.
func (w *work) end(ctx context.Context, status pool.ImportStatus, message string) error {
	return w.Store.Update(ctx, func(tx *store.Tx) error {
		job, err := w.held(tx)
		if err != nil {
			return err
		}
		job.End(status, message, w.Now())
		return tx.SaveImportJob(job)
	})
}

// file reads the file of a job, a part at a time.
type file struct {
	w    *work
	ctx  context.Context
	part int
	rest []byte
}

func (f *file) Read(b []byte) (int, error) {
	if len(f.rest) == 0 {
		err := f.w.Store.View(f.ctx, func(tx *store.Tx) (err error) {
			f.rest, err = tx.ImportPart(f.w.job, f.part)
			return err
		})
		if err != nil {
			return 0, err
		}
		if len(f.rest) == 0 {
			return 0, io.EOF
		}
		f.part++
	}
	n := copy(b, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

// errExists says that another user has the username of a line.
var errExists = errors.New("the user already exists")

// asOutcome tells what a refusal by the store says about a line.
func asOutcome(err error) (outcome, string, bool) {
	if errors.Is(err, errExists) {
		return skipped, "The user already exists.", true
	}
	var f *fault.Error
	if errors.As(err, &f) {
		return failed, oneLine(f.Message), true
	}
	var identity *store.IdentityTaken
	return failed, "The account at an identity provider is taken.", errors.As(err, &identity)
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
