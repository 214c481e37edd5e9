package bench

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/wire"
)

// What a read may cost beside checking who asks and encoding the answer.
const (
	rowFloor  = 10 * time.Microsecond // a row by its key
	pageFloor = 30 * time.Microsecond // 60 rows by their keys
)

// BenchmarkRead is what reads cost the server, in processor time, beside the floor of each: the check of the signature or the token and the
// encoding of the answer, both measured, 20 µs for HTTP, and the row or rows.
func BenchmarkRead(b *testing.B) {
	const (
		users = 1000
		calls = 1500 // the operating system counts in hundredths of a second; and more tokens than the server remembers
	)
	d := newDirectory(b, 2)
	d.addUser(b, "ann")
	load(b, 2, users, func(i int) error {
		_, err := d.Signed("AdminCreateUser", object{
			"UserPoolId": d.pool, "Username": fmt.Sprintf("user%d", i), "MessageAction": "SUPPRESS",
			"UserAttributes": []object{{"Name": "email", "Value": fmt.Sprintf("user%d@example.com", i)}},
		})
		return err
	})
	out := d.must(b)(d.passwordSignIn("ann"))
	token, others := at(out, "AuthenticationResult", "AccessToken"), d.accessTokens(b, at(out, "AuthenticationResult", "RefreshToken"), calls)
	for _, c := range []struct {
		name  string
		reach float64
		check func() // who asks
		rows  time.Duration
		into  any // the answer
		call  func(i int) (object, error)
	}{
		{"AdminGetUser", 2, checkSignature, rowFloor, &wire.AdminGetUserOutput{}, func(int) (object, error) {
			return d.Signed("AdminGetUser", object{"UserPoolId": d.pool, "Username": "user500"})
		}},
		{"GetUser", 2, checkToken(b), rowFloor, &wire.GetUserOutput{}, func(int) (object, error) {
			return d.Call("GetUser", object{"AccessToken": token})
		}},
		{"GetUserByNewTokens", 2, checkToken(b), rowFloor, &wire.GetUserOutput{}, func(i int) (object, error) {
			return d.Call("GetUser", object{"AccessToken": others[i]})
		}},
		{"filter", 3, checkSignature, rowFloor, &wire.ListUsersOutput{}, func(int) (object, error) {
			return d.Signed("ListUsers", object{"UserPoolId": d.pool, "Filter": `email = "user500@example.com"`})
		}},
		{"page", 5, checkSignature, pageFloor, &wire.ListUsersOutput{}, func(int) (object, error) {
			return d.Signed("ListUsers", object{"UserPoolId": d.pool, "Limit": 60})
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			encode := encoding(b, d.must(b)(c.call(0)), c.into)
			ask := func(i int) error { _, err := c.call(i); return err }
			load(b, 2, calls, ask)
			var used, floor time.Duration
			for range rounds {
				floor += overhead + c.rows + cpuTime(calls, c.check) + cpuTime(calls, encode)
				before := CPUOf(b, d.process.PID())
				load(b, 2, calls, ask)
				used += (CPUOf(b, d.process.PID()) - before) / calls
			}
			b.ReportMetric(float64(used.Microseconds())/rounds, "server-µs/op")
			b.ReportMetric(float64(floor.Microseconds())/rounds, "floor-µs/op")
			b.ReportMetric(float64(used)/float64(floor), "ratio")
			b.ReportMetric(c.reach, "reach")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// accessTokens returns so many access tokens of one sign-in.
func (d *directory) accessTokens(tb testing.TB, refresh string, n int) []string {
	tb.Helper()
	tokens := make([]string, n)
	load(tb, 2, n, func(i int) error {
		out, err := d.Call("InitiateAuth", object{
			"ClientId": d.clientID, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": object{"REFRESH_TOKEN": refresh},
		})
		tokens[i] = at(out, "AuthenticationResult", "AccessToken")
		return err
	})
	return tokens
}

// encoding returns the encoding of an answer.
func encoding(tb testing.TB, answer object, into any) func() {
	tb.Helper()
	text, err := json.Marshal(answer)
	if err == nil {
		err = wire.Unmarshal(text, into)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return func() {
		if _, err := wire.Encode(into); err != nil {
			tb.Error(err)
		}
	}
}

// checkSignature is the hashing of a signature of version 4: the body, the canonical request, the derivation of the key, and the signature.
func checkSignature() {
	body := sha256.Sum256(make([]byte, 100))
	request := sha256.Sum256(make([]byte, 500))
	key := body[:]
	for range 5 {
		h := hmac.New(sha256.New, key)
		_, _ = h.Write(request[:]) // never fails
		key = h.Sum(nil)
	}
}

// checkToken returns the check of a token's signature.
func checkToken(tb testing.TB) func() {
	tb.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		tb.Fatal(err)
	}
	digest := sha256.Sum256([]byte("a token"))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		tb.Fatal(err)
	}
	return func() {
		if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature); err != nil {
			tb.Error(err)
		}
	}
}
