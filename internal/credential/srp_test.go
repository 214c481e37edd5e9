package credential

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/client/srp"
)

const (
	scope     = "Abc123XyZ"
	userID    = "11111111-2222-4333-8444-555555555555"
	timestamp = "Sat Sep 5 09:08:07 UTC 2026"
)

var block = []byte("a sealed secret block")

// signIn runs both steps with a client that knows the password, through the forms that travel.
func signIn(t testing.TB, v Verifier, password string) bool {
	t.Helper()
	client := srp.NewEphemeral()
	c, b := issue(t, v, client.A())
	claim, err := client.Proof(scope, userID, password, v.SaltHex(), b, block, timestamp)
	if err != nil {
		t.Fatalf("Proof: %v", err)
	}
	return c.Verify(v, scope, userID, block, timestamp, claim)
}

func issue(t testing.TB, v Verifier, srpA string) (*Challenge, string) {
	t.Helper()
	a, err := ParseA(srpA)
	if err != nil {
		t.Fatalf("ParseA: %v", err)
	}
	c, b := NewChallenge(v, a)
	if len(c.Bytes()) != ChallengeBytes {
		t.Fatalf("a challenge has %d bytes, want %d", len(c.Bytes()), ChallengeBytes)
	}
	back, err := ParseChallenge(c.Bytes())
	if err != nil {
		t.Fatalf("ParseChallenge: %v", err)
	}
	return back, b
}

func TestSignInWithSaltsOfEveryShape(t *testing.T) {
	t.Parallel()
	for i := range 200 {
		salt := make([]byte, 1+i%20)
		rand.Read(salt)
		switch i % 4 {
		case 0:
			salt[0] |= 0x80 // padded with a zero byte
		case 1:
			salt[0] = 0 // sent shorter than it is stored
		case 2:
			salt[0] &= 0x0f // an odd number of digits
		}
		password := "pässword " + strconv.Itoa(i)
		v := newVerifier(salt, scope, userID, password)
		if !signIn(t, v, password) {
			t.Errorf("salt %x: the right password was refused", salt)
		}
		if signIn(t, v, password+" ") {
			t.Errorf("salt %x: a wrong password was accepted", salt)
		}
	}
}

func TestVerifyRefusesWhatIsNotThisExchange(t *testing.T) {
	t.Parallel()
	v := NewVerifier(scope, userID, "P@ssw0rd!")
	client := srp.NewEphemeral()
	c, b := issue(t, v, client.A())
	claim, err := client.Proof(scope, userID, "P@ssw0rd!", v.SaltHex(), b, block, timestamp)
	if err != nil {
		t.Fatal(err)
	}
	if !c.Verify(v, scope, userID, block, timestamp, claim) {
		t.Fatal("the right proof was refused")
	}
	if !c.Verify(v, scope, userID, block, timestamp, claim) {
		t.Error("the right proof was refused the second time: clients send it again after an unknown device")
	}
	otherChallenge, _ := issue(t, v, client.A())
	raw, err := base64.StdEncoding.DecodeString(claim)
	if err != nil {
		t.Fatal(err)
	}

	tests := map[string]bool{
		"another scope":               c.Verify(v, "Abc123Xy", userID, block, timestamp, claim),
		"another user":                c.Verify(v, scope, "alice", block, timestamp, claim),
		"a letter moved to the scope": c.Verify(v, scope+userID[:1], userID, block, timestamp, claim),
		"another secret block":        c.Verify(v, scope, userID, block[1:], timestamp, claim),
		"another timestamp":           c.Verify(v, scope, userID, block, "Sat Sep 5 09:08:08 UTC 2026", claim),
		"another challenge":           otherChallenge.Verify(v, scope, userID, block, timestamp, claim),
		"a password set since":        c.Verify(NewVerifier(scope, userID, "P@ssw0rd!"), scope, userID, block, timestamp, claim),
		"no signature":                c.Verify(v, scope, userID, block, timestamp, ""),
		"a signature that is cut":     c.Verify(v, scope, userID, block, timestamp, base64.StdEncoding.EncodeToString(raw[:31])),
		"a signature in hexadecimal":  c.Verify(v, scope, userID, block, timestamp, string(raw)),
	}
	for name, accepted := range tests {
		if accepted {
			t.Errorf("%s was accepted", name)
		}
	}
}

// TestDegenerateAProvesNothing plays the classic attack: with A = 0 mod N, S is 0 whatever the password.
func TestDegenerateAProvesNothing(t *testing.T) {
	t.Parallel()
	v := NewVerifier(scope, userID, "P@ssw0rd!")
	tests := map[string]string{
		"A is 0":        "0",
		"A is many 0":   strings.Repeat("0", maxKeyDigits),
		"A is N":        prime.Text(16),
		"A is N, upper": strings.ToUpper(prime.Text(16)),
		"A is 2N":       new(big.Int).Lsh(prime, 1).Text(16),
		"A is 1000N":    new(big.Int).Mul(prime, big.NewInt(1000)).Text(16),
	}
	for name, srpA := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := ParseA(srpA)
			if err != nil || !a.Degenerate() {
				t.Fatalf("Degenerate() = %v, error %v", a.Degenerate(), err)
			}
			c, b := issue(t, v, srpA)
			u := scramble(number(t, srpA).Bytes(), number(t, b).Bytes())
			claim := base64.StdEncoding.EncodeToString(signature(sessionKey(nil, u), scope, userID, block, timestamp))
			if c.Verify(v, scope, userID, block, timestamp, claim) {
				t.Error("signed in without the password")
			}
		})
	}
}

// TestTrivialVerifiersProveNothing plays it from the other side: a stored V of 0 or 1 would make S known to everybody.
func TestTrivialVerifiersProveNothing(t *testing.T) {
	t.Parallel()
	tests := map[string][]byte{
		"no password": nil,
		"V is 0":      make([]byte, groupBytes),
		"V is 1":      {1},
		"V is N":      prime.Bytes(),
		"V is N-1":    new(big.Int).Sub(prime, big.NewInt(1)).Bytes(),
	}
	for name, stored := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := Verifier{Salt: []byte{1}, V: stored}
			client := srp.NewEphemeral()
			c, b := issue(t, v, client.A())
			publicA := number(t, client.A()).Bytes()
			u := scramble(publicA, number(t, b).Bytes())
			s := (*Powers)(nil).serverSecret(v.V, u, publicA, c.b[:]) // more than any attacker knows
			claim := base64.StdEncoding.EncodeToString(signature(sessionKey(s, u), scope, userID, block, timestamp))
			if c.Verify(v, scope, userID, block, timestamp, claim) {
				t.Error("signed in")
			}
			if v.Matches(scope, userID, "") {
				t.Error("the empty password matches")
			}
			if _, err := ParseVerifier(v.Bytes()); err == nil {
				t.Error("was read from the store")
			}
		})
	}
}

func TestParseA(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		ok   bool
	}{
		"a small number":                {"2", true},
		"upper case":                    {"AF", true},
		"the longest":                   {strings.Repeat("f", 784), true},
		"one digit too long":            {strings.Repeat("f", 785), false},
		"zeros that make it too long":   {strings.Repeat("0", 784) + "2", false},
		"a hundred thousand digits":     {strings.Repeat("f", 100000), false},
		"nothing":                       {"", false},
		"a sign":                        {"-2", false},
		"a plus":                        {"+2", false},
		"a prefix":                      {"0x2", false},
		"an underscore":                 {"1_2", false},
		"a space":                       {" 2", false},
		"a newline":                     {"2\n", false},
		"a letter beyond f":             {"g", false},
		"a digit of another script":     {"٢", false},
		"a byte that is no text":        {"\xff", false},
		"a zero byte in the middle":     {"2\x002", false},
		"base64 instead of hexadecimal": {"AAEC==", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := ParseA(tt.text)
			if tt.ok && (err != nil || a.Degenerate()) {
				t.Errorf("got error %v, degenerate %v", err, a.Degenerate())
			}
			if !tt.ok && !errors.Is(err, ErrPublicA) {
				t.Errorf("got %v, want ErrPublicA", err)
			}
		})
	}
}

func TestParseChallengeRefusesOtherLengths(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, ChallengeBytes - 1, ChallengeBytes + 1} {
		if _, err := ParseChallenge(make([]byte, n)); err == nil {
			t.Errorf("%d bytes were read", n)
		}
	}
}

func FuzzParseA(f *testing.F) {
	f.Add("0")
	f.Add(prime.Text(16))
	f.Add("-1")
	f.Add("1_0")
	f.Add(strings.Repeat("f", 785))
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseA(text)
		if err != nil {
			return
		}
		n, ok := new(big.Int).SetString(text, 16)
		if !ok || n.Sign() < 0 || len(text) > maxKeyDigits {
			t.Fatalf("%q was read", text)
		}
		if !bytes.Equal(a.sent, n.Bytes()) || a.Degenerate() != (n.Mod(n, prime).Sign() == 0) {
			t.Errorf("%q was read as %x, degenerate %v", text, a.sent, a.Degenerate())
		}
	})
}

// FuzzVerify lets the whole second step be hostile, even the unsealed challenge: nothing may be accepted or panic.
func FuzzVerify(f *testing.F) {
	v := NewVerifier(scope, userID, "P@ssw0rd!")
	f.Add("2", []byte{}, scope, userID, timestamp, base64.StdEncoding.EncodeToString(make([]byte, 32)))
	f.Add(prime.Text(16), bytes.Repeat([]byte{0xff}, ChallengeBytes), "", "", "", "====")
	f.Fuzz(func(t *testing.T, srpA string, challenge []byte, scope, id, timestamp, claim string) {
		if a, err := ParseA(srpA); err == nil {
			if c, _ := NewChallenge(v, a); c.Verify(v, scope, id, challenge, timestamp, claim) {
				t.Error("accepted for a challenge")
			}
		}
		if c, err := ParseChallenge(challenge); err == nil && c.Verify(v, scope, id, challenge, timestamp, claim) {
			t.Error("accepted for a forged challenge")
		}
	})
}

func BenchmarkSRPChallenge(b *testing.B) {
	v := NewVerifier(scope, userID, "P@ssw0rd!")
	text := srp.NewEphemeral().A()
	for b.Loop() {
		a, err := ParseA(text)
		if err != nil {
			b.Fatal(err)
		}
		NewChallenge(v, a)
	}
}

func BenchmarkSRPProve(b *testing.B) {
	v := NewVerifier(scope, userID, "P@ssw0rd!")
	client := srp.NewEphemeral()
	c, srpB := issue(b, v, client.A())
	claim, err := client.Proof(scope, userID, "P@ssw0rd!", v.SaltHex(), srpB, block, timestamp)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if !c.Verify(v, scope, userID, block, timestamp, claim) {
			b.Fatal("the right proof was refused")
		}
	}
}
