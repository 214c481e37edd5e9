package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// attributePrefix begins the names of attributes among challenge responses.
const attributePrefix = "userAttributes."

// poseNewPassword asks the owner of a temporary password for a new one, and for the required attributes that are missing.
// userAttributes and requiredAttributes are JSON texts: clients parse both without a guard.
func (m *Machine) poseNewPassword(r Request, w *person, a *Attempt) (*Outcome, error) {
	p, c := r.Pool, r.Client
	shown := map[string]string{}
	for name, value := range w.user.Attributes {
		if name != "sub" && c.CanRead(name) {
			shown[name] = value
		}
	}
	for _, name := range p.RequiredAttributes() {
		if _, ok := shown[name]; !ok && name != "sub" && c.CanRead(name) {
			shown[name] = "" // captured
		}
	}
	lacking := []string{}
	for _, name := range missingAttributes(p, c, w.user) {
		lacking = append(lacking, attributePrefix+name)
	}
	attributes, err := json.Marshal(shown)
	if err != nil {
		return nil, fmt.Errorf("encode attributes: %w", err)
	}
	names, err := json.Marshal(lacking)
	if err != nil {
		return nil, fmt.Errorf("encode attribute names: %w", err)
	}
	return m.ask(r, m.pending(c, a, NewPasswordRequired), map[string]string{
		"USER_ID_FOR_SRP":    w.shown(),
		"userAttributes":     string(attributes),
		"requiredAttributes": string(names),
	})
}

// missingAttributes returns the required attributes that the user lacks and the client may write.
func missingAttributes(p *pool.Pool, c *pool.Client, u *user.User) []string {
	var names []string
	for _, name := range p.RequiredAttributes() {
		if u.Attributes[name] == "" && c.CanWrite(name) {
			names = append(names, name)
		}
	}
	return names
}

// checkNewPassword checks the new password and the attributes; a refusal leaves the session usable.
func (m *Machine) checkNewPassword(ctx context.Context, r Request, w *person, a *Attempt, with map[string]string) (*Outcome, error) {
	password, err := required(with, "NEW_PASSWORD")
	if err != nil {
		return nil, err
	}
	if err := wire.CheckNewPassword(password); err != nil {
		return nil, err
	}
	attributes := map[string]string{}
	for key, value := range with {
		if name, ok := strings.CutPrefix(key, attributePrefix); ok {
			attributes[name] = value
		}
	}
	if err := checkNewAttributes(r.Pool, r.Client, w.user, attributes); err != nil {
		return nil, err
	}
	if err := r.Pool.PasswordPolicy().Check(pool.NewPassword, password); err != nil {
		return nil, err
	}
	if err := m.Risk.CheckNew(r.Pool, r.Client, audit.AtPasswordChange, password); err != nil {
		return nil, err
	}
	if err := w.user.CheckHistory(r.Pool, password); err != nil {
		return nil, err
	}
	kept := user.NewPassword(r.Pool, w.user.Username, password)
	passing := *a
	passing.passed(NewPasswordRequired)
	return m.advance(ctx, r, w, &passing, func(tx *store.Tx) error {
		u, err := a.reread(tx, r.Pool)
		if err != nil {
			return err
		}
		for name, value := range attributes {
			u.Attributes.Set(name, value)
			if name == pool.Email || name == pool.Phone { // nobody has shown control of it
				u.Attributes.Set(user.VerifiedName(name), "false")
			}
		}
		u.SetPassword(r.Pool, kept, m.Now())
		w.user, passing.Ground = u, ground(u)
		return aliasExists(tx.SaveUser(r.Pool, u))
	})
}

// checkNewAttributes holds the rules for attributes in an answer. Texts observed on the service.
func checkNewAttributes(p *pool.Pool, c *pool.Client, u *user.User, attributes map[string]string) error {
	names := make([]string, 0, len(attributes))
	for name := range attributes {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if u.Attributes[name] != "" {
			return fault.Newf(fault.NotAuthorized, "Cannot modify an already provided %s", name)
		}
		if p.Attribute(name) == nil {
			return user.UnknownAttribute(name)
		}
		if !c.CanWrite(name) {
			return user.UnauthorizedAttribute()
		}
	}
	if err := user.CheckValues(p, attributes); err != nil {
		return err
	}
	for _, name := range missingAttributes(p, c, u) {
		if attributes[name] == "" {
			return fault.Newf(fault.InvalidParameter, "Invalid attributes given, %s is missing", name)
		}
	}
	return nil
}

// aliasExists turns a name that somebody else holds into the answer for it.
func aliasExists(err error) error {
	var taken *store.NameTaken
	if errors.As(err, &taken) {
		return user.AliasExists(string(taken.Name.Kind))
	}
	return err
}
