package external

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/federate"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
)

// maxUsername is how long a username may be, and maxValue what a provider says about an attribute: in characters, and in the service's words where
// it is longer (documented, and observed for SAML).
const (
	maxUsername = 128
	maxValue    = 2048
)

// usernamePattern is what the operations take as a username, as their model has it: nobody could manage a user with another one.
const usernamePattern = `[\p{L}\p{M}\p{S}\p{N}\p{P}]+`

var username = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("^" + usernamePattern + "$") })

// visitor is an account at a provider that wants to sign in to a client.
type visitor struct {
	*authorize.Request
	provider   *pool.Provider
	identity   user.Identity
	mapped     map[string]string // attributes as the mapping makes them of what the provider says
	attributes map[string]string // those that the client may write
	vouched    string            // address that the provider says is verified, where that links; "" for none
}

// person returns the user whom the account leads to, with the attributes as the provider tells them now. An account that signs in for the
// first time makes the user, unless it has been linked to one.
func (s *Service) person(ctx context.Context, r *authorize.Request, v *pool.Provider, a *federate.Account) (_ *user.User, isNew bool, err error) {
	x := &visitor{Request: r, provider: v, identity: user.Identity{
		Provider: v.Name, Type: v.Settings.ProviderType, Issuer: a.Issuer, Attribute: pool.SubjectAttribute, Value: a.Subject,
		Created: s.Now().Truncate(time.Millisecond),
	}}
	if name := user.ExternalUsername(r.Pool, x.identity); len([]rune(name)) > maxUsername {
		return nil, false, fault.Newf(fault.InvalidParameter, "1 validation error detected: Value '%s' at 'userName' failed to satisfy constraint: "+
			"Member must have length less than or equal to %d", begin(name, 2*maxUsername), maxUsername)
	}
	if mapped := a.Claims.Mapped(v); s.allows(v, pool.LinkVerifiedEmail) && mapped[user.VerifiedName(pool.Email)] == "true" {
		x.vouched = mapped[pool.Email] // as the provider says it: what the pool's function makes of it leads nobody to a user
	}
	claims, err := s.inbound(ctx, r, v, a)
	if err != nil {
		return nil, false, err
	}
	x.mapped = claims.Mapped(v)
	x.attributes = maps.Clone(x.mapped)
	maps.DeleteFunc(x.attributes, func(name, _ string) bool { // as if they were not mapped (documented)
		return !r.Client.CanWrite(strings.TrimSuffix(name, "_verified")) // no client can write that; who writes an address says so
	})
	for _, name := range slices.Sorted(maps.Keys(x.attributes)) {
		if utf8.RuneCountInString(x.attributes[name]) > maxValue {
			return nil, false, fault.Newf(fault.InvalidParameter, "The value of the attribute %s must have a length less than or equal to %d characters", name, maxValue)
		}
	}
	var u *user.User
	var linked bool
	err = s.Store.Update(ctx, func(tx *store.Tx) (err error) {
		linked = false
		if u, err = x.known(tx, s.Now()); err != nil || u != nil {
			return err
		}
		u, err = x.linkByEmail(tx, s.Now())
		linked = u != nil
		return err
	})
	if err != nil {
		return nil, false, err
	}
	if u == nil {
		return s.firstVisit(ctx, x)
	}
	if linked {
		s.Log.InfoContext(ctx, "account linked by verified e-mail address", "pool", r.Pool.ID, "provider", v.Name, "user", u.ID)
	}
	return u, false, nil
}

// allows reports whether the provider has a detail beyond the service's, and the operator allows such details.
func (s *Service) allows(v *pool.Provider, detail string) bool { return s.Extensions && v.Flag(detail) }

// inbound asks the pool's function what becomes of the claims. Who the person is stays what the provider says.
func (s *Service) inbound(ctx context.Context, r *authorize.Request, v *pool.Provider, a *federate.Account) (federate.Claims, error) {
	told, err := s.Triggers.InboundFederation(ctx,
		trigger.CallFrom(ctx, r.Pool, r.Client.ID, a.Subject, trigger.InboundFederationExternalProvider),
		trigger.InboundFederationRequest{ProviderName: v.Name, ProviderType: v.Settings.ProviderType, Attributes: trigger.ProviderAttributes{
			TokenResponse: a.Told.TokenResponse, IDToken: a.Told.IDToken, UserInfo: a.Told.UserInfo, SAMLResponse: a.Told.SAML,
		}})
	if err != nil || len(told) == 0 {
		return a.Claims, err
	}
	return federate.Texts(told), nil
}

// known returns the user whom the account leads to, brought up to date; nil when it leads to nobody yet.
func (x *visitor) known(tx *store.Tx, now time.Time) (*user.User, error) {
	u, linked, err := x.find(tx)
	if err != nil || u == nil {
		return nil, err
	}
	if !u.Enabled {
		return nil, user.IsDisabled()
	}
	if linked != nil {
		u.Recognize(*linked, x.identity, now)
	}
	return u, x.bringUpToDate(tx, u, linked != nil, now)
}

// bringUpToDate saves the user with the attributes as the provider tells them now. changed says that there is something else to save.
func (x *visitor) bringUpToDate(tx *store.Tx, u *user.User, changed bool, now time.Time) error {
	attributes := maps.Clone(x.attributes)
	if err := user.CheckUpdate(x.Pool, u, attributes); err != nil {
		return err
	}
	before := maps.Clone(u.Attributes)
	if u.Assert(attributes, now); !changed && maps.Equal(before, u.Attributes) {
		return nil
	}
	return taken(tx.WithAliases(x.Pool, u, false, tx.SaveUser), x)
}

// find looks the account up by its subject, then by what it may have been linked by before it ever signed in: who somebody is does not depend
// on what the client may write.
func (x *visitor) find(tx *store.Tx) (*user.User, *user.Identity, error) {
	u, err := tx.UserByIdentity(x.Pool, x.provider.Name, pool.SubjectAttribute, x.identity.Value)
	if err == nil || !fault.Is(err, fault.UserNotFound) {
		return u, nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(x.mapped)) {
		if x.mapped[name] == "" || !x.provider.Links(name) {
			continue
		}
		u, err := tx.UserByIdentity(x.Pool, x.provider.Name, name, x.mapped[name])
		if fault.Is(err, fault.UserNotFound) {
			continue
		}
		linked := x.identity
		linked.Attribute, linked.Value = name, x.mapped[name]
		return u, &linked, err
	}
	return nil, nil, nil
}

// firstVisit makes the user of an account that leads to nobody. PreSignUp may refuse, or link the account to a user, who then signs in.
func (s *Service) firstVisit(ctx context.Context, x *visitor) (u *user.User, isNew bool, err error) {
	attributes := maps.Clone(x.attributes)
	maps.DeleteFunc(attributes, func(_, value string) bool { return value == "" })
	if err := user.CheckNew(x.Pool, attributes, true); err != nil {
		return nil, false, err
	}
	u = user.NewExternal(x.Pool, uuid.NewString(), x.identity, s.Now())
	if !username().MatchString(u.Username) {
		return nil, false, fault.Newf(fault.InvalidParameter, "1 validation error detected: Value '%s' at 'userName' failed to satisfy constraint: "+
			"Member must satisfy regular expression pattern: %s", u.Username, usernamePattern)
	}
	u.Assert(attributes, s.Now())
	decided, err := s.preSignUp(ctx, x, u, attributes)
	if err != nil {
		return nil, false, err
	}
	for name, vouched := range map[string]bool{pool.Email: decided.AutoVerifyEmail, pool.Phone: decided.AutoVerifyPhone} {
		if vouched && u.Attributes[name] != "" {
			u.Attributes.Set(user.VerifiedName(name), "true")
		}
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		isNew = false
		known, err := x.known(tx, s.Now()) // linked by the function, or signed in on another node in the meantime
		if err != nil {
			return err
		}
		if known != nil {
			u = known
			return nil
		}
		if err := x.checkSpelling(tx); err != nil {
			return err
		}
		isNew = true
		if err := tx.InsertUser(x.Pool, u); err != nil {
			return taken(err, x)
		}
		return s.join(tx, x, u)
	})
	if err != nil || !isNew {
		return u, false, err
	}
	return u, true, s.Triggers.PostConfirmation(ctx,
		trigger.CallFrom(ctx, x.Pool, x.Client.ID, u.Username, trigger.PostConfirmationConfirmSignUp),
		trigger.PostConfirmationRequest{UserAttributes: trigger.UserAttributes(x.Pool, u)})
}

func (s *Service) preSignUp(ctx context.Context, x *visitor, u *user.User, attributes map[string]string) (trigger.PreSignUpResponse, error) {
	told := maps.Clone(attributes)
	told["cognito:email_alias"], told["cognito:phone_number_alias"] = "", "" // as the service does for accounts of providers
	return s.Triggers.PreSignUp(ctx, trigger.CallFrom(ctx, x.Pool, x.Client.ID, u.Username, trigger.PreSignUpExternalProvider),
		trigger.PreSignUpRequest{UserAttributes: told, ValidationData: map[string]string{}})
}

// join puts a new user into the group of the provider's users, which the first one makes.
func (s *Service) join(tx *store.Tx, x *visitor, u *user.User) error {
	g := pool.Group{PoolID: x.Pool.ID, Name: x.Pool.ID + "_" + x.provider.Name, Created: s.Now(), Modified: s.Now()}
	g.Description = fmt.Sprintf("Autogenerated group for users who sign in using %s", x.provider.Name)
	if _, err := tx.Group(g.PoolID, g.Name); fault.Is(err, fault.ResourceNotFound) {
		if err := tx.InsertGroup(g); err != nil && !fault.Is(err, fault.GroupExists) {
			return err
		}
	} else if err != nil {
		return err
	}
	return tx.AddMember(g.PoolID, g.Name, u.ID, s.Now())
}

// checkSpelling refuses a subject that differs from a known one by case only, where usernames do not: subjects have case (documented). The text was
// observed for SAML.
func (x *visitor) checkSpelling(tx *store.Tx) error {
	u, err := tx.UserByName(x.Pool, user.ExternalUsername(x.Pool, x.identity))
	if fault.Is(err, fault.UserNotFound) {
		return nil
	}
	if err == nil && slices.ContainsFunc(u.Identities, func(i user.Identity) bool {
		return i.Provider == x.identity.Provider && i.Value != x.identity.Value && strings.EqualFold(i.Value, x.identity.Value)
	}) {
		return fault.New(fault.InvalidParameter, "Invalid ProviderName/Username combination.")
	}
	return err
}

// taken words that somebody else has the name.
func taken(err error, x *visitor) error {
	if name, ok := errors.AsType[*store.NameTaken](err); ok && name.Name.Kind == user.ByUsername {
		return fault.New(fault.UsernameExists, "Already found an entry for username "+user.ExternalUsername(x.Pool, x.identity)).Because(err)
	}
	return err
}
