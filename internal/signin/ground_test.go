package signin

import (
	"errors"
	"fmt"
	"testing"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// change changes a stored user as another request would.
func (b *bed) change(t *testing.T, p *pool.Pool, id string, change func(*user.User)) {
	t.Helper()
	b.update(t, func(tx *store.Tx) error {
		u, err := tx.UserByID(p, id)
		if err != nil {
			return err
		}
		change(u)
		return tx.SaveUser(p, u)
	})
}

// Whoever knew the old password has a session that waits for the set-up of a second factor. It must end with the password.
func TestASignInUnderWayEndsWhenItsGroundGoes(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p, clients := b.pool(t, wire.CreateUserPoolInput{}, &wire.SetUserPoolMfaConfigInput{
		MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: &wire.SoftwareTokenMfaConfigType{Enabled: wire.Ptr(true)},
	})
	r := Request{Pool: p, Client: clients[0]}
	for i, c := range []struct {
		name   string
		change func(*user.User)
	}{
		{"another password", func(u *user.User) { u.SetPassword(p, user.NewPassword(p, u.Username, "An0ther-horse!"), *b.now) }},
		{"a sign-out everywhere", func(u *user.User) { u.SignOutEverywhere(*b.now) }},
		{"a temporary password", func(u *user.User) { u.SetTemporaryPassword(p, u.Password, *b.now) }},
	} {
		u := b.user(t, p, fmt.Sprint("user", i), nil)
		begun, err := b.Start(t.Context(), Start{Request: r, Flow: "USER_PASSWORD_AUTH", Params: map[string]string{"USERNAME": u.Username, "PASSWORD": password}})
		if err != nil || begun.Challenge != MFASetup {
			t.Fatalf("%+v, %v", begun, err)
		}
		secret, ready, err := b.AssociateToken(t.Context(), begun.Session)
		if err != nil {
			t.Fatal(err)
		}
		other, err := b.Start(t.Context(), Start{Request: r, Flow: "USER_PASSWORD_AUTH", Params: map[string]string{"USERNAME": u.Username, "PASSWORD": password}})
		if err != nil {
			t.Fatal(err)
		}
		b.change(t, p, u.ID, c.change)
		if _, _, err := b.AssociateToken(t.Context(), other.Session); !errors.Is(err, errInvalidSession) {
			t.Errorf("a token is handed out after %s: %v", c.name, err)
		}
		if _, err := b.VerifyToken(t.Context(), ready, b.totpCode(t, secret), ""); !errors.Is(err, errInvalidSession) {
			t.Errorf("a token is verified after %s: %v", c.name, err)
		}
		if b.reread(t, p, u).Factors.TOTP != nil {
			t.Errorf("after %s, a stranger's token is in force", c.name)
		}
	}
}

// withEmailMFA makes a pool that offers e-mail as a second factor and as the only one.
func (b *bed) withEmailMFA(t *testing.T) (*pool.Pool, [2]*pool.Client) {
	t.Helper()
	return b.pool(t, wire.CreateUserPoolInput{
		EmailConfiguration: &wire.EmailConfigurationType{EmailSendingAccount: "DEVELOPER", SourceArn: "arn:aws:ses:us-east-1:000000000000:identity/a@example.com"},
		AccountRecoverySetting: &wire.AccountRecoverySettingType{RecoveryMechanisms: []wire.RecoveryOptionType{
			{Name: "verified_phone_number", Priority: 1}, {Name: "verified_email", Priority: 2},
		}},
		Policies: &wire.UserPoolPolicyType{SignInPolicy: &wire.SignInPolicyType{AllowedFirstAuthFactors: []string{"PASSWORD", "EMAIL_OTP"}}},
	}, &wire.SetUserPoolMfaConfigInput{MfaConfiguration: "OPTIONAL", EmailMfaConfiguration: &wire.EmailMfaConfigType{}})
}

func withEmail(u *user.User) {
	u.Attributes[pool.Email], u.Attributes["email_verified"] = "ann@example.com", "true"
}

func TestACodeIsGoodForTheAddressItWentTo(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p, clients := b.withEmailMFA(t)
	r := Request{Pool: p, Client: clients[0]}
	u := b.user(t, p, "ann", withEmail)
	begun, err := b.Start(t.Context(), Start{Request: r, Flow: "USER_AUTH", Params: map[string]string{"USERNAME": "ann", "PREFERRED_CHALLENGE": "EMAIL_OTP"}})
	if err != nil || begun.Challenge != EmailOTP {
		t.Fatalf("%+v, %v", begun, err)
	}
	code := b.inbox.Messages("")[0].Code
	b.change(t, p, u.ID, func(u *user.User) { u.Attributes[pool.Email] = "new@example.com" })
	o, err := b.Answer(t.Context(), Answer{
		Request: r, Challenge: EmailOTP, Session: begun.Session, Responses: map[string]string{"USERNAME": "ann", "EMAIL_OTP_CODE": code},
	})
	if !errors.Is(err, errInvalidSession) {
		t.Errorf("a code that went to another address: %+v, %v", o, err)
	}
}

func TestAnEmailFactorDoesNotMoveToAnUnverifiedAddress(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p, clients := b.withEmailMFA(t)
	u := b.user(t, p, "ann", func(u *user.User) {
		withEmail(u)
		u.Factors.UsesEmail = true
	})
	b.change(t, p, u.ID, func(u *user.User) {
		u.Attributes[pool.Email], u.Attributes["email_verified"] = "thief@example.net", "false"
	})
	o, err := b.Start(t.Context(), Start{
		Request: Request{Pool: p, Client: clients[0]}, Flow: "USER_PASSWORD_AUTH", Params: map[string]string{"USERNAME": "ann", "PASSWORD": password},
	})
	if !fault.Is(err, fault.InvalidParameter) {
		t.Errorf("got %+v, %v", o, err)
	}
	if sent := b.inbox.Messages("thief@example.net"); len(sent) > 0 {
		t.Errorf("%d codes went to an address that nobody verified", len(sent))
	}
}

func TestANewAddressIsNotVerifiedByAnOldMark(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p, clients := b.pool(t, wire.CreateUserPoolInput{}, nil)
	r := Request{Pool: p, Client: clients[0]}
	u := b.user(t, p, "ann", func(u *user.User) {
		u.Attributes["email_verified"] = "true" // of an address that an administrator left out
		u.SetTemporaryPassword(p, u.Password, *b.now)
	})
	begun, err := b.Start(t.Context(), Start{Request: r, Flow: "USER_PASSWORD_AUTH", Params: map[string]string{"USERNAME": "ann", "PASSWORD": password}})
	if err != nil || begun.Challenge != NewPasswordRequired {
		t.Fatalf("%+v, %v", begun, err)
	}
	answer := Answer{Request: r, Challenge: NewPasswordRequired, Session: begun.Session, Responses: map[string]string{
		"USERNAME": "ann", "NEW_PASSWORD": "An0ther-horse!", "userAttributes.email": "ann@example.com",
	}}
	if o, err := b.Answer(t.Context(), answer); err != nil || o.Grant == nil {
		t.Fatalf("%+v, %v", o, err)
	}
	if now := b.reread(t, p, u); now.Attributes.Verified(pool.Email) {
		t.Errorf("the address counts as verified: %v", now.Attributes)
	}
}
