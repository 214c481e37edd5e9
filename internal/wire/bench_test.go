package wire_test

import (
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/wire"
)

func BenchmarkDecodeInitiateAuth(b *testing.B) {
	o := operation(b, "InitiateAuth")
	body := []byte(`{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":"1example23456789abcdefghij","AuthParameters":{"USERNAME":"ann@example.com",` +
		`"PASSWORD":"Correct-Horse-1","SECRET_HASH":"q9x3kP1m6y7u2w4e8r0t5z=="},"ClientMetadata":{"source":"web"}}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := o.Decode(body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeSignUp(b *testing.B) {
	o := operation(b, "SignUp")
	body := []byte(`{"ClientId":"1example23456789abcdefghij","Username":"ann@example.com","Password":"Correct-Horse-1","UserAttributes":[` +
		`{"Name":"email","Value":"ann@example.com"},{"Name":"given_name","Value":"Ann"},{"Name":"phone_number","Value":"+15550100"}]}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := o.Decode(body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodeTokens(b *testing.B) {
	out := &wire.InitiateAuthOutput{
		ChallengeParameters: map[string]string{},
		AuthenticationResult: &wire.AuthenticationResultType{
			AccessToken: strings.Repeat("a", 1000), IdToken: strings.Repeat("i", 1100), RefreshToken: strings.Repeat("r", 1200),
			ExpiresIn: wire.Ptr(int64(3600)), TokenType: "Bearer",
		},
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := wire.Encode(out); err != nil {
			b.Fatal(err)
		}
	}
}
