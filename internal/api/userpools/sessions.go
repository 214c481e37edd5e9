package userpools

import (
	"context"
	"slices"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// revokeSession ends a session of a user. The sessions that RevokeAssociatedSessions speaks of are those of browsers, which are not kept with the
// token sessions that came through them: there is nothing linked that could end.
func (s *Service) revokeSession(ctx context.Context, p *pool.Pool, id string, whose func(*store.Tx) (*user.User, error)) error {
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := whose(tx)
		if err != nil {
			return err
		}
		all, err := tx.Sessions(p.ID, u.ID, s.Now())
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(s user.Session) bool { return s.ID == id && token.SessionAlive(u, s) })
		if i < 0 {
			return fault.New(fault.ResourceNotFound, "The session does not exist.")
		}
		return signin.EndSession(tx, p.ID, all[i])
	})
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

// showSessionSettings shows the session settings of a pool, with the defaults in place of what was never set.
func showSessionSettings(p *pool.Pool) *wire.GetUserPoolSessionConfigurationOutput {
	out := &wire.GetUserPoolSessionConfigurationOutput{
		UserPoolId: p.ID, UserSessionTracking: "DISABLED",
		TokenSession: &wire.UserPoolTokenSessionConfigType{MaxPerUser: int64(p.MaxSessions())},
	}
	if p.TracksSessions() {
		out.UserSessionTracking = "ENABLED"
	}
	return out
}

func showClientSessions(c *pool.Client) *wire.GetUserPoolClientSessionConfigurationOutput {
	return &wire.GetUserPoolClientSessionConfigurationOutput{
		UserPoolId: c.PoolID, ClientId: c.ID, SSOSession: &wire.ClientSSOSessionConfigType{MaxValidityMinutes: c.SSOMinutes()},
	}
}
