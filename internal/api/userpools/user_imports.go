package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// maxImportJobs is how many jobs a pool has at most (documented).
const maxImportJobs = 1000

// changeImport changes an import job, in one transaction, and shows it.
func (s *Service) changeImport(ctx context.Context, poolID, jobID string, change func(*store.Tx, *pool.ImportJob) error) (shown *wire.UserImportJobType, err error) {
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(poolID)
		if err != nil {
			return err
		}
		job, err := tx.ImportJob(p, jobID)
		if err != nil {
			return err
		}
		if job.Overdue(s.Now()) {
			job.Expire(s.Now())
		}
		if err := change(tx, job); err != nil {
			return err
		}
		shown = s.showImport(p, job)
		return tx.SaveImportJob(job)
	})
	return shown, err
}

// showImport shows a job, expired where it has waited too long for its start, whether or not that has been noted.
func (s *Service) showImport(p *pool.Pool, job *pool.ImportJob) *wire.UserImportJobType {
	if now := s.Now(); job.Overdue(now) {
		job.Expire(now)
	}
	return job.Show(p, s.PublicURL)
}

// checkNoImport refuses changes of a pool that users are being imported to.
func checkNoImport(tx *store.Tx, p *pool.Pool) error {
	runs, err := tx.ImportRuns(p.ID)
	if err == nil && runs {
		err = fault.New(fault.UserImportInProgress, "A user import job is in progress for this user pool.")
	}
	return err
}
