package pool

import (
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// The feature plans, from small to large.
const (
	Lite       = "LITE"
	Essentials = "ESSENTIALS"
	Plus       = "PLUS"
)

// fillInTier gives a pool without a tier the one that its settings ask for.
func fillInTier(s *wire.UserPoolType) {
	if s.UserPoolTier != "" {
		return
	}
	s.UserPoolTier = Essentials
	if protectsFromThreats(s) {
		s.UserPoolTier = Plus
	}
}

// checkTier refuses settings that the tier does not have, by the names of all of them.
func checkTier(s *wire.UserPoolType, mfa MfaSettings, logs *wire.LogDeliveryConfigurationType) error {
	var beyond []string
	if s.UserPoolTier == Lite {
		beyond = beyondLite(s, mfa)
	}
	if s.UserPoolTier != Plus && protectsFromThreats(s) {
		beyond = append(beyond, "Threat Protection") // observed, as are token customization and log streaming; the other names are ours
	}
	if s.UserPoolTier != Plus && logs != nil && slices.ContainsFunc(logs.LogConfigurations, exportsActivity) {
		beyond = append(beyond, logStreaming)
	}
	if len(beyond) > 0 {
		return unavailable(s.UserPoolTier, strings.Join(beyond, ", "))
	}
	return nil
}

// logStreaming is the feature of delivering what users do.
const logStreaming = "Log Streaming"

// beyondLite names the features in the settings that begin with the Essentials tier.
func beyondLite(s *wire.UserPoolType, mfa MfaSettings) []string {
	var beyond []string
	if slices.ContainsFunc(s.Policies.SignInPolicy.AllowedFirstAuthFactors, func(f string) bool { return f != string(Password) }) {
		beyond = append(beyond, "Passwordless Sign-In")
	}
	if s.Policies.PasswordPolicy.PasswordHistorySize != nil {
		beyond = append(beyond, "Password History")
	}
	if c := s.LambdaConfig.PreTokenGenerationConfig; c != nil && c.LambdaVersion != "V1_0" {
		beyond = append(beyond, "Token Customization with Pre-Token Generation Lambda "+c.LambdaVersion)
	}
	if mfa.Email != nil {
		beyond = append(beyond, "Email MFA")
	}
	if mfa.WebAuthn != nil {
		beyond = append(beyond, "Passkeys")
	}
	if s.DcrConfiguration != nil && s.DcrConfiguration.EnableStatus != "Disabled" {
		beyond = append(beyond, "Dynamic Client Registration")
	}
	if s.AcrConfiguration != nil {
		beyond = append(beyond, "Custom ACR Names")
	}
	return beyond
}

// protectsFromThreats reports whether the settings ask for threat protection, in any mode and for any kind of sign-in.
func protectsFromThreats(s *wire.UserPoolType) bool {
	a := s.UserPoolAddOns
	return a != nil && (a.AdvancedSecurityMode != "OFF" ||
		a.AdvancedSecurityAdditionalFlows != nil && a.AdvancedSecurityAdditionalFlows.CustomAuthMode != "")
}

// CheckTier refuses a client that uses what the pool's tier does not have.
func (p *Pool) CheckTier(c *Client) error { return checkClientTier(p, &c.Settings) }

func checkClientTier(p *Pool, s *wire.UserPoolClientType) error {
	if p.Settings.UserPoolTier == Lite && slices.Contains(s.ExplicitAuthFlows, "ALLOW_USER_AUTH") {
		return unavailable(Lite, "Choice-Based Sign-In")
	}
	return nil
}

// unavailable is the answer to settings of a pool that use what its tier lacks.
func unavailable(tier, features string) *fault.Error {
	return fault.Newf(fault.FeatureUnavailableInTier,
		"The following features need to be disabled for the %s pricing tier configured: %s", tier, features)
}

// featureUnavailable is the answer to a request beside the pool's settings that needs what the pool's tier lacks. The text was observed.
func featureUnavailable(tier, feature string) *fault.Error {
	return fault.Newf(fault.FeatureUnavailableInTier, "The following feature is not available for the %s pricing tier configured: %s", tier, feature)
}
