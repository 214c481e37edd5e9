package userpools

import (
	"context"
	"slices"

	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// linked is the value of RevokeAssociatedSessions by which the sessions end too that are linked with one.
const linked = "LINKED"

// revokeSession ends a session of a user, and those that RevokeAssociatedSessions says.
func (s *Service) revokeSession(
	ctx context.Context, p *pool.Pool, id, associated string, whose func(*store.Tx) (*user.User, error),
) error {
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := whose(tx)
		if err != nil {
			return err
		}
		all, err := s.aliveSessions(tx, p, u)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(s user.Session) bool { return s.ID == id })
		if i < 0 {
			return fault.New(fault.ResourceNotFound, "The session does not exist.")
		}
		if err := signin.EndSession(tx, p.ID, all[i]); err != nil || associated != linked {
			return err
		}
		return signin.EndLinked(tx, p.ID, all[i], all)
	})
}

// aliveSessions returns the sessions of a user that are alive, those of tokens and those of browsers.
func (s *Service) aliveSessions(tx *store.Tx, p *pool.Pool, u *user.User) ([]user.Session, error) {
	all, err := tx.Sessions(p.ID, u.ID, s.Now())
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(s user.Session) bool { return !token.SessionAlive(u, s) })
	browsers, err := authorize.BrowserSessions(tx, p, u, s.Now())
	return append(all, browsers...), err
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
		alive, err = s.aliveSessions(tx, p, u)
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
			OriginSessionId: s.BrowserID, IsCurrentSession: wire.Ptr(s.ID == current),
		}
		if s.OfBrowser() {
			out[i].SessionType = "SSO"
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
