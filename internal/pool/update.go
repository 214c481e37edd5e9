package pool

import (
	"cmp"
	"reflect"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// Update changes the pool's settings by those of a request. A member of the request replaces the whole setting. What a member that is
// left out does was measured on the service for some and decided for the others; docs/divergences.md lists all with their reasons:
//
//   - AutoVerifiedAttributes, LambdaConfig, DeviceConfiguration and UserPoolAddOns return to their defaults.
//   - Everything else stays, and so does each part of Policies on its own. An update of something else must not switch MFA off, weaken the
//     password policy, open sign-up or end deletion protection.
//
// What was fixed at creation stays in any case. A refused update changes nothing.
func (p *Pool) Update(in *wire.UpdateUserPoolInput, now time.Time) error {
	if in.MfaConfiguration == MFARequired && p.MFA() != MFARequired {
		return fault.New(fault.InvalidParameter, "Cannot turn MFA functionality ON, once the user pool has been created.")
	}
	if err := checkTemporaryPasswordDays(in.Policies, in.AdminCreateUserConfig); err != nil {
		return err
	}
	if err := checkLinkMessage(in.VerificationMessageTemplate); err != nil {
		return err
	}
	var s wire.UserPoolType
	if err := readSettings(&s, &p.Settings); err != nil {
		return err
	}
	s.AutoVerifiedAttributes, s.LambdaConfig, s.DeviceConfiguration, s.UserPoolAddOns = nil, nil, nil, nil
	keepPolicies(&s, in)
	keepTemplates(&s, in)
	clearNamed(&s, in)
	if err := readSettings(&s, in); err != nil {
		return err
	}
	s.Name, s.LastModifiedDate = cmp.Or(in.PoolName, s.Name), wire.At(now)
	if in.UserPoolTier == "" && protectsFromThreats(&s) {
		s.UserPoolTier = Plus
	}
	next := *p
	if s.MfaConfiguration == MFAOff {
		next.Mfa = MfaSettings{WebAuthn: p.Mfa.WebAuthn} // passkeys are no second factor
	}
	if err := next.settle(s); err != nil {
		return err
	}
	*p = next
	return nil
}

// keepPolicies prepares the parts of Policies, and the life of temporary passwords, which two members name: the one that is named in
// the request counts.
func keepPolicies(s *wire.UserPoolType, in *wire.UpdateUserPoolInput) {
	kept := s.Policies
	switch {
	case in.Policies != nil && in.Policies.PasswordPolicy != nil:
		kept.PasswordPolicy = nil
		s.AdminCreateUserConfig.UnusedAccountValidityDays = nil
	case in.AdminCreateUserConfig != nil && wire.Value(in.AdminCreateUserConfig.UnusedAccountValidityDays, 0) != 0:
		kept.PasswordPolicy.TemporaryPasswordValidityDays = nil
	}
	if in.Policies != nil && in.Policies.SignInPolicy != nil {
		kept.SignInPolicy = nil
	}
}

// keepTemplates prepares the verification messages. Three texts of the template have older names outside of it. A template in the request
// replaces all texts; a text under its older name replaces that one.
func keepTemplates(s *wire.UserPoolType, in *wire.UpdateUserPoolInput) {
	if in.VerificationMessageTemplate != nil {
		s.EmailVerificationMessage, s.EmailVerificationSubject, s.SmsVerificationMessage = "", "", ""
		return
	}
	t := s.VerificationMessageTemplate
	t.EmailMessage = cmp.Or(in.EmailVerificationMessage, t.EmailMessage)
	t.EmailSubject = cmp.Or(in.EmailVerificationSubject, t.EmailSubject)
	t.SmsMessage = cmp.Or(in.SmsVerificationMessage, t.SmsMessage)
}

// clearNamed empties each setting that the request names, so that what is read into it is not mixed with what was there. Policies are
// the exception: their parts are replaced one by one.
func clearNamed(s *wire.UserPoolType, in *wire.UpdateUserPoolInput) {
	from, to := reflect.ValueOf(in).Elem(), reflect.ValueOf(s).Elem()
	for i := range from.NumField() {
		name := from.Type().Field(i).Name
		if f := to.FieldByName(name); f.IsValid() && !from.Field(i).IsZero() && name != "Policies" {
			f.SetZero()
		}
	}
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
