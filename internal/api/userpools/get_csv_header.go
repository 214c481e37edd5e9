package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/wire"
)

// GetCSVHeader returns the columns that the file of a user import needs. A job with hashed passwords may have one more.
func (s *Service) GetCSVHeader(ctx context.Context, in *wire.GetCSVHeaderInput) (*wire.GetCSVHeaderOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	return &wire.GetCSVHeaderOutput{UserPoolId: p.ID, CSVHeader: p.ImportColumns()}, nil
}
