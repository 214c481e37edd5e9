package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// CreateUserImportJob makes a job that imports users from a file, and the address to which the file is uploaded.
func (s *Service) CreateUserImportJob(ctx context.Context, in *wire.CreateUserImportJobInput) (*wire.CreateUserImportJobOutput, error) {
	var shown *wire.UserImportJobType
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		n, err := tx.CountImportJobs(p)
		if err != nil {
			return err
		}
		if n >= maxImportJobs {
			return fault.New(fault.LimitExceeded, "The number of user import jobs of the user pool has reached its limit.")
		}
		job := pool.NewImportJob(p, in, s.Now())
		shown = s.showImport(p, job)
		return tx.InsertImportJob(job)
	})
	if err != nil {
		return nil, err
	}
	return &wire.CreateUserImportJobOutput{UserImportJob: shown}, nil
}
