package bench

import (
	"fmt"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/libcrypto"
)

// rounds of one kind of request are taken in turns with the floor, so that a machine that slows down slows down both.
const (
	rounds      = 5
	perRound    = 200
	floorRounds = 40
)

// serverCPU reports what a request costs the server, and its ratio to what the floor says it may cost.
func serverCPU(b *testing.B, d *directory, reach float64, allowed func(Floor) time.Duration, call func(i int) error) {
	b.Helper()
	load(b, 2, perRound, call) // connections, caches, and the keys of the next pool, which are made behind the first requests
	var used, may time.Duration
	for range rounds {
		f := MeasureFloor(b, floorRounds)
		may += allowed(f)
		before := CPUOf(b, d.process.PID())
		load(b, 2, perRound, call)
		used += (CPUOf(b, d.process.PID()) - before) / perRound
	}
	b.ReportMetric(float64(used.Microseconds())/rounds, "server-µs/op")
	b.ReportMetric(float64(may.Microseconds())/rounds, "floor-µs/op")
	b.ReportMetric(float64(used)/float64(may), "ratio")
	b.ReportMetric(reach, "reach")
	b.ReportMetric(0, "ns/op")
}

// reach picks what a build has to reach: the one that signs with libcrypto is held to a part of the same floor, that of Go.
func reach(static, withLibcrypto float64) float64 {
	if libcrypto.Linked {
		return withLibcrypto
	}
	return static
}

func BenchmarkPasswordSignIn(b *testing.B) {
	d := newDirectory(b, 2)
	d.addUser(b, "ann")
	serverCPU(b, d, reach(1.25, 0.45), func(f Floor) time.Duration { return 2*f.RSA + f.Verifier + overhead }, func(int) error {
		_, err := d.passwordSignIn("ann")
		return err
	})
}

func BenchmarkSRPSignIn(b *testing.B) {
	d := newDirectory(b, 2)
	d.addUser(b, "ann")
	by := d.newProver(b, "ann")
	serverCPU(b, d, reach(1.25, 0.65), func(f Floor) time.Duration { return 2*f.RSA + f.Verifier + overhead + f.Secret }, func(int) error {
		_, err := d.srpSignIn("ann", by)
		return err
	})
}

func BenchmarkRefresh(b *testing.B) {
	d := newDirectory(b, 2)
	d.addUser(b, "ann")
	out := d.must(b)(d.passwordSignIn("ann"))
	refresh := at(out, "AuthenticationResult", "RefreshToken")
	serverCPU(b, d, 1.2, func(f Floor) time.Duration { return 2*f.RSA + overhead }, func(int) error {
		_, err := d.Call("InitiateAuth", object{
			"ClientId": d.clientID, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": object{"REFRESH_TOKEN": refresh},
		})
		return err
	})
}

// BenchmarkGetUser is GetUser and AdminGetUser together, half of each, client included.
func BenchmarkGetUser(b *testing.B) {
	const connections, n = 16, 20_000
	d := newDirectory(b, connections)
	d.addUser(b, "ann")
	out := d.must(b)(d.passwordSignIn("ann"))
	token := at(out, "AuthenticationResult", "AccessToken")
	call := func(i int) error {
		if i/connections%2 == 0 {
			_, err := d.Call("GetUser", object{"AccessToken": token})
			return err
		}
		_, err := d.Signed("AdminGetUser", object{"UserPoolId": d.pool, "Username": "ann"})
		return err
	}
	load(b, connections, 500, call)
	took := load(b, connections, n, call)
	b.ReportMetric(n/took.Seconds(), "requests/s")
	b.ReportMetric(5000, "reach")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkSignUp is SignUp and AdminConfirmSignUp over 32 connections, client included, beside what the store by itself takes in grouped
// commits: of users, and of the smallest row there is.
func BenchmarkSignUp(b *testing.B) {
	const connections, n = 32, 3000
	d := newDirectory(b, connections)
	commits, users := groupedCommits(b, connections, 20_000), groupedUsers(b, connections, 10_000)
	took := load(b, connections, n, func(i int) error {
		name := fmt.Sprintf("user%d", i)
		if _, err := d.Call("SignUp", object{"ClientId": d.clientID, "Username": name, "Password": password}); err != nil {
			return err
		}
		_, err := d.Signed("AdminConfirmSignUp", object{"UserPoolId": d.pool, "Username": name})
		return err
	})
	changes := 2 * n / took.Seconds()
	b.ReportMetric(changes, "changes/s")
	b.ReportMetric(users, "store-users/s")
	b.ReportMetric(commits, "store-rows/s")
	b.ReportMetric(changes/users, "ratio")
	b.ReportMetric(0.25, "reach")
	b.ReportMetric(0, "ns/op")
}
