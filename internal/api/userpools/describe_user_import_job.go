package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DescribeUserImportJob shows how far a user import is.
func (s *Service) DescribeUserImportJob(ctx context.Context, in *wire.DescribeUserImportJobInput) (*wire.DescribeUserImportJobOutput, error) {
	var shown *wire.UserImportJobType
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		job, err := tx.ImportJob(p, in.JobId)
		if err != nil {
			return err
		}
		shown = s.showImport(p, job)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &wire.DescribeUserImportJobOutput{UserImportJob: shown}, nil
}
