package signin

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ladder poses challenges and passes each, until there are no more. A chosen factor is the first of the active ones.
func ladder(f Facts) []Challenge {
	var posed []Challenge
	for range 10 {
		c := Next(f)
		posed = append(posed, c)
		if c == Done || c == Refused {
			return posed
		}
		switch c {
		case SelectMFAType:
			c = f.Active[0]
		case DeviceSRPAuth:
			c = DevicePasswordVerifier
		default: // passed by its own name
		}
		f.Passed = append(slices.Clone(f.Passed), c)
	}
	return posed
}

func TestTheOrderOfChallenges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		facts Facts
		want  []Challenge
	}{
		{"a password is enough where MFA is off", Facts{First: ByPassword, MFA: "OFF"}, []Challenge{Done}},
		{"a temporary password is changed", Facts{First: ByPassword, MFA: "OFF", MustChange: true}, []Challenge{NewPasswordRequired, Done}},
		{
			"a new password comes before the set-up of a factor",
			Facts{First: ByPassword, MFA: "ON", MustChange: true},
			[]Challenge{NewPasswordRequired, MFASetup, Done},
		},
		{"optional MFA asks a user without a factor for none", Facts{First: ByPassword, MFA: "OPTIONAL"}, []Challenge{Done}},
		{
			"optional MFA asks for the factor that is on",
			Facts{First: ByPassword, MFA: "OPTIONAL", Active: []Challenge{SoftwareTokenMFA}},
			[]Challenge{SoftwareTokenMFA, Done},
		},
		{
			"one of several factors is chosen",
			Facts{First: ByPassword, MFA: "ON", Active: []Challenge{SMSMFA, SoftwareTokenMFA}},
			[]Challenge{SelectMFAType, Done},
		},
		{
			"the preferred of several factors is asked for at once",
			Facts{First: ByPassword, MFA: "ON", Active: []Challenge{SMSMFA, SoftwareTokenMFA, EmailOTP}, Preferred: EmailOTP},
			[]Challenge{EmailOTP, Done},
		},
		{
			"nothing follows the sign-in of an identity provider",
			Facts{First: ByProvider, MFA: "ON", MustChange: true, Active: []Challenge{SoftwareTokenMFA}},
			[]Challenge{Done},
		},
		{
			"where the operator wants it, the second factor does, but no new password",
			Facts{First: ByProvider, AskMFA: true, MFA: "ON", MustChange: true, DeviceTrusted: true, Active: []Challenge{SoftwareTokenMFA}},
			[]Challenge{SoftwareTokenMFA, Done},
		},
		{"a provider's user sets up a factor", Facts{First: ByProvider, AskMFA: true, MFA: "ON"}, []Challenge{MFASetup, Done}},
		{"a provider's user without a factor needs none where MFA is optional", Facts{First: ByProvider, AskMFA: true, MFA: "OPTIONAL"}, []Challenge{Done}},
		{"required MFA has a factor set up", Facts{First: ByPassword, MFA: "ON"}, []Challenge{MFASetup, Done}},
		{
			"a factor that was set up a moment ago is not asked for again",
			Facts{First: ByPassword, MFA: "ON", Active: []Challenge{SoftwareTokenMFA}, Passed: []Challenge{MFASetup}},
			[]Challenge{Done},
		},
		{
			"a remembered device replaces the second factor",
			Facts{First: ByPassword, MFA: "ON", DeviceTrusted: true, Active: []Challenge{SMSMFA}},
			[]Challenge{DeviceSRPAuth, Done},
		},
		{
			"a new password comes before the device",
			Facts{First: ByPassword, MFA: "ON", MustChange: true, DeviceTrusted: true},
			[]Challenge{NewPasswordRequired, DeviceSRPAuth, Done},
		},
		{
			"a device that is named with the code of the second factor proves nothing more",
			Facts{First: ByPassword, MFA: "ON", DeviceTrusted: true, Active: []Challenge{SMSMFA}, Passed: []Challenge{SMSMFA}},
			[]Challenge{Done},
		},
		{"a risk has a factor set up where MFA is optional", Facts{First: ByPassword, MFA: "OPTIONAL", DemandedByRisk: true}, []Challenge{MFASetup, Done}},
		{"a risk asks for nothing where MFA is off", Facts{First: ByPassword, MFA: "OFF", DemandedByRisk: true}, []Challenge{Done}},
		{"a one-time code is enough by itself", Facts{First: ByCode, MFA: "OPTIONAL"}, []Challenge{Done}},
		{"a one-time code is not enough for who needs a second factor", Facts{First: ByCode, MFA: "OPTIONAL", Active: []Challenge{SMSMFA}}, []Challenge{Refused}},
		{"a one-time code is not enough where MFA is required", Facts{First: ByCode, MFA: "ON"}, []Challenge{Refused}},
		{"a one-time code does not replace a temporary password", Facts{First: ByCode, MFA: "OFF", MustChange: true}, []Challenge{Refused}},
		{"a passkey is one factor", Facts{First: ByPasskey, MFA: "ON"}, []Challenge{Refused}},
		{"a passkey is two factors where the pool says so", Facts{First: ByPasskey, MFA: "ON", PasskeyIsTwo: true}, []Challenge{Done}},
		{"a confirmed sign-up goes on to the set-up of a factor", Facts{First: BySignUp, MFA: "ON"}, []Challenge{MFASetup, Done}},
		{"a confirmed sign-up is enough where MFA is optional", Facts{First: BySignUp, MFA: "OPTIONAL"}, []Challenge{Done}},
		{
			"custom challenges are the operator's own ladder",
			Facts{First: ByTriggers, MFA: "ON", MustChange: true, Active: []Challenge{SMSMFA}},
			[]Challenge{Done},
		},
		{
			"an identity provider has asked for whatever is needed",
			Facts{First: ByProvider, MFA: "ON", MustChange: true, DeviceTrusted: true, Active: []Challenge{SMSMFA}},
			[]Challenge{Done},
		},
		{"nobody gets tokens who has shown nothing", Facts{MFA: "OFF", Passed: []Challenge{SMSMFA}}, []Challenge{Refused}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, ladder(c.facts)); diff != "" {
				t.Errorf("ladder (-want +got):\n%s", diff)
			}
		})
	}
}

// subsets returns every selection of the challenges, in their order.
func subsets(cs ...Challenge) [][]Challenge {
	all := [][]Challenge{nil}
	for _, c := range cs {
		for _, s := range all {
			all = append(all, append(slices.Clone(s), c))
		}
	}
	return all
}

// everyFacts visits every combination of settings, factors and challenges that were passed.
func everyFacts(visit func(Facts)) (n int) {
	bools := []bool{false, true}
	passed := subsets(NewPasswordRequired, SMSMFA, SoftwareTokenMFA, EmailOTP, MFASetup, DevicePasswordVerifier)
	for _, first := range []FirstFactor{"", ByPassword, BySignUp, ByCode, ByPasskey, ByTriggers, ByProvider} {
		for _, mode := range []string{"OFF", "OPTIONAL", "ON"} {
			for _, active := range subsets(SMSMFA, SoftwareTokenMFA, EmailOTP) {
				if mode == "OFF" && active != nil {
					continue // user.ActiveFactors
				}
				for _, preferred := range append([]Challenge{""}, active...) {
					for _, p := range passed {
						for bits := range 16 {
							visit(Facts{
								First: first, Passed: p, MFA: mode, Active: active, Preferred: preferred,
								MustChange: bools[bits&1], DeviceTrusted: bools[bits>>1&1], PasskeyIsTwo: bools[bits>>2&1], DemandedByRisk: bools[bits>>3&1],
							})
							n++
						}
					}
				}
			}
		}
	}
	return n
}

// TestEveryCombination holds the rules of the order, each by itself, against every combination.
func TestEveryCombination(t *testing.T) {
	t.Parallel()
	has := func(f Facts, cs ...Challenge) bool {
		return slices.ContainsFunc(cs, func(c Challenge) bool { return slices.Contains(f.Passed, c) })
	}
	rules := []struct {
		name   string
		broken func(f Facts, next Challenge) bool
	}{
		{"tokens need a first factor", func(f Facts, next Challenge) bool { return f.First == "" && next != Refused }},
		{"tokens need a new password in place of a temporary one", func(f Facts, next Challenge) bool {
			return next == Done && f.MustChange && f.First != ByTriggers && f.First != ByProvider && !has(f, NewPasswordRequired)
		}},
		{"tokens need a second factor, or what stands for it, where one is needed", func(f Facts, next Challenge) bool {
			needed := f.MFA == "ON" || f.MFA == "OPTIONAL" && (f.Active != nil || f.DemandedByRisk)
			shown := has(f, SMSMFA, SoftwareTokenMFA, EmailOTP, MFASetup, DevicePasswordVerifier)
			return next == Done && needed && !shown && f.First != ByTriggers && f.First != ByProvider && (f.First != ByPasskey || !f.PasskeyIsTwo)
		}},
		{"nothing is asked for twice", func(f Facts, next Challenge) bool {
			return has(f, next) || next == DeviceSRPAuth && has(f, DevicePasswordVerifier)
		}},
		{"a second factor is asked for once, whichever it was", func(f Facts, next Challenge) bool {
			second := next == SMSMFA || next == SoftwareTokenMFA || next == EmailOTP || next == MFASetup || next == SelectMFAType
			return second && has(f, SMSMFA, SoftwareTokenMFA, EmailOTP, MFASetup, DevicePasswordVerifier)
		}},
		{"a factor is asked for only of a user who has it", func(f Facts, next Challenge) bool {
			return (next == SMSMFA || next == SoftwareTokenMFA || next == EmailOTP) && !slices.Contains(f.Active, next)
		}},
		{"the preferred factor goes before a choice", func(f Facts, next Challenge) bool {
			return next == SelectMFAType && (f.Preferred != "" || len(f.Active) < 2)
		}},
		{"a factor is set up by who has none", func(f Facts, next Challenge) bool { return next == MFASetup && f.Active != nil }},
		{"no second factor where MFA is off", func(f Facts, next Challenge) bool {
			return f.MFA == "OFF" && slices.Contains([]Challenge{SMSMFA, SoftwareTokenMFA, EmailOTP, MFASetup, SelectMFAType}, next)
		}},
		{"no second factor on top of codes, passkeys and custom challenges", func(f Facts, next Challenge) bool {
			second := slices.Contains([]Challenge{SMSMFA, SoftwareTokenMFA, EmailOTP, MFASetup, SelectMFAType}, next)
			return second && f.First != ByPassword && f.First != BySignUp
		}},
		{"a new password is asked for first of all, and only in place of a temporary one", func(f Facts, next Challenge) bool {
			due := f.MustChange && !has(f, NewPasswordRequired) && (f.First == ByPassword || f.First == BySignUp)
			return due != (next == NewPasswordRequired)
		}},
		{"an identity provider is followed by nothing", func(f Facts, next Challenge) bool { return f.First == ByProvider && next != Done }},
		{"passwords, sign-ups and custom challenges are never refused", func(f Facts, next Challenge) bool {
			return next == Refused && f.First != "" && f.First != ByCode && f.First != ByPasskey
		}},
		{"a device proves itself only where it is trusted", func(f Facts, next Challenge) bool { return next == DeviceSRPAuth && !f.DeviceTrusted }},
		{"every ladder ends", func(f Facts, _ Challenge) bool {
			return len(ladder(f)) > 4
		}},
	}
	n := everyFacts(func(f Facts) {
		next := Next(f)
		for _, r := range rules {
			if r.broken(f, next) {
				t.Fatalf("%s: %q follows %+v", r.name, next, f)
			}
		}
	})
	if n < 10000 {
		t.Errorf("only %d combinations", n)
	}
}
