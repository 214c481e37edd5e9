package importer

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
)

// MaxFile is how many bytes a file has at most (documented).
const MaxFile = 100 << 20

// partSize is how many bytes a row of the database holds.
const partSize = 256 << 10

var (
	// ErrForbidden answers an upload to an address that is not, or no longer, one of a job.
	ErrForbidden = errors.New("the address is not valid, or not any longer")
	// ErrStarted answers an upload to a job that no longer waits for its file.
	ErrStarted = errors.New("the job does not wait for a file")
	// ErrTooLarge answers a file of more than MaxFile bytes.
	ErrTooLarge = errors.New("the file has more than 100 MB")
)

// Uploads takes the files of jobs.
type Uploads struct {
	Store *store.Store
	Now   func() time.Time
}

// Check makes sure that a file may be uploaded to an address.
func (u Uploads) Check(ctx context.Context, poolID, jobID, expires, signature string) (*pool.ImportJob, error) {
	p, err := u.Store.Pool(ctx, poolID)
	if fault.Is(err, fault.ResourceNotFound) {
		return nil, ErrForbidden
	}
	if err != nil {
		return nil, err
	}
	var job *pool.ImportJob
	err = u.Store.View(ctx, func(tx *store.Tx) (err error) {
		job, err = tx.ImportJob(p, jobID)
		return err
	})
	if fault.Is(err, fault.ResourceNotFound) {
		return nil, ErrForbidden
	}
	if err != nil {
		return nil, err
	}
	if !job.CheckUpload(p, expires, signature, u.Now()) {
		return nil, ErrForbidden
	}
	if job.Status != pool.ImportCreated {
		return nil, ErrStarted
	}
	return job, nil
}

// Take stores a file as that of the job, in place of one before. A file that does not end leaves the one before.
func (u Uploads) Take(ctx context.Context, job *pool.ImportJob, content io.Reader) error {
	upload := rand.Text()
	err := u.take(ctx, job, upload, content)
	if err == nil {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	return errors.Join(err, u.Store.Update(ctx, func(tx *store.Tx) error { return tx.DropUpload(job, upload) }))
}

func (u Uploads) take(ctx context.Context, job *pool.ImportJob, upload string, content io.Reader) error {
	part := make([]byte, partSize)
	for n, total := 0, 0; ; n++ {
		size, err := io.ReadFull(content, part)
		if total += size; total > MaxFile {
			return ErrTooLarge
		}
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return err
		}
		err = u.Store.Update(ctx, func(tx *store.Tx) error {
			if size > 0 {
				if err := tx.AddImportPart(job, upload, n, part[:size]); err != nil {
					return err
				}
			}
			if !last {
				return nil
			}
			return u.keep(tx, job, upload)
		})
		if err != nil || last {
			return err
		}
	}
}

// keep makes an upload the file of its job, unless that has been started meanwhile.
func (u Uploads) keep(tx *store.Tx, job *pool.ImportJob, upload string) error {
	p, err := tx.Pool(job.PoolID)
	if err != nil {
		return err
	}
	found, err := tx.ImportJob(p, job.ID)
	if err != nil {
		return err
	}
	if found.Status != pool.ImportCreated {
		return ErrStarted
	}
	before := found.Upload
	found.Upload = upload
	if err := tx.SaveImportJob(found); err != nil {
		return err
	}
	return tx.DropUpload(found, before) // and no other one, which may be under way
}
