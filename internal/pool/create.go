package pool

import (
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// New makes a pool with a new id from a request, with every default filled in. The region and the account are parts of its name. It
// has no keys yet. A request that contradicts itself is refused.
func New(in *wire.CreateUserPoolInput, region, accountID string, now time.Time) (*Pool, error) {
	id := NewID(region)
	p := &Pool{ID: id}
	s := wire.UserPoolType{
		Id: id, Name: in.PoolName, Arn: ARN(region, accountID, id), CreationDate: wire.At(now), LastModifiedDate: wire.At(now),
	}
	if err := readSettings(&s, in); err != nil {
		return nil, err
	}
	err := checkTemporaryPasswordDays(in.Policies, in.AdminCreateUserConfig)
	if err != nil {
		return nil, err
	}
	if err := checkLinkMessage(in.VerificationMessageTemplate); err != nil {
		return nil, err
	}
	if s.SchemaAttributes, err = newSchema(in.Schema); err != nil {
		return nil, err
	}
	s.AliasAttributes, s.UsernameAttributes = distinct(s.AliasAttributes), distinct(s.UsernameAttributes)
	if err := checkNames(&s); err != nil {
		return nil, err
	}
	if err := p.settle(s); err != nil {
		return nil, err
	}
	return p, nil
}

// settle makes the settings, as a caller gave them, the pool's own: it fills in what they leave out and refuses what cannot be.
func (p *Pool) settle(s wire.UserPoolType) error {
	fillIn(&s, p.Region())
	if err := p.check(&s); err != nil {
		return err
	}
	p.Settings = s
	return nil
}

// readSettings copies every member of a request that the settings have too. It goes by the wire form, so that a member which the
// model gains is stored without another line here, and so that the copy shares nothing with the request.
func readSettings(settings, request any) error {
	data, err := wire.Encode(request)
	if err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	if err := wire.Unmarshal(data, settings); err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	return nil
}

// checkNames refuses contradictions in what users are called. None of it can be changed once the pool exists.
func checkNames(s *wire.UserPoolType) error {
	if len(s.AliasAttributes) > 0 && len(s.UsernameAttributes) > 0 {
		return fault.New(fault.InvalidParameter, "Only one of the aliasAttributes or usernameAttributes can be set in a user pool.")
	}
	for _, a := range s.SchemaAttributes {
		// A preferred_username that is an alias can be set only after sign-up, so sign-up cannot require it.
		if a.Name == "preferred_username" && wire.Value(a.Required, false) && (&Pool{Settings: *s}).IsAlias(a.Name) {
			return fault.New(fault.InvalidParameter, "preferred_username can not be both a required attribute and an alias.")
		}
	}
	return nil
}

// distinct returns the items without repetitions, in their order; nil when there are none.
func distinct(items []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range items {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
