package pool

import (
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// Update replaces the pool's settings by those of a request. What the request leaves out returns to its default, as the service
// does it; only the name, UserAttributeUpdateSettings and DcrConfiguration stay when they are left out. What was fixed at creation
// stays in any case. A refused update changes nothing.
func (p *Pool) Update(in *wire.UpdateUserPoolInput, now time.Time) error {
	old := &p.Settings
	if in.MfaConfiguration == MFARequired && p.MFA() != MFARequired {
		return fault.New(fault.InvalidParameter, "Cannot turn MFA functionality ON, once the user pool has been created.")
	}
	s := wire.UserPoolType{
		Id: old.Id, Name: old.Name, Arn: old.Arn, CreationDate: old.CreationDate, LastModifiedDate: wire.At(now),
		SchemaAttributes: old.SchemaAttributes, AliasAttributes: old.AliasAttributes, UsernameAttributes: old.UsernameAttributes,
		UsernameConfiguration: old.UsernameConfiguration, Domain: old.Domain, CustomDomain: old.CustomDomain,
		UserAttributeUpdateSettings: old.UserAttributeUpdateSettings, DcrConfiguration: old.DcrConfiguration,
	}
	// A list that is read into an existing structure would be mixed with what was there.
	if in.UserAttributeUpdateSettings != nil {
		s.UserAttributeUpdateSettings = nil
	}
	if in.DcrConfiguration != nil {
		s.DcrConfiguration = nil
	}
	if err := readSettings(&s, in); err != nil {
		return err
	}
	if in.PoolName != "" {
		s.Name = in.PoolName
	}
	return p.settle(s)
}

// CheckDelete refuses to delete a pool that is protected or still has a domain.
func (p *Pool) CheckDelete() error {
	switch {
	case p.Settings.DeletionProtection == "ACTIVE":
		return fault.New(fault.InvalidParameter, "The user pool cannot be deleted because deletion protection is activated. "+
			"Deletion protection must be inactivated first.")
	case p.Settings.Domain != "" || p.Settings.CustomDomain != "":
		return fault.New(fault.InvalidParameter, "User pool cannot be deleted. It has a domain configured that should be deleted first.")
	}
	return nil
}
