package pool

import (
	"net/netip"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// The modes of threat protection.
const (
	ThreatsOff      = "OFF"
	ThreatsAudit    = "AUDIT"    // events and their risk are recorded
	ThreatsEnforced = "ENFORCED" // and acted upon
)

// ThreatMode returns how the pool protects sign-ins by password or by choice.
func (p *Pool) ThreatMode() string {
	a := p.Settings.UserPoolAddOns
	if p.Settings.UserPoolTier != Plus || a == nil || a.AdvancedSecurityMode == "" {
		return ThreatsOff
	}
	return a.AdvancedSecurityMode
}

// CustomThreatMode returns how the pool protects sign-ins by custom challenges, which have a setting of their own.
func (p *Pool) CustomThreatMode() string {
	a := p.Settings.UserPoolAddOns
	if p.ThreatMode() == ThreatsOff || a.AdvancedSecurityAdditionalFlows == nil || a.AdvancedSecurityAdditionalFlows.CustomAuthMode == "" {
		return ThreatsOff
	}
	return a.AdvancedSecurityAdditionalFlows.CustomAuthMode
}

// CheckThreatProtection refuses what only pools with threat protection have.
func (p *Pool) CheckThreatProtection() error {
	if p.ThreatMode() == ThreatsOff {
		return fault.New(fault.UserPoolAddOnNotEnabled, "User pool add-ons are not enabled.")
	}
	return nil
}

// RiskOf returns the risk configuration that holds for the client: its own, else the pool's, else an empty one. It is shared: never
// change it.
func (p *Pool) RiskOf(c *Client) *wire.RiskConfigurationType {
	switch {
	case c != nil && !isEmptyRisk(c.Risk):
		return c.Risk
	case !isEmptyRisk(p.Risk):
		return p.Risk
	}
	return &wire.RiskConfigurationType{}
}

func isEmptyRisk(r *wire.RiskConfigurationType) bool {
	return r == nil ||
		r.CompromisedCredentialsRiskConfiguration == nil && r.AccountTakeoverRiskConfiguration == nil && r.RiskExceptionConfiguration == nil
}

// ShowRisk returns a risk configuration as DescribeRiskConfiguration shows it. Where none was ever set, it shows whose it would be. One
// that was taken back is not shown: Terraform reads from that that it is gone.
func ShowRisk(r *wire.RiskConfigurationType, poolID, clientID string) *wire.RiskConfigurationType {
	switch {
	case r == nil:
		return &wire.RiskConfigurationType{UserPoolId: poolID, ClientId: clientID}
	case isEmptyRisk(r):
		return nil
	}
	return r
}

// NewRisk makes a risk configuration of a request. One that says nothing takes the configuration back, and is empty.
func NewRisk(in *wire.SetRiskConfigurationInput, now time.Time) (*wire.RiskConfigurationType, error) {
	r := &wire.RiskConfigurationType{
		UserPoolId: in.UserPoolId, ClientId: in.ClientId, LastModifiedDate: wire.At(now),
		CompromisedCredentialsRiskConfiguration: in.CompromisedCredentialsRiskConfiguration,
		AccountTakeoverRiskConfiguration:        in.AccountTakeoverRiskConfiguration,
		RiskExceptionConfiguration:              in.RiskExceptionConfiguration,
	}
	if c := r.CompromisedCredentialsRiskConfiguration; c != nil && len(c.EventFilter) == 0 {
		c.EventFilter = []string{"SIGN_IN", "PASSWORD_CHANGE", "SIGN_UP"}
	}
	if e := r.RiskExceptionConfiguration; e != nil && len(e.BlockedIPRangeList)+len(e.SkippedIPRangeList) == 0 {
		r.RiskExceptionConfiguration = nil
	}
	if flaw := riskFlaw(r); flaw != "" {
		return nil, fault.New(fault.InvalidParameter, flaw)
	}
	if isEmptyRisk(r) {
		return &wire.RiskConfigurationType{}, nil
	}
	return r, nil
}

// riskFlaw says what is wrong with a configuration, or "".
func riskFlaw(r *wire.RiskConfigurationType) string {
	if t := r.AccountTakeoverRiskConfiguration; t != nil {
		notifies := false
		var before *wire.AccountTakeoverActionType
		for _, action := range []*wire.AccountTakeoverActionType{t.Actions.LowAction, t.Actions.MediumAction, t.Actions.HighAction} {
			if action == nil {
				continue
			}
			if before != nil && severity(action.EventAction) < severity(before.EventAction) {
				return "The action for a higher risk can not be more lenient than the action for a lower risk."
			}
			before, notifies = action, notifies || action.Notify
		}
		n := t.NotifyConfiguration
		switch {
		case notifies && n == nil:
			return "NotifyConfiguration is required when an action notifies users."
		case n != nil && n.From != "" && !isSender(n.From):
			return "Invalid From email address format."
		case n != nil && n.ReplyTo != "" && !isSender(n.ReplyTo):
			return "Invalid ReplyTo email address format."
		}
	}
	if e := r.RiskExceptionConfiguration; e != nil {
		for _, text := range slices.Concat(e.BlockedIPRangeList, e.SkippedIPRangeList) {
			if _, err := ipRange(text); err != nil {
				return "Invalid CIDR: " + text
			}
		}
	}
	return ""
}

// Actions of a risk, from lenient to strict.
var actions = []string{"NO_ACTION", "MFA_IF_CONFIGURED", "MFA_REQUIRED", "BLOCK"}

func severity(action string) int { return slices.Index(actions, action) }

// TakeoverAction returns what a risk configuration does at a level of risk: LOW, MEDIUM or HIGH. A level that it leaves out is treated
// as the nearest one below; nil when there is none.
func TakeoverAction(r *wire.RiskConfigurationType, level string) *wire.AccountTakeoverActionType {
	t := r.AccountTakeoverRiskConfiguration
	if t == nil || t.Actions == nil {
		return nil
	}
	var found *wire.AccountTakeoverActionType
	for _, step := range []struct {
		level  string
		action *wire.AccountTakeoverActionType
	}{{"LOW", t.Actions.LowAction}, {"MEDIUM", t.Actions.MediumAction}, {"HIGH", t.Actions.HighAction}} {
		if step.action != nil {
			found = step.action
		}
		if step.level == level {
			return found
		}
	}
	return nil
}

// ExemptAddress reports whether the configuration always refuses the address, and whether it never judges it. An address that cannot
// be read, or is in no list, is neither.
func ExemptAddress(r *wire.RiskConfigurationType, ip string) (blocked, skipped bool) {
	e := r.RiskExceptionConfiguration
	addr, err := netip.ParseAddr(ip)
	if e == nil || err != nil {
		return false, false
	}
	holds := func(list []string) bool {
		return slices.ContainsFunc(list, func(text string) bool {
			prefix, err := ipRange(text)
			return err == nil && prefix.Contains(addr.Unmap())
		})
	}
	return holds(e.BlockedIPRangeList), holds(e.SkippedIPRangeList)
}

// ipRange reads a range in CIDR notation. One of IPv4-mapped IPv6 addresses is the range of the IPv4 addresses: that is how callers are told.
func ipRange(text string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	if err == nil && prefix.Addr().Is4In6() && prefix.Bits() >= 96 {
		prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
	}
	return prefix, err
}

// RefusesCompromised reports whether the configuration looks for compromised passwords at the event (SIGN_IN, PASSWORD_CHANGE or
// SIGN_UP), and whether it refuses them.
func RefusesCompromised(r *wire.RiskConfigurationType, event string) (looks, refuses bool) {
	c := r.CompromisedCredentialsRiskConfiguration
	if c == nil || !slices.Contains(c.EventFilter, event) {
		return false, false
	}
	return true, c.Actions != nil && c.Actions.EventAction == "BLOCK"
}
