package userpools

import (
	"context"
	"slices"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// ListUserSessions shows the sessions of the signed-in user, all on one page, as the service does: there are a hundred at most.
func (s *Service) ListUserSessions(ctx context.Context, in *wire.ListUserSessionsInput) (*wire.ListUserSessionsOutput, error) {
	by, err := s.caller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	sessions, err := s.sessions(ctx, by.Pool, in.NextToken, func(*store.Tx) (*user.User, error) { return by.User, nil })
	if err != nil {
		return nil, err
	}
	current := ""
	if by.Token.OriginJTI != "" {
		current = token.SessionID(by.Token.OriginJTI)
	}
	return &wire.ListUserSessionsOutput{Sessions: showSessions(sessions, current)}, nil
}

// sessions lists the sessions of a user that are alive, the most recently used first.
func (s *Service) sessions(
	ctx context.Context, p *pool.Pool, page string, whose func(*store.Tx) (*user.User, error),
) (alive []user.Session, err error) {
	if err := checkTracksSessions(p); err != nil {
		return nil, err
	}
	if page != "" {
		return nil, errPage // there is one page
	}
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		u, err := whose(tx)
		if err != nil {
			return err
		}
		all, err := tx.Sessions(p.ID, u.ID, s.Now())
		alive = slices.DeleteFunc(all, func(s user.Session) bool { return !token.SessionAlive(u, s) })
		return err
	})
	slices.SortFunc(alive, func(a, b user.Session) int { return b.LastUsed.Compare(a.LastUsed) })
	return alive, err
}

func checkTracksSessions(p *pool.Pool) error {
	if !p.TracksSessions() {
		return fault.New(fault.OperationNotEnabled, "Session tracking is not enabled for the user pool.")
	}
	return nil
}

// showSessions shows sessions; current is the id of the one that asks, or "". Where an address is on the map is not known.
func showSessions(sessions []user.Session, current string) []wire.SessionDescriptionType {
	out := make([]wire.SessionDescriptionType, len(sessions))
	for i, s := range sessions {
		out[i] = wire.SessionDescriptionType{
			SessionId: s.ID, SessionType: "TOKEN", ClientId: s.ClientID, CreateDate: wire.At(s.Created), LastActiveDate: wire.At(s.LastUsed),
			DeviceType: s.Device, LastIPAddress: s.IP, LastLocation: &wire.SessionLocationType{Country: "unknown"},
			IsCurrentSession: wire.Ptr(s.ID == current),
		}
	}
	return out
}
