package hostile_test

import (
	"testing"
	"time"
)

// The time of an answer must not tell who exists. These two are to be compared with each other, line by line:
//
//	go test -run '^$' -bench 'UnknownUser|WrongPassword' ./test/hostile
func BenchmarkUnknownUser(b *testing.B) {
	benchmarkGuess(b, func(*fixture) string { return fresh() })
}

func BenchmarkWrongPassword(b *testing.B) {
	benchmarkGuess(b, func(f *fixture) string { return f.newUser(b).name })
}

// benchmarkGuess measures wrong answers for a name, by each way to sign in. The clock moves on between them, so that none is locked out.
func benchmarkGuess(b *testing.B, name func(*fixture) string) {
	f := newFixture(b, startServer(b, ""), nil, hiding)
	who := name(f)
	b.Run("password", func(b *testing.B) {
		for b.Loop() {
			f.Advance(b, 16*time.Minute)
			f.call(b, "InitiateAuth", f.passwordSignIn(who, "Wr0ng-guess!"))
		}
	})
	b.Run("srp-start", func(b *testing.B) {
		for b.Loop() {
			f.startSRP(b, f.client, who)
		}
	})
	b.Run("forgot-password", func(b *testing.B) {
		for b.Loop() {
			f.Advance(b, time.Hour)
			f.must(b, "ForgotPassword", object{"ClientId": f.client, "Username": who})
		}
	})
}

// BenchmarkProof measures the second step of SRP, which verifies a proof; a server of its own keeps the machine's time.
func BenchmarkProof(b *testing.B) {
	for state, name := range map[string]func(*fixture) string{
		"unknown-user":   func(*fixture) string { return fresh() },
		"wrong-password": func(f *fixture) string { return f.newUser(b).name },
	} {
		b.Run(state, func(b *testing.B) {
			f := newFixture(b, startServer(b, ""), nil, hiding)
			var body object
			for b.Loop() {
				b.StopTimer()
				body = f.proof(b, f.startSRP(b, f.client, name(f)), "Wr0ng-guess!") // a new name each time: none is locked out
				b.StartTimer()
				f.call(b, "RespondToAuthChallenge", body)
			}
		})
	}
}
