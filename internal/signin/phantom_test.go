package signin

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// letters are what differs from name to name; form is an answer without them.
var letters = regexp.MustCompile(`[0-9A-Za-z]`)

func form(text string) string { return letters.ReplaceAllString(text, "x") }

// told is what a stranger learns from an outcome: everything, but for values that are drawn anew each time, of which the length shows.
func told(o *Outcome, err error) string {
	if err != nil {
		var f *fault.Error
		if !errors.As(err, &f) {
			return "an internal error: " + err.Error()
		}
		return string(f.Code) + ": " + f.Message
	}
	var b strings.Builder
	fmt.Fprint(&b, o.Challenge, " ", o.Available, " session ", len(o.Session))
	for _, name := range slices.Sorted(maps.Keys(o.Parameters)) {
		value := o.Parameters[name]
		switch name {
		case "SRP_B", "SALT", "CREDENTIAL_REQUEST_OPTIONS":
			value = "" // their lengths vary for everybody
		case "SECRET_BLOCK":
			value = fmt.Sprint(len(value))
		case "CODE_DELIVERY_DESTINATION":
			value = form(value)
		case "USERNAME", "USER_ID_FOR_SRP": // behind an alias, clients have to be told a username (documented)
			value = fmt.Sprint(value != "")
		}
		fmt.Fprint(&b, " ", name, "=", value)
	}
	return b.String()
}

// TestNobodyIsToldFromSomebody: whatever is asked about a user, in whatever order, the answers are those of some unknown name, too, in
// pools and of users of every kind.
func TestNobodyIsToldFromSomebody(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	rapid.Check(t, func(rt *rapid.T) {
		coin := func(what string) bool { return rapid.Bool().Draw(rt, what) }
		in := wire.CreateUserPoolInput{
			UserPoolTier: "ESSENTIALS", UsernameConfiguration: &wire.UsernameConfigurationType{CaseSensitive: coin("case counts")},
			SmsConfiguration: &wire.SmsConfigurationType{SnsCallerArn: "arn:aws:iam::000000000000:role/sms"},
			Policies:         &wire.UserPoolPolicyType{SignInPolicy: &wire.SignInPolicyType{AllowedFirstAuthFactors: []string{"PASSWORD"}}},
		}
		for _, f := range []pool.Factor{pool.EmailOTP, pool.SMSOTP} {
			if coin(string(f) + " signs in") {
				first := in.Policies.SignInPolicy
				first.AllowedFirstAuthFactors = append(first.AllowedFirstAuthFactors, string(f))
			}
		}
		byAlias := coin("aliases")
		if byAlias {
			in.AliasAttributes = []string{"email"}
		}
		var mfa *wire.SetUserPoolMfaConfigInput
		if coin("MFA") {
			mfa = &wire.SetUserPoolMfaConfigInput{MfaConfiguration: "OPTIONAL", SoftwareTokenMfaConfiguration: &wire.SoftwareTokenMfaConfigType{Enabled: wire.Ptr(true)}}
		}
		p, clients := b.pool(rt, in, mfa)
		c := *clients[0]
		c.Settings.PreventUserExistenceErrors = "ENABLED"
		r := Request{Pool: p, Client: &c}

		local := strings.Repeat("n", 1+rapid.IntRange(1, 100).Draw(rt, "length of the name")) + "-ann"
		u := b.user(rt, p, local, func(u *user.User) {
			if byAlias || coin("has an e-mail address") {
				u.Attributes[pool.Email], u.Attributes["email_verified"] = local+"@example.com", fmt.Sprint(byAlias || coin("verified it"))
			}
			if coin("has a phone number") {
				u.Attributes[pool.Phone], u.Attributes["phone_number_verified"] = "+15555550123", "true"
			}
			if mfa != nil && coin("has a token") {
				u.Factors.TOTP, u.Factors.UsesTOTP = &user.TOTP{Secret: user.NewTOTPSecret()}, true
			}
			if u.NeedsNoPassword(p) && !u.Factors.UsesTOTP && coin("has no password") {
				u.Password = nil
			}
		})
		suffix := ""
		if byAlias && coin("by alias") {
			suffix = "@example.com"
		}
		plan := rapid.SliceOfN(rapid.IntRange(0, 7), 1, 3).Draw(rt, "questions")
		want := b.transcript(r, local+suffix, plan)
		closest := []string{}
		for i := range 10_000 { // as users are seldom, so are unknown names: one in several hundred is enough
			stranger := fmt.Sprintf("%s%04d", local[:len(local)-4], i) + suffix
			got := b.transcript(r, stranger, plan)
			if slices.Equal(want, got) {
				b.update(rt, func(tx *store.Tx) error { return tx.DeleteUser(p, u) })
				return
			}
			if i == 0 {
				closest = got
			}
		}
		rt.Fatalf("no unknown name is answered as the user is (-user +nobody):\n%s", cmp.Diff(want, closest))
	})
}

// transcript asks the questions of the plan about a name and returns what is told.
func (b *bed) transcript(r Request, name string, plan []int) []string {
	ctx := context.Background()
	var said []string
	start := func(flow string, pairs ...string) *Outcome {
		params := map[string]string{"USERNAME": name}
		for i := 0; i < len(pairs); i += 2 {
			params[pairs[i]] = pairs[i+1]
		}
		o, err := b.Start(ctx, Start{Request: r, Flow: flow, Params: params})
		said = append(said, told(o, err))
		return o
	}
	respond := func(o *Outcome, c Challenge, pairs ...string) {
		if o == nil {
			return
		}
		responses := map[string]string{"USERNAME": name}
		for i := 0; i < len(pairs); i += 2 {
			responses[pairs[i]] = pairs[i+1]
		}
		o, err := b.Answer(ctx, Answer{Request: r, Challenge: c, Session: o.Session, Responses: responses})
		said = append(said, told(o, err))
	}
	srpA := strings.Repeat("5a", 256)
	for _, question := range plan {
		switch question {
		case 0:
			start("USER_PASSWORD_AUTH", "PASSWORD", "Wr0ng-horse!")
		case 1:
			start("USER_SRP_AUTH", "SRP_A", srpA)
		case 2:
			chosen := start("USER_AUTH")
			for range 2 { // the second time, the selection is used up
				respond(chosen, SelectChallenge, "ANSWER", "EMAIL_OTP")
			}
			respond(chosen, SelectChallenge, "ANSWER", "PASSWORD", "PASSWORD", "Wr0ng-horse!")
		case 3:
			respond(start("USER_AUTH", "PREFERRED_CHALLENGE", "EMAIL_OTP"), EmailOTP, "EMAIL_OTP_CODE", "00000000")
		case 4:
			respond(start("USER_AUTH", "PREFERRED_CHALLENGE", "SMS_OTP"), SMSOTP, "SMS_OTP_CODE", "00000000")
		case 5:
			start("USER_AUTH", "PREFERRED_CHALLENGE", "PASSWORD_SRP", "SRP_A", srpA)
		case 6:
			respond(start("USER_AUTH", "PREFERRED_CHALLENGE", "PASSWORD"), Password, "PASSWORD", "Wr0ng-horse!")
		case 7:
			respond(start("USER_AUTH", "PREFERRED_CHALLENGE", "WEB_AUTHN"), WebAuthn, "CREDENTIAL", "{}")
		}
	}
	return said
}

// Made-up addresses are drawn from all letters, and a name has the same one in every spelling.
func TestPhantomsShowManyLetters(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p, _ := b.pool(t, wire.CreateUserPoolInput{UsernameConfiguration: &wire.UsernameConfigurationType{CaseSensitive: false}}, nil)
	first, second := map[byte]bool{}, map[byte]bool{}
	for i := range 2000 {
		u := user.Phantom(p, fmt.Sprint("Nobody", i))
		if other := user.Phantom(p, fmt.Sprint("nOBODY", i)); !cmp.Equal(u.Attributes, other.Attributes) || u.Username != other.Username {
			t.Fatalf("two spellings of a name: %v and %v", u, other)
		}
		if email := u.Attributes[pool.Email]; email != "" {
			at := strings.IndexByte(email, '@')
			first[email[0]], second[email[at+1]] = true, true
		}
	}
	if len(first) != 26 || len(second) != 26 {
		t.Errorf("masks begin with %d and %d letters", len(first), len(second))
	}
}
