package pool

import (
	"testing"

	"github.com/cenote-id/cenote/internal/wire"
)

func TestTheActionAtALevelOfRisk(t *testing.T) {
	t.Parallel()
	act := func(do string) *wire.AccountTakeoverActionType {
		return &wire.AccountTakeoverActionType{EventAction: do}
	}
	for _, tc := range []struct {
		name              string
		actions           *wire.AccountTakeoverActionsType
		low, medium, high string
	}{
		{"nothing is set", &wire.AccountTakeoverActionsType{}, "", "", ""},
		{
			"all are set", &wire.AccountTakeoverActionsType{LowAction: act("NO_ACTION"), MediumAction: act("MFA_REQUIRED"), HighAction: act("BLOCK")},
			"NO_ACTION", "MFA_REQUIRED", "BLOCK",
		},
		{
			"a level that is left out is treated as the one below", &wire.AccountTakeoverActionsType{LowAction: act("MFA_IF_CONFIGURED")},
			"MFA_IF_CONFIGURED", "MFA_IF_CONFIGURED", "MFA_IF_CONFIGURED",
		},
		{"the highest alone", &wire.AccountTakeoverActionsType{HighAction: act("BLOCK")}, "", "", "BLOCK"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := &wire.RiskConfigurationType{AccountTakeoverRiskConfiguration: &wire.AccountTakeoverRiskConfigurationType{Actions: tc.actions}}
			for level, want := range map[string]string{"LOW": tc.low, "MEDIUM": tc.medium, "HIGH": tc.high} {
				got := ""
				if a := TakeoverAction(r, level); a != nil {
					got = a.EventAction
				}
				if got != want {
					t.Errorf("%s: got %q, want %q", level, got, want)
				}
			}
		})
	}
	if TakeoverAction(&wire.RiskConfigurationType{}, "HIGH") != nil {
		t.Error("an empty configuration acts")
	}
}

func TestAddressesInRanges(t *testing.T) {
	t.Parallel()
	r := &wire.RiskConfigurationType{RiskExceptionConfiguration: &wire.RiskExceptionConfigurationType{
		BlockedIPRangeList: []string{"192.0.2.0/24", "2001:db8::/32", "::ffff:203.0.113.0/120"}, SkippedIPRangeList: []string{"198.51.100.7/32"},
	}}
	for ip, want := range map[string][2]bool{
		"192.0.2.1": {true, false}, "::ffff:192.0.2.1": {true, false}, "192.0.3.1": {false, false}, "2001:db8:1::1": {true, false},
		"198.51.100.7": {false, true}, "198.51.100.8": {false, false},
		"203.0.113.9": {true, false}, "::ffff:203.0.113.9": {true, false}, "203.0.114.9": {false, false}, "": {false, false}, "nonsense": {false, false},
	} {
		if blocked, skipped := ExemptAddress(r, ip); blocked != want[0] || skipped != want[1] {
			t.Errorf("%q: blocked %v, skipped %v, want %v", ip, blocked, skipped, want)
		}
	}
}

func TestProtectionNeedsTheTier(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, tier, mode, custom, want, wantCustom string }{
		{"nothing", Plus, "", "", ThreatsOff, ThreatsOff},
		{"off", Plus, "OFF", "ENFORCED", ThreatsOff, ThreatsOff},
		{"audit", Plus, "AUDIT", "", ThreatsAudit, ThreatsOff},
		{"enforced, custom audited", Plus, "ENFORCED", "AUDIT", ThreatsEnforced, ThreatsAudit},
		{"a smaller tier", Essentials, "ENFORCED", "ENFORCED", ThreatsOff, ThreatsOff},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := &Pool{Settings: wire.UserPoolType{UserPoolTier: tc.tier, UserPoolAddOns: &wire.UserPoolAddOnsType{AdvancedSecurityMode: tc.mode}}}
			if tc.custom != "" {
				p.Settings.UserPoolAddOns.AdvancedSecurityAdditionalFlows = &wire.AdvancedSecurityAdditionalFlowsType{CustomAuthMode: tc.custom}
			}
			if got, custom := p.ThreatMode(), p.CustomThreatMode(); got != tc.want || custom != tc.wantCustom {
				t.Errorf("got %s and %s, want %s and %s", got, custom, tc.want, tc.wantCustom)
			}
		})
	}
	if (&Pool{}).ThreatMode() != ThreatsOff {
		t.Error("a pool without add-ons is protected")
	}
}
