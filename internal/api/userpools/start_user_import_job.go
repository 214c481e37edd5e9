package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// StartUserImportJob has the users of an uploaded file made. One job of an account runs at a time.
func (s *Service) StartUserImportJob(ctx context.Context, in *wire.StartUserImportJobInput) (*wire.StartUserImportJobOutput, error) {
	shown, err := s.changeImport(ctx, in.UserPoolId, in.JobId, func(tx *store.Tx, job *pool.ImportJob) error {
		if err := job.Start(s.Now()); err != nil {
			return err
		}
		busy, err := tx.AccountImports(job.AccountID)
		if err == nil && busy {
			err = fault.New(fault.PreconditionNotMet, "Another user import job of the account is running.")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &wire.StartUserImportJobOutput{UserImportJob: shown}, nil
}
