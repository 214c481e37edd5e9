package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// StopUserImportJob ends a user import that runs. The users that it has made stay.
func (s *Service) StopUserImportJob(ctx context.Context, in *wire.StopUserImportJobInput) (*wire.StopUserImportJobOutput, error) {
	shown, err := s.changeImport(ctx, in.UserPoolId, in.JobId, func(_ *store.Tx, job *pool.ImportJob) error { return job.Stop(s.Now()) })
	if err != nil {
		return nil, err
	}
	return &wire.StopUserImportJobOutput{UserImportJob: shown}, nil
}
