package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// claimant is whoever a request of sign-up or recovery names and has proved nothing yet. An unknown name is a phantom's.
type claimant struct {
	pool    *pool.Pool
	client  *pool.Client
	user    *user.User
	subject string // under which attempts are counted
}

// errNoCombination is the answer of sign-up and recovery for an unknown user, where the client does not hide who exists.
var errNoCombination = fault.New(fault.UserNotFound, "Username/client id combination not found.")

// publicClient returns the client of a request without credentials and its pool, once the secret hash is right: nobody is looked up before. The
// context knows the user's address as the client tells it.
func (s *Service) publicClient(
	ctx context.Context, clientID, username, secretHash string, d *wire.UserContextDataType,
) (context.Context, *pool.Pool, *pool.Client, error) {
	p, c, err := s.Store.Client(ctx, clientID)
	if err != nil {
		return nil, nil, nil, err
	}
	if err := c.CheckSecretHash(username, secretHash); err != nil {
		return nil, nil, nil, err
	}
	return audit.ByClient(ctx, c, d), p, c, nil
}

// claimant finds the user who signs in with the name and counts the attempt. Where the client does not hide who exists, an unknown one is
// refused, and not counted.
func (s *Service) claimant(ctx context.Context, p *pool.Pool, c *pool.Client, name string, a user.Action) (*claimant, error) {
	x, err := s.find(ctx, p, c, name)
	if err != nil {
		return nil, err
	}
	if x.user.Phantom && !c.HidesUsers() {
		return nil, errNoCombination
	}
	return x, s.countAttempt(ctx, p.ID, x.subject, a)
}

// find finds the user who signs in with the name, or its phantom.
func (s *Service) find(ctx context.Context, p *pool.Pool, c *pool.Client, name string) (*claimant, error) {
	x := &claimant{pool: p, client: c}
	err := s.Store.View(ctx, func(tx *store.Tx) (err error) {
		x.user, err = tx.UserBySignInName(p, name)
		return err
	})
	if fault.Is(err, fault.UserNotFound) {
		x.user = user.Phantom(p, name)
		x.subject = user.PhantomSubject(x.user.ID)
		return x, nil
	}
	if err != nil {
		return nil, err
	}
	x.subject = user.Subject(x.user.ID)
	return x, nil
}

// known returns the user, nil for a phantom.
func (x *claimant) known() *user.User {
	if x.user.Phantom {
		return nil
	}
	return x.user
}
