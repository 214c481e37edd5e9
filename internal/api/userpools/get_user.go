package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/wire"
)

// GetUser shows the signed-in user the attributes that the client may read: no status and no dates.
func (s *Service) GetUser(ctx context.Context, in *wire.GetUserInput) (*wire.GetUserOutput, error) {
	by, err := s.caller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	u := by.User
	return &wire.GetUserOutput{
		Username:            u.Username,
		UserAttributes:      showAttributes(u, by.Client.CanRead),
		MFAOptions:          showMFAOptions(u),
		PreferredMfaSetting: string(u.Factors.Preferred),
		UserMFASettingList:  u.EnabledFactors(),
	}, nil
}
