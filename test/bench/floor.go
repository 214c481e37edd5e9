// Package bench measures what a request costs the server, against the floor of its cryptography measured in the same run.
//
// Machines differ and are noisy, so the figures that count are ratios: the processor time that the server process used for a request
// (from the operating system), over the time of the same cryptography in this process, taken in turns. Run it with make bench; the
// figures in docs/performance.md come from it. Start with floor.go and signin_test.go.
package bench

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"math/big"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/credential"
)

// overhead is what a request may cost beside its cryptography.
const overhead = 20 * time.Microsecond

// Floor is the cost of pieces of cryptography, in processor time.
type Floor struct {
	RSA      time.Duration // one RSA-2048 signature with crypto/rsa
	Verifier time.Duration // one fixed-base g^x
	Secret   time.Duration // one (A·v^u)^b with a 256-bit b, by math/big
}

// group is the modulus of SRP, which the floor computes in without our own arithmetic.
var group = func() *big.Int {
	n, ok := new(big.Int).SetString(modulus, 16)
	if !ok {
		panic("modulus")
	}
	return n
}()

// MeasureFloor takes each piece a number of times.
func MeasureFloor(tb testing.TB, times int) Floor {
	tb.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		tb.Fatal(err)
	}
	digest := sha256.Sum256([]byte("a token"))
	verifier := credential.NewVerifier("pool", "user", "password")
	a, v, u, b := randomInt(3072), new(big.Int).SetBytes(verifier.V), randomInt(256), randomInt(256)
	return Floor{
		RSA: cpuTime(times, func() {
			if _, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:]); err != nil {
				tb.Fatal(err)
			}
		}),
		Verifier: cpuTime(times, func() { verifier.Matches("pool", "user", "password") }),
		Secret: cpuTime(times, func() {
			s := new(big.Int).Exp(v, u, group)
			s.Mul(s, a)
			s.Mod(s, group)
			s.Exp(s, b, group)
		}),
	}
}

func randomInt(bits uint) *big.Int {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), bits))
	if err != nil {
		panic(err)
	}
	return n
}

// cpuTime returns the processor time of one call, on two processors at once: where they share a core each is slower than alone, and
// the server is measured with both busy.
func cpuTime(times int, call func()) time.Duration {
	const processors = 2
	start := ownCPU()
	var wg sync.WaitGroup
	for range processors {
		wg.Go(func() {
			for range times {
				call()
			}
		})
	}
	wg.Wait()
	return (ownCPU() - start) / time.Duration(processors*times)
}

func ownCPU() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// CPUOf returns the processor time that a process has used, from /proc.
func CPUOf(tb testing.TB, pid int) time.Duration {
	tb.Helper()
	fields := strings.Fields(afterName(tb, pid))
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	if err1 != nil || err2 != nil {
		tb.Fatalf("stat of %d: %q", pid, fields)
	}
	const tick = time.Second / 100 // USER_HZ of Linux on every platform we measure on
	return time.Duration(user+system) * tick
}

// afterName returns the stat line behind the name of the program, which may hold anything.
func afterName(tb testing.TB, pid int) string {
	tb.Helper()
	line, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		tb.Skip("processor times of another process need /proc:", err)
	}
	_, rest, _ := strings.Cut(string(line), ") ")
	return rest
}

// MemoryOf returns the resident memory of a process in bytes, and how much of it is anonymous: its heap and stacks, without the program
// itself.
func MemoryOf(tb testing.TB, pid int) (resident, anonymous int64) {
	tb.Helper()
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/smaps_rollup")
	if err != nil {
		tb.Skip("memory of another process needs /proc:", err)
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		kib, _ := strconv.ParseInt(fields[1], 10, 64) // the first line, of addresses, is none of those below
		switch fields[0] {
		case "Rss:":
			resident = kib << 10
		case "Anonymous:":
			anonymous = kib << 10
		}
	}
	return resident, anonymous
}
