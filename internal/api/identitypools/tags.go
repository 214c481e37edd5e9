package identitypools

import (
	"context"
	"strings"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/identity"
)

// changeTagged changes the pool that an ARN names. The ARN of another region or account names no pool of this server.
func (s *Service) changeTagged(ctx context.Context, arn string, change func(*identity.Pool) error) error {
	id, err := poolOfARN(arn)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, id, func(p *identity.Pool) error {
		if p.ARN() != arn {
			return identity.PoolNotFound(id)
		}
		return change(p)
	})
	return err
}

// poolOfARN returns the id in the ARN of an identity pool.
func poolOfARN(arn string) (string, error) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) == 6 && parts[0] == "arn" && parts[2] == "cognito-identity" {
		if id, ok := strings.CutPrefix(parts[5], "identitypool/"); ok {
			return id, nil
		}
	}
	return "", fault.Newf(fault.InvalidParameter, "Invalid ARN: %s", arn)
}
