package signin

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
)

// The functions behind triggers are asked here, never within a transaction: they may take seconds, and may call back. The order is that
// of the service: PreAuthentication before any proof is looked at, PostAuthentication when nothing more has to be proved,
// PreTokenGeneration before tokens are signed.

// asked returns how functions are told about a person: the username, the attributes, and for clients that hide who exists whether there is
// no such user. A phantom has the name that was typed and no attributes.
func asked(r Request, w *person) (userName string, attributes map[string]string, notFound *bool) {
	if r.Client.HidesUsers() {
		notFound = &w.user.Phantom
	}
	if w.user.Phantom {
		return w.typed, nil, notFound
	}
	return w.user.Username, trigger.UserAttributes(r.Pool, w.user), notFound
}

// preAuthentication asks whether the person may begin to sign in. It is asked once the name is resolved and the user is known to be
// enabled and not locked out, before status and proof: a function sees users who have to confirm or to reset too. Of a name that nobody
// has it hears only where the client hides that.
func (m *Machine) preAuthentication(ctx context.Context, r Request, w *person) error {
	if w.unannounced || !m.Triggers.Has(r.Pool, trigger.PreAuthentication) || w.user.Phantom && !r.Client.HidesUsers() {
		return nil
	}
	userName, attributes, notFound := asked(r, w)
	return m.Triggers.PreAuthentication(ctx,
		trigger.CallFrom(ctx, r.Pool, r.Client.ID, userName, trigger.PreAuthenticationAuthentication),
		trigger.PreAuthenticationRequest{UserAttributes: attributes, ValidationData: r.validation, UserNotFound: notFound})
}

// postAuthentication tells that the user has proved everything.
func (m *Machine) postAuthentication(ctx context.Context, r Request, w *person) error {
	if w.unannounced || !m.Triggers.Has(r.Pool, trigger.PostAuthentication) {
		return nil
	}
	return m.Triggers.PostAuthentication(ctx,
		trigger.CallFrom(ctx, r.Pool, r.Client.ID, w.user.Username, trigger.PostAuthenticationAuthentication),
		trigger.PostAuthenticationRequest{
			UserAttributes: trigger.UserAttributes(r.Pool, w.user),
			NewDeviceUsed:  newDeviceUsed(r.Pool, w.device),
			ClientMetadata: r.Metadata,
		})
}

// newDeviceUsed reports whether the sign-in came from a device that is not remembered. Where users are asked before a device is
// remembered, and where devices are not tracked, it says nothing.
func newDeviceUsed(p *pool.Pool, d *user.Device) bool {
	return p.TracksDevices() && !p.AsksToRemember() && (d == nil || !d.Remembered)
}

// tokenChanges asks what to change in the tokens of a grant that are about to be signed, and adds it to the grant. Without the trigger it
// costs nothing.
func (m *Machine) tokenChanges(ctx context.Context, g *token.Grant, metadata map[string]string, source trigger.Source) error {
	if !m.Triggers.HasPreToken(g.Pool, source) {
		return nil
	}
	names, roles, preferred := token.GroupClaims(g.Groups)
	groups := &trigger.Groups{GroupsToOverride: names, IAMRolesToOverride: roles}
	if preferred != "" {
		groups.PreferredRole = &preferred
	}
	changes, err := m.Triggers.PreTokenGeneration(ctx, trigger.CallFrom(ctx, g.Pool, g.Client.ID, g.User.Username, source),
		trigger.PreTokenGenerationRequest{
			UserAttributes:     trigger.UserAttributes(g.Pool, g.User),
			GroupConfiguration: groups,
			ClientMetadata:     metadata,
			Scopes:             g.Scopes,
		})
	if err != nil {
		return err
	}
	g.Changes = changes
	return nil
}
