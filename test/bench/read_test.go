package bench

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/wire"
)

// What a read may cost beside checking who asks and encoding the answer.
const (
	rowFloor  = 10 * time.Microsecond // a row by its key
	pageFloor = 30 * time.Microsecond // 60 rows by their keys
)

// read is a request that reads.
type read struct {
	name      string
	reach     float64
	check     func() // who asks
	rows      time.Duration
	into      any // the answer
	operation string
	signed    bool
	in        func(i int) object
}

// reads are those that are measured, in a directory with 1,000 users. With tokens, each GetUserByNewTokens has another one.
func (d *directory) reads(b *testing.B, tokens int) []read {
	b.Helper()
	d.addUser(b, "ann")
	load(b, 2, 1000, func(i int) error {
		_, err := d.Signed("AdminCreateUser", object{
			"UserPoolId": d.pool, "Username": fmt.Sprintf("user%d", i), "MessageAction": "SUPPRESS",
			"UserAttributes": []object{{"Name": "email", "Value": fmt.Sprintf("user%d@example.com", i)}},
		})
		return err
	})
	out := d.must(b)(d.passwordSignIn("ann"))
	token, others := at(out, "AuthenticationResult", "AccessToken"), d.accessTokens(b, at(out, "AuthenticationResult", "RefreshToken"), tokens)
	same := func(in object) func(int) object { return func(int) object { return in } }
	all := []read{
		{"AdminGetUser", 2, checkSignature, rowFloor, &wire.AdminGetUserOutput{}, "AdminGetUser", true, same(object{"UserPoolId": d.pool, "Username": "user500"})},
		{"GetUser", 2, checkToken(b), rowFloor, &wire.GetUserOutput{}, "GetUser", false, same(object{"AccessToken": token})},
		{"filter", 3, checkSignature, rowFloor, &wire.ListUsersOutput{}, "ListUsers", true, same(object{"UserPoolId": d.pool, "Filter": `email = "user500@example.com"`})},
		{"page", 5, checkSignature, pageFloor, &wire.ListUsersOutput{}, "ListUsers", true, same(object{"UserPoolId": d.pool, "Limit": 60})},
	}
	if tokens > 0 {
		all = append(all, read{"GetUserByNewTokens", 2, checkToken(b), rowFloor, &wire.GetUserOutput{}, "GetUser", false, func(i int) object { return object{"AccessToken": others[i]} }})
	}
	return all
}

// encode returns the encoding of the answer.
func (r *read) encode(b *testing.B, d *directory) func() {
	b.Helper()
	return encoding(b, d.must(b)(d.call(r.operation, r.in(0), r.signed)), r.into)
}

// floor measures what the request may cost.
func (r *read) floor(calls int, encode func()) time.Duration {
	return overhead + r.rows + cpuTime(calls, r.check) + cpuTime(calls, encode)
}

func (r *read) report(b *testing.B, used, floor time.Duration, unit string) {
	b.Helper()
	b.ReportMetric(float64(used.Microseconds())/rounds, unit)
	b.ReportMetric(float64(floor.Microseconds())/rounds, "floor-µs/op")
	b.ReportMetric(float64(used)/float64(floor), "ratio")
	b.ReportMetric(r.reach, "reach")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkRead is what reads cost the server, in processor time, beside the floor of each: the check of the signature or the token and the
// encoding of the answer, both measured, 20 µs for HTTP, and the row or rows. The connections keep both processors busy, as the loops of the
// floor do: with two of them, processors rest between two requests, and waking up is a third of what a read costs.
func BenchmarkRead(b *testing.B) {
	const connections = 16
	const calls = 1500 // the operating system counts in hundredths of a second; and more tokens than the server remembers
	d := newDirectory(b, connections)
	for _, r := range d.reads(b, calls) {
		b.Run(r.name, func(b *testing.B) {
			encode := r.encode(b, d)
			ask := func(i int) error { _, err := d.call(r.operation, r.in(i), r.signed); return err }
			load(b, connections, calls, ask)
			var used, floor time.Duration
			for range rounds {
				floor += r.floor(calls, encode)
				before := CPUOf(b, d.process.PID())
				load(b, connections, calls, ask)
				used += (CPUOf(b, d.process.PID()) - before) / calls
			}
			r.report(b, used, floor, "server-µs/op")
		})
	}
}

// BenchmarkHandler is what the same reads cost from the handler inward, measured as the floor is: called in a loop, without a network, a
// client on the same processors, or a pause. The ratio has the 20 µs for HTTP on both sides. What BenchmarkRead has above it is net/http, the
// kernel, the scheduler, and code and data that have left the processor's caches between two requests.
func BenchmarkHandler(b *testing.B) {
	const calls = 1500
	s := cenotetest.Start(b, cenotetest.Options{Serve: true, Settings: map[string]string{"rate-limits": "false"}})
	d := &directory{Client: newClient(s.URL, s.AccessKeyID, s.SecretAccessKey, 2)}
	d.makePool(b)
	for _, r := range d.reads(b, 0) {
		b.Run(r.name, func(b *testing.B) {
			encode := r.encode(b, d)
			sent, err := d.request(r.operation, r.in(0), r.signed)
			if err != nil {
				b.Fatal(err)
			}
			handle := func() {
				again := *sent
				again.Body, _ = sent.GetBody() // of bytes: no error
				w := &answered{header: make(http.Header)}
				if s.Handler.ServeHTTP(w, &again); w.status != http.StatusOK {
					b.Errorf("%s: %d", r.name, w.status)
				}
			}
			var used, floor time.Duration
			for range rounds {
				floor += r.floor(calls, encode)
				used += overhead + cpuTime(calls, handle)
			}
			r.report(b, used, floor, "handler+20-µs/op")
		})
	}
}

// answered keeps the status of an answer and drops the rest.
type answered struct {
	header http.Header
	status int
}

func (a *answered) Header() http.Header         { return a.header }
func (a *answered) WriteHeader(status int)      { a.status = status }
func (a *answered) Write(p []byte) (int, error) { return len(p), nil }

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
