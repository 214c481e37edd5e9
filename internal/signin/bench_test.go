package signin

import (
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// BenchmarkSignIn compares whole sign-ins: the ratio of the second to the first must stay below 1.3.
func BenchmarkSignIn(b *testing.B) {
	bed := newBed(b)
	p, clients := bed.pool(b, wire.CreateUserPoolInput{}, &wire.SetUserPoolMfaConfigInput{
		MfaConfiguration: "OPTIONAL", SoftwareTokenMfaConfiguration: &wire.SoftwareTokenMfaConfigType{Enabled: wire.Ptr(true)},
	})
	secret := user.NewTOTPSecret()
	bed.user(b, p, "ann", nil)
	bed.user(b, p, "bob", func(u *user.User) { u.Factors.TOTP, u.Factors.UsesTOTP = &user.TOTP{Secret: secret}, true })
	r := Request{Pool: p, Client: clients[0]}
	start := func(b *testing.B, name string) *Outcome {
		b.Helper()
		o, err := bed.Start(b.Context(), Start{Request: r, Flow: "USER_PASSWORD_AUTH", Params: map[string]string{"USERNAME": name, "PASSWORD": password}})
		if err != nil {
			b.Fatal(err)
		}
		return o
	}
	b.Run("by password", func(b *testing.B) {
		for b.Loop() {
			if start(b, "ann").Grant == nil {
				b.Fatal("no tokens")
			}
		}
	})
	b.Run("by password and software token", func(b *testing.B) {
		for b.Loop() {
			*bed.now = bed.now.Add(30 * time.Second) // a code counts once
			o, err := bed.Answer(b.Context(), Answer{Request: r, Challenge: SoftwareTokenMFA, Session: start(b, "bob").Session, Responses: map[string]string{
				"USERNAME": "bob", "SOFTWARE_TOKEN_MFA_CODE": bed.totpCode(b, secret),
			}})
			if err != nil || o.Grant == nil {
				b.Fatal(err)
			}
		}
	})
}
