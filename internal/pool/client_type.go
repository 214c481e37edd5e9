package pool

import (
	"cmp"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// clientRegistered is the type of clients that registered themselves.
const clientRegistered = wire.ClientTypeDCR

// RegistrationScope lets an app client get tokens with which applications register themselves. It is the service's own (documented): no
// resource server has it.
const RegistrationScope = "aws.cognito/dcr/register"

// MaxClients is how many app clients a pool can have when one registers itself: the service's quota.
const MaxClients = 1000

// Type says how the client came to be: REGULAR, or DCR when it registered itself.
func (c *Client) Type() string { return cmp.Or(c.Settings.ClientType, "REGULAR") }

// Registered reports whether the client registered itself, so that no administrator has looked at it.
func (c *Client) Registered() bool { return c.Type() == clientRegistered }

// CheckSecretOperations refuses the operations on secrets for a client that registered itself, which supports none of them (documented).
func (c *Client) CheckSecretOperations() error {
	if c.Registered() {
		return fault.Newf(fault.InvalidParameter, "Client secret operations are not supported for the dynamically registered client %s.", c.ID)
	}
	return nil
}

// RegisterClient is NewClient for a client that registers itself in a pool that has n clients.
func RegisterClient(p *Pool, n int64, offers Offers, in *wire.CreateUserPoolClientInput, now time.Time) (*Client, error) {
	if n >= MaxClients {
		return nil, fault.Newf(fault.LimitExceeded, "A user pool can have at most %d app clients.", MaxClients)
	}
	c, err := NewClient(p, offers, in, now)
	if err != nil {
		return nil, err
	}
	c.Settings.ClientType = clientRegistered
	return c, nil
}

// Registration returns how applications may register themselves; nil when they may not.
func (p *Pool) Registration() *wire.DcrConfigurationType {
	if d := p.Settings.DcrConfiguration; d != nil && d.EnableStatus == "Enabled" {
		return d
	}
	return nil
}
