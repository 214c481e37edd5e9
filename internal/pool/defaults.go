package pool

import (
	"cmp"
	"maps"

	"github.com/cenote-id/cenote/internal/wire"
)

// fillIn gives every setting that is left out the value that DescribeUserPool shows for it, and drops settings that are there
// but say nothing. The settings share nothing with others, so they are changed in place.
func fillIn(s *wire.UserPoolType, region string) {
	s.DeletionProtection = cmp.Or(s.DeletionProtection, "INACTIVE")
	s.MfaConfiguration = cmp.Or(s.MfaConfiguration, "OFF")
	s.AutoVerifiedAttributes = distinct(s.AutoVerifiedAttributes)
	fillInPasswords(s)
	fillInTemplates(s)
	fillInLambdas(s)
	fillInAuthority(s)
	fillInTier(s)
	if s.EmailConfiguration == nil {
		s.EmailConfiguration = &wire.EmailConfigurationType{}
	}
	s.EmailConfiguration.EmailSendingAccount = cmp.Or(s.EmailConfiguration.EmailSendingAccount, "COGNITO_DEFAULT")
	if sms := s.SmsConfiguration; sms != nil && sms.SnsCallerArn != "" {
		sms.SnsRegion = cmp.Or(sms.SnsRegion, region)
	}
	if u := s.UserAttributeUpdateSettings; u != nil {
		u.AttributesRequireVerificationBeforeUpdate = append([]string{}, distinct(u.AttributesRequireVerificationBeforeUpdate)...)
	}
	if d := s.DeviceConfiguration; d != nil {
		// Any member switches device tracking on; none is as good as no configuration.
		if d.ChallengeRequiredOnNewDevice == nil && d.DeviceOnlyRememberedOnUserPrompt == nil {
			s.DeviceConfiguration = nil
		} else {
			d.ChallengeRequiredOnNewDevice = given(d.ChallengeRequiredOnNewDevice, false)
			d.DeviceOnlyRememberedOnUserPrompt = given(d.DeviceOnlyRememberedOnUserPrompt, false)
		}
	}
	if s.AccountRecoverySetting == nil {
		s.AccountRecoverySetting = &wire.AccountRecoverySettingType{RecoveryMechanisms: []wire.RecoveryOptionType{
			{Priority: 1, Name: string(RecoverByEmail)}, {Priority: 2, Name: string(RecoverByPhone)},
		}}
	}
	if s.UserPoolTags == nil {
		s.UserPoolTags = map[string]string{}
	}
}

// given returns p, or a pointer to the default when p is nil.
func given[T any](p *T, absent T) *T {
	if p == nil {
		return &absent
	}
	return p
}

// fillInPasswords completes the policies and the life of temporary passwords. A pool without a password policy asks for all classes
// of characters; in a policy that is given, a class that is not named is not asked for.
func fillInPasswords(s *wire.UserPoolType) {
	if s.Policies == nil {
		s.Policies = &wire.UserPoolPolicyType{}
	}
	pw := s.Policies.PasswordPolicy
	all := pw == nil
	if all {
		pw = &wire.PasswordPolicyType{}
		s.Policies.PasswordPolicy = pw
	}
	pw.MinimumLength = given(pw.MinimumLength, 8)
	pw.RequireUppercase = given(pw.RequireUppercase, all)
	pw.RequireLowercase = given(pw.RequireLowercase, all)
	pw.RequireNumbers = given(pw.RequireNumbers, all)
	pw.RequireSymbols = given(pw.RequireSymbols, all)
	if wire.Value(pw.PasswordHistorySize, 0) == 0 {
		pw.PasswordHistorySize = nil
	}
	if s.Policies.SignInPolicy == nil || s.Policies.SignInPolicy.AllowedFirstAuthFactors == nil {
		s.Policies.SignInPolicy = &wire.SignInPolicyType{AllowedFirstAuthFactors: []string{string(Password)}}
	}
	s.Policies.SignInPolicy.AllowedFirstAuthFactors = distinct(s.Policies.SignInPolicy.AllowedFirstAuthFactors)

	if s.AdminCreateUserConfig == nil {
		s.AdminCreateUserConfig = &wire.AdminCreateUserConfigType{}
	}
	c := s.AdminCreateUserConfig
	c.AllowAdminCreateUserOnly = given(c.AllowAdminCreateUserOnly, false)
	if c.InviteMessageTemplate != nil && *c.InviteMessageTemplate == (wire.MessageTemplateType{}) {
		c.InviteMessageTemplate = nil
	}
	// Temporary passwords have one life, shown under its two names.
	days := cmp.Or(wire.Value(pw.TemporaryPasswordValidityDays, 0), wire.Value(c.UnusedAccountValidityDays, 0), 7)
	pw.TemporaryPasswordValidityDays, c.UnusedAccountValidityDays = wire.Ptr(days), wire.Ptr(days)
}

// fillInTemplates completes the verification messages. Three of the template's members have older names outside of it: a text is shown
// under both. Where a request says two different things, the template is right.
func fillInTemplates(s *wire.UserPoolType) {
	if s.VerificationMessageTemplate == nil {
		s.VerificationMessageTemplate = &wire.VerificationMessageTemplateType{}
	}
	t := s.VerificationMessageTemplate
	t.DefaultEmailOption = cmp.Or(t.DefaultEmailOption, "CONFIRM_WITH_CODE")
	mirror(&t.EmailMessage, &s.EmailVerificationMessage)
	mirror(&t.EmailSubject, &s.EmailVerificationSubject)
	mirror(&t.SmsMessage, &s.SmsVerificationMessage)
}

// mirror makes two texts the first one, unless it is empty.
func mirror(first, second *string) {
	*first = cmp.Or(*first, *second)
	*second = *first
}

// fillInLambdas completes the triggers. The function of the pre token generation trigger is shown under its two names.
func fillInLambdas(s *wire.UserPoolType) {
	if s.LambdaConfig == nil {
		s.LambdaConfig = &wire.LambdaConfigType{}
	}
	l := s.LambdaConfig
	if l.PreTokenGeneration != "" && l.PreTokenGenerationConfig == nil {
		l.PreTokenGenerationConfig = &wire.PreTokenGenerationVersionConfigType{LambdaVersion: "V1_0", LambdaArn: l.PreTokenGeneration}
	}
	if l.PreTokenGenerationConfig != nil {
		l.PreTokenGeneration = cmp.Or(l.PreTokenGeneration, l.PreTokenGenerationConfig.LambdaArn)
	}
}

// fillInAuthority completes the settings of the pool as an authority for others: encryption key, issuer, registration of clients,
// names of authentication levels. Each is absent unless it was set to something.
func fillInAuthority(s *wire.UserPoolType) {
	if k := s.KeyConfiguration; k != nil && k.KeyType == "" {
		k.KeyType = "AWS_OWNED_KEY"
		if k.KmsKeyArn != "" {
			k.KeyType = "CUSTOMER_MANAGED_KEY"
		}
	}
	if i := s.IssuerConfiguration; i != nil {
		i.Type = cmp.Or(i.Type, "ORIGINAL")
	}
	if d := s.DcrConfiguration; d != nil {
		d.EnableStatus = cmp.Or(d.EnableStatus, "Enabled")
		d.OpenDcrEnabled = given(d.OpenDcrEnabled, false)
		if d.AuthenticatedGrantTypes == nil {
			d.AuthenticatedGrantTypes = []string{"code", "client_credentials"}
		}
		if d.OpenDcrGrantTypes == nil {
			d.OpenDcrGrantTypes = []string{"code"}
		}
	}
	if !renamesLevels(s.AcrConfiguration) {
		s.AcrConfiguration = nil // what is shown for it may come back
	}
	if s.AcrConfiguration != nil {
		s.AcrConfiguration = allLevels(s.AcrConfiguration)
	}
}

// renamesLevels reports whether a configuration has a level with another name than its default, or one that does not exist.
func renamesLevels(c map[string]wire.AcrLevelConfigType) bool {
	for level, name := range c {
		if name.AcrValue != acrNames[level] {
			return true
		}
	}
	return false
}

// allLevels adds the levels that a configuration leaves out, by their default names.
func allLevels(c map[string]wire.AcrLevelConfigType) map[string]wire.AcrLevelConfigType {
	all := map[string]wire.AcrLevelConfigType{}
	for level, name := range acrNames {
		all[level] = wire.AcrLevelConfigType{AcrValue: name}
	}
	maps.Copy(all, c)
	return all
}

// AcrLevels returns the names of all levels of authentication. The service shows them for every pool (documented).
func (p *Pool) AcrLevels() map[string]wire.AcrLevelConfigType {
	return allLevels(p.Settings.AcrConfiguration)
}

// acrNames are the levels of authentication and the names they have in the acr claim unless the pool renames them.
var acrNames = map[string]string{
	"Level1": "urn:cognito:loa:1", "Level2": "urn:cognito:loa:2", "Level3": "urn:cognito:loa:3", "Level4": "urn:cognito:loa:4",
}
