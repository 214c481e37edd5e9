package hostile_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/client/srp"
	"github.com/cenote-id/cenote/internal/fault"
)

// prime is N, the 3072-bit prime of RFC 3526 section 4.
var prime, _ = new(big.Int).SetString(strings.Join([]string{
	"FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374F",
	"E1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA",
	"48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E77",
	"2C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521AB",
	"DF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733E",
	"C86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
}, ""), 16)

// poolName is the part of a pool's id that SRP hashes.
func (f *fixture) poolName() string { return strings.SplitN(f.pool, "_", 2)[1] }

// exchange is one exchange of SRP, after its first step.
type exchange struct {
	ephemeral *srp.Ephemeral
	client    string
	answer
}

func (x exchange) param(name string) string { return x.at("ChallengeParameters", name) }

func (f *fixture) startSRP(t testing.TB, client, name string) exchange {
	t.Helper()
	x := exchange{ephemeral: srp.NewEphemeral(), client: client}
	x.answer = f.must(t, "InitiateAuth", object{"ClientId": client, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": object{"USERNAME": name, "SRP_A": x.ephemeral.A()}})
	return x
}

// proof makes the answer of somebody who thinks that this is the password.
func (f *fixture) proof(t testing.TB, x exchange, password string) object {
	t.Helper()
	block, err := base64.StdEncoding.DecodeString(x.param("SECRET_BLOCK"))
	if err != nil {
		t.Fatal(err)
	}
	stamp := srp.FormatTimestamp(f.Now())
	signature, err := x.ephemeral.Proof(f.poolName(), x.param("USER_ID_FOR_SRP"), password, x.param("SALT"), x.param("SRP_B"), block, stamp)
	if err != nil {
		t.Fatal(err)
	}
	return verifier(x.client, object{
		"USERNAME": x.param("USER_ID_FOR_SRP"), "PASSWORD_CLAIM_SECRET_BLOCK": x.param("SECRET_BLOCK"),
		"PASSWORD_CLAIM_SIGNATURE": signature, "TIMESTAMP": stamp,
	})
}

func verifier(client string, responses object) object {
	return object{"ClientId": client, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": responses}
}

// change returns the answer to a challenge with another response.
func change(o object, name string, value any) object {
	return o.with("ChallengeResponses", o["ChallengeResponses"].(object).with(name, value))
}

const wrongPassword = "Incorrect username or password."

func noProofIsAcceptedForAMultipleOfN(t *testing.T, s *server) {
	f := s.one
	for what, a := range map[string]*big.Int{"0": new(big.Int), "N": prime, "2N": new(big.Int).Lsh(prime, 1), "15N": new(big.Int).Mul(prime, big.NewInt(15))} {
		for _, text := range []string{a.Text(16), strings.ToUpper(a.Text(16)), "000" + a.Text(16)} {
			p := f.newUser(t)
			got := s.call(t, "InitiateAuth", object{"ClientId": f.client, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": object{"USERNAME": p.name, "SRP_A": text}})
			if !got.ok() {
				if got.code != string(fault.InvalidParameter) {
					t.Errorf("A = %s is answered %s", what, got.text)
				}
				continue
			}
			x := exchange{client: f.client, answer: got}
			b, _ := new(big.Int).SetString(x.param("SRP_B"), 16)
			for _, secret := range []*big.Int{new(big.Int), big.NewInt(1), b} { // S is 0, whatever the password
				s.refuse(t, "A = "+what, "RespondToAuthChallenge", f.proofOf(t, x, secret, hashed(a, b)), "", fault.NotAuthorized)
			}
		}
	}
}

// proofOf signs with the key that S and u give.
func (f *fixture) proofOf(t testing.TB, x exchange, secret, u *big.Int) object {
	t.Helper()
	block, err := base64.StdEncoding.DecodeString(x.param("SECRET_BLOCK"))
	if err != nil {
		t.Fatal(err)
	}
	stamp := srp.FormatTimestamp(f.Now())
	key := mac(mac(padded(u), padded(secret)), []byte("Caldera Derived Key\x01"))[:16]
	signature := mac(key, []byte(f.poolName()), []byte(x.param("USER_ID_FOR_SRP")), block, []byte(stamp))
	return verifier(x.client, object{
		"USERNAME": x.param("USER_ID_FOR_SRP"), "PASSWORD_CLAIM_SECRET_BLOCK": x.param("SECRET_BLOCK"),
		"PASSWORD_CLAIM_SIGNATURE": base64.StdEncoding.EncodeToString(signature), "TIMESTAMP": stamp,
	})
}

func padded(n *big.Int) []byte {
	b := n.Bytes()
	if len(b) == 0 || b[0]&0x80 != 0 {
		b = append([]byte{0}, b...)
	}
	return b
}

func hashed(a, b *big.Int) *big.Int {
	sum := sha256.Sum256(append(padded(a), padded(b)...))
	return new(big.Int).SetBytes(sum[:])
}

func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

func whatIsNoNumberIsNoA(t *testing.T, s *server) {
	f := s.one
	p := f.newUser(t)
	for _, a := range []string{
		"", "g", "-1", "+1", "0x1", " 1", "1 ", "1_0", "1\n", "٣", "１", strings.Repeat("f", 785), strings.Repeat("f", 50_000),
		strings.Repeat("0", 50_000), "a.b", "\x00", "null",
	} {
		start := time.Now()
		for _, name := range []string{p.name, fresh()} {
			s.refuse(t, "A = "+shorten(a), "InitiateAuth", object{
				"ClientId": f.client, "AuthFlow": "USER_SRP_AUTH",
				"AuthParameters": object{"USERNAME": name, "SRP_A": a},
			}, "", fault.InvalidParameter)
		}
		if took := time.Since(start); took > time.Minute {
			t.Errorf("A = %s took %s", shorten(a), took)
		}
	}
}

func TestASecretBlockProvesOnlyItsOwnExchange(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s *server) {
		f, other := s.one, s.two
		p, q := f.newUser(t), f.newUser(t)
		sister := f.newClient(t, nil)
		x, foreign := f.startSRP(t, f.client, p.name), other.startSRP(t, other.client, other.newUser(t).name)
		good, block := f.proof(t, x, password), x.param("SECRET_BLOCK")
		invited := f.invited(t)
		session := f.newPasswordSession(t, invited)
		stale := f.proof(t, f.startSRP(t, f.client, p.name), password)
		for what, body := range map[string]object{
			"another client":          good.with("ClientId", sister),
			"another pool's client":   good.with("ClientId", other.client),
			"another user":            change(good, "USERNAME", q.name),
			"nobody":                  change(good, "USERNAME", fresh()),
			"another exchange's":      change(good, "PASSWORD_CLAIM_SECRET_BLOCK", stale["ChallengeResponses"].(object)["PASSWORD_CLAIM_SECRET_BLOCK"]),
			"another pool's":          change(good, "PASSWORD_CLAIM_SECRET_BLOCK", foreign.param("SECRET_BLOCK")),
			"truncated":               change(good, "PASSWORD_CLAIM_SECRET_BLOCK", block[:len(block)-4]),
			"extended":                change(good, "PASSWORD_CLAIM_SECRET_BLOCK", block+"AAAA"),
			"no base64":               change(good, "PASSWORD_CLAIM_SECRET_BLOCK", "%%%"),
			"a session for a block":   change(good, "PASSWORD_CLAIM_SECRET_BLOCK", session),
			"another signature":       change(good, "PASSWORD_CLAIM_SIGNATURE", stale["ChallengeResponses"].(object)["PASSWORD_CLAIM_SIGNATURE"]),
			"a short signature":       change(good, "PASSWORD_CLAIM_SIGNATURE", "AAAA"),
			"no base64 for signature": change(good, "PASSWORD_CLAIM_SIGNATURE", "%%%"),
		} {
			s.refuse(t, what, "RespondToAuthChallenge", body, wrongPassword, fault.NotAuthorized)
			f.forgive(t, p)
		}
		for what, stamp := range map[string]string{
			"zero-padded": "Sat Sep 05 09:08:07 UTC 2026", "wrong weekday": "Tue Sep 5 09:08:07 UTC 2026", "ancient": "Thu Jan 1 00:00:00 UTC 1970",
			"far away": "Fri Dec 31 23:59:59 UTC 9999",
		} {
			s.refuse(t, what, "RespondToAuthChallenge", change(good, "TIMESTAMP", stamp), wrongPassword, fault.NotAuthorized)
		}
		for _, stamp := range []string{"now", "2026-09-05T09:08:07Z", strings.Repeat("9", 50_000), "\x00"} {
			s.refuse(t, shorten(stamp), "RespondToAuthChallenge", change(good, "TIMESTAMP", stamp), "TIMESTAMP format", fault.InvalidParameter)
		}
		s.must(t, "RespondToAuthChallenge", good)
		s.refuse(t, "the same again", "RespondToAuthChallenge", good, "", fault.NotAuthorized)
		s.refuse(t, "the same again", "AdminRespondToAuthChallenge", good.with("UserPoolId", f.pool), "", fault.NotAuthorized)
		s.must(t, "RespondToAuthChallenge", stale) // an exchange of its own
		late := f.startSRP(t, f.client, p.name)
		proof := f.proof(t, late, password)
		s.Advance(t, 4*time.Minute)
		s.refuse(t, "too late", "RespondToAuthChallenge", proof, "", fault.NotAuthorized)
	})
}

// forgive forgets the failures of a user: a right password does.
func (f *fixture) forgive(t testing.TB, p person) { f.signIn(t, p) }

func aProofAnsweredManyTimesAtOnceSucceedsOnce(t *testing.T, s *server) {
	f := s.one
	x := f.startSRP(t, f.client, f.newUser(t).name)
	body := f.proof(t, x, password)
	wantOne(t, "RespondToAuthChallenge", atOnce(t, s, 8, func(int) (string, object) { return "RespondToAuthChallenge", body }), fault.NotAuthorized)
}
