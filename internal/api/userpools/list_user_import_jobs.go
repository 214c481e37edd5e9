package userpools

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// ListUserImportJobs shows the user imports of a pool, the newest first, a page at a time.
func (s *Service) ListUserImportJobs(ctx context.Context, in *wire.ListUserImportJobsInput) (*wire.ListUserImportJobsOutput, error) {
	scope := []string{"ListUserImportJobs", in.UserPoolId}
	limit := int(in.MaxResults)
	out := &wire.ListUserImportJobsOutput{}
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		cursor, err := s.readPageToken(in.PaginationToken, scope, 2)
		if err != nil {
			return err
		}
		var before time.Time
		if cursor[0] != "" {
			if before, err = time.Parse(time.RFC3339Nano, cursor[0]); err != nil {
				return errPage
			}
		}
		jobs, err := tx.ImportJobs(p, before, cursor[1], limit+1)
		if err != nil {
			return err
		}
		out.PaginationToken = ""
		if len(jobs) > limit {
			jobs = jobs[:limit]
			last := jobs[limit-1]
			if out.PaginationToken, err = s.pageToken(scope, last.Created.Format(time.RFC3339Nano), last.ID); err != nil {
				return err
			}
		}
		out.UserImportJobs = []wire.UserImportJobType{}
		for _, job := range jobs {
			out.UserImportJobs = append(out.UserImportJobs, *s.showImport(p, job))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
