package limit

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// bench is a set of limits with a clock that stands still.
func bench(r Rates) (*Limits, *time.Time) {
	now := noon
	return New(r, &directory{}, func() time.Time { return now }), &now
}

// directory has a pool in each of two accounts, with clients, tokens and limits.
type directory struct{ provisioned map[string]map[string]int64 }

func (d *directory) Pool(_ context.Context, id string) *pool.Pool {
	p := &pool.Pool{ID: id, Settings: wire.UserPoolType{UsernameConfiguration: &wire.UsernameConfigurationType{}}}
	switch id {
	case "us-east-1_Ours":
		p.Settings.Arn = "arn:aws:cognito-idp:us-east-1:111111111111:userpool/" + id
	case "us-east-1_Theirs":
		p.Settings.Arn = "arn:aws:cognito-idp:us-east-1:222222222222:userpool/" + id
	default:
		return nil
	}
	return p
}

func (d *directory) PoolOfClient(ctx context.Context, id string) *pool.Pool {
	switch id {
	case "unknown":
		return nil
	case "theirs":
		return d.Pool(ctx, "us-east-1_Theirs")
	}
	return d.Pool(ctx, "us-east-1_Ours")
}

func (d *directory) PoolOfToken(ctx context.Context, token string) *pool.Pool {
	if token == "forged" {
		return nil
	}
	return d.Pool(ctx, "us-east-1_Ours")
}

func (d *directory) HasProvisioned(context.Context) bool { return len(d.provisioned) > 0 }

func (d *directory) Provisioned(_ context.Context, account, region string) map[string]int64 {
	return d.provisioned[account+" "+region]
}

// signIn sends one request and reports whether it got through.
func signIn(t *testing.T, l *Limits, operation, ip, client, name string) bool {
	t.Helper()
	ctx := caller.With(t.Context(), caller.Caller{SourceIP: ip})
	var in any = &wire.InitiateAuthInput{ClientId: client, AuthParameters: map[string]string{"USERNAME": name}}
	if operation == "RespondToAuthChallenge" {
		in = &wire.RespondToAuthChallengeInput{ClientId: client, ChallengeResponses: map[string]string{"USERNAME": name}}
	}
	called := false
	facts, ok := wire.Find(wire.UserPools, operation)
	if !ok {
		t.Fatalf("there is no operation %s", operation)
	}
	o := l.Wrap(api.Operation{Operation: facts, Call: func(context.Context, any) (any, error) { called = true; return nil, nil }})
	_, err := o.Call(ctx, in)
	if err != nil && (!fault.Is(err, fault.TooManyRequests) || called) {
		t.Errorf("called: %v, error %v", called, err)
	}
	return err == nil
}

func TestEachCallerHasItsOwnBucket(t *testing.T) {
	t.Parallel()
	const burst = 4 // twice the rate of 2
	for _, tc := range []struct {
		name  string
		rates Rates
		other [3]string // address, client and user that still get through
	}{
		{"an address", Rates{Address: 2}, [3]string{"192.0.2.2", "client", "ann"}},
		{"a client", Rates{Client: 2}, [3]string{"192.0.2.1", "another", "ann"}},
		{"a user", Rates{User: 2}, [3]string{"192.0.2.1", "client", "bob"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			l, now := bench(tc.rates)
			for i := range burst {
				if !signIn(t, l, "InitiateAuth", "192.0.2.1", "client", "ann") {
					t.Fatalf("request %d is refused", i)
				}
			}
			if signIn(t, l, "InitiateAuth", "192.0.2.1", "client", "ann") {
				t.Error("a request above the limit gets through")
			}
			if !signIn(t, l, "InitiateAuth", tc.other[0], tc.other[1], tc.other[2]) {
				t.Error("somebody else is refused")
			}
			if !signIn(t, l, "RespondToAuthChallenge", "192.0.2.1", "client", "ann") {
				t.Error("another kind of work is refused")
			}
			if !signIn(t, l, "ListUsers", "192.0.2.1", "client", "ann") {
				t.Error("an operation that needs credentials is refused")
			}
			*now = now.Add(time.Second)
			if !signIn(t, l, "InitiateAuth", "192.0.2.1", "client", "ann") {
				t.Error("a second later a request is refused")
			}
		})
	}
}

func TestAUserIsLimitedAcrossClientsAndSpellings(t *testing.T) {
	t.Parallel()
	l, _ := bench(Rates{User: 1})
	for _, name := range []string{"Ann", "ANN"} {
		if !signIn(t, l, "InitiateAuth", "", "one", name) {
			t.Fatal("a request is refused too early")
		}
	}
	if signIn(t, l, "InitiateAuth", "", "two", "ann") {
		t.Error("another client of the pool has another bucket for the user")
	}
}

func TestAnswersHaveThreeTimesTheAllowance(t *testing.T) {
	t.Parallel()
	l, _ := bench(Rates{User: 1})
	n := 0
	for signIn(t, l, "RespondToAuthChallenge", "", "client", "ann") {
		n++
	}
	if n != 6 {
		t.Errorf("%d answers got through, want 6", n)
	}
}

func TestWithoutRatesNothingIsLimited(t *testing.T) {
	t.Parallel()
	l, _ := bench(Rates{})
	for range 1000 {
		if !signIn(t, l, "InitiateAuth", "192.0.2.1", "client", "ann") {
			t.Fatal("refused")
		}
	}
}

func TestAnUnknownClientHasNoUsers(t *testing.T) {
	t.Parallel()
	l, _ := bench(Rates{Client: 1, User: 1})
	for range 10 {
		if !signIn(t, l, "InitiateAuth", "192.0.2.1", "unknown", "ann") {
			t.Fatal("refused")
		}
	}
}

func TestTheMapsStayBounded(t *testing.T) {
	t.Parallel()
	l, _ := bench(Rates{Address: 1})
	for i := range shards * perShard * 5 {
		l.address.allow(signingIn, fmt.Sprint(i), noon)
	}
	total := 0
	for i := range l.address.shards {
		total += len(l.address.shards[i].newer) + len(l.address.shards[i].older)
	}
	if total > 2*shards*perShard {
		t.Errorf("%d buckets are kept", total)
	}
}

func TestABucketInUseIsNotForgotten(t *testing.T) {
	t.Parallel()
	l, _ := bench(Rates{Address: 1})
	for range 2 {
		l.address.allow(signingIn, "busy", noon)
	}
	for i := range shards * perShard * 4 {
		l.address.allow(signingIn, fmt.Sprint(i), noon)
		if i%100 == 0 && l.address.allow(signingIn, "busy", noon) {
			t.Fatalf("after %d others the bucket is full again", i)
		}
	}
}

func TestIPv6IsLimitedByNetwork(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		address func(i int) string
		through int // of very many requests
	}{
		{"one address", func(int) string { return "2001:db8::1" }, 4},
		{"the addresses of one network", func(i int) string { return fmt.Sprintf("2001:db8::%x", i+1) }, 4},
		{"an IPv4 address in the clothes of IPv6", func(i int) string { return []string{"192.0.2.1", "::ffff:192.0.2.1"}[i%2] }, 4},
		{"the networks of one site", func(i int) string { return fmt.Sprintf("2001:db8:0:%x::1", i) }, 4 * siteShare},
		{"sites of their own", func(i int) string { return fmt.Sprintf("2001:db8:%x::1", i) }, 500},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			l, _ := bench(Rates{Address: 2})
			through := 0
			for i := range 500 {
				if signIn(t, l, "InitiateAuth", tc.address(i), "client", "ann") {
					through++
				}
			}
			if through != tc.through {
				t.Errorf("%d requests got through, want %d", through, tc.through)
			}
		})
	}
}

func TestAClockThatIsSetBackLocksNobodyOut(t *testing.T) {
	t.Parallel()
	l, now := bench(Rates{Address: 2})
	*now = now.Add(time.Hour)
	for signIn(t, l, "InitiateAuth", "192.0.2.1", "client", "ann") { //nolint:revive // empties the bucket
	}
	*now = now.Add(-time.Hour + time.Second)
	if !signIn(t, l, "InitiateAuth", "192.0.2.1", "client", "ann") {
		t.Error("a second after the clock was set back, a request is refused")
	}
}

func TestBucketsAreSmall(t *testing.T) {
	l, _ := bench(Rates{Address: 1})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range shards * perShard * 4 {
		l.address.allow(signingIn, fmt.Sprint(i), noon)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if got := int64(after.HeapAlloc) - int64(before.HeapAlloc); got > 6<<20 {
		t.Errorf("full buckets take %d bytes", got)
	}
	runtime.KeepAlive(l)
}

func BenchmarkAllow(b *testing.B) {
	l, now := bench(Rates{Address: 1 << 20, Client: 1 << 20, User: 1 << 20})
	ctx := caller.With(b.Context(), caller.Caller{SourceIP: "192.0.2.1"})
	for b.Loop() {
		*now = now.Add(time.Millisecond)
		l.allow(ctx, signingIn, "client", "ann")
	}
}
