package signin

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// maxSession is how long a session may be on the wire.
const maxSession = 2048

func TestASessionOpensWhereItBelongs(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p, clients := b.pool(t, wire.CreateUserPoolInput{}, nil)
	other, others := b.pool(t, wire.CreateUserPoolInput{}, nil)
	a := b.pending(clients[0], &Attempt{UserID: "id", Username: strings.Repeat("\U0001F600", 128), First: ByPassword}, MFASetup)
	a.Secret = user.NewTOTPSecret()
	session, err := b.seal(p, clients[0], a)
	if err != nil {
		t.Fatal(err)
	}
	if len(session) > maxSession {
		t.Errorf("a session of %d characters is too long for the wire", len(session))
	}
	r, opened, err := b.openAlone(t.Context(), session)
	if err != nil || r.Pool.ID != p.ID || r.Client.ID != clients[0].ID || opened.ID != a.ID || opened.Secret != a.Secret {
		t.Errorf("opened by itself: %v %v", opened, err)
	}
	if _, err := b.open(p, clients[1], session); !errors.Is(err, errInvalidSession) {
		t.Errorf("another client of the pool: %v", err)
	}
	if _, err := b.open(other, others[0], session); !errors.Is(err, errInvalidSession) {
		t.Errorf("another pool: %v", err)
	}
	raw, _ := base64.StdEncoding.DecodeString(session)
	relabelled := append(append([]byte{raw[0]}, clients[1].ID...), raw[1+int(raw[0]):]...)
	if _, _, err := b.openAlone(t.Context(), base64.StdEncoding.EncodeToString(relabelled)); err == nil {
		t.Error("a session that another client's id was put on opens")
	}
	for _, forged := range []string{"", "AA==", "GkFB", "not base64!!!!!!!!!!!", session[:len(session)-8], strings.Repeat("A", 100)} {
		if _, _, err := b.openAlone(t.Context(), forged); err == nil || !strings.Contains(err.Error(), "Invalid session for the user.") {
			t.Errorf("%.20q: %v", forged, err)
		}
	}
	for _, spelling := range []string{session + "\n", session[:8] + "\r\n" + session[8:]} {
		if _, err := b.open(p, clients[0], spelling); !errors.Is(err, errInvalidSession) {
			t.Errorf("the session opens in another spelling, %.12q: %v", spelling, err)
		}
	}
	b.update(t, func(tx *store.Tx) error { return tx.DeletePool(p.ID) })
	if _, _, err := b.openAlone(t.Context(), session); err == nil {
		t.Error("a session of a pool that is gone opens")
	}
	*b.now = b.now.Add(3 * time.Minute)
	late, err := b.seal(other, others[0], a)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.openAlone(t.Context(), late); !errors.Is(err, errExpiredSession) {
		t.Errorf("a session whose time is over: %v", err)
	}
}

// Names of users have at most 128 UTF-16 code units. None of their letters may make a session too long to be sent back.
func TestASessionOfTheLongestNameFits(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p, clients := b.pool(t, wire.CreateUserPoolInput{}, nil)
	for _, name := range []string{strings.Repeat("<", 128), strings.Repeat("&", 128), strings.Repeat(`"`, 128), strings.Repeat("\u6f22", 128), strings.Repeat("\U0001F600", 64)} {
		a := b.pending(clients[0], begin(p, &person{user: b.user(t, p, name, nil)}), PasswordVerifier)
		a.SRP, a.DeviceKey = &srpState{Challenge: make([]byte, 512)}, p.Region()+"_"+uuid.NewString()
		session, err := b.seal(p, clients[0], a)
		if err != nil || len(session) > maxSession {
			t.Errorf("the session of %.8s has %d characters: %v", name, len(session), err)
		}
		if opened, err := b.open(p, clients[0], session); err != nil || opened.Username != name {
			t.Errorf("opened: %v %v", opened, err)
		}
	}
}

func TestSimultaneousCodesAreCountedOneByOne(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p, clients := b.pool(t, wire.CreateUserPoolInput{SmsConfiguration: &wire.SmsConfigurationType{SnsCallerArn: "arn:aws:iam::000000000000:role/sms"}},
		&wire.SetUserPoolMfaConfigInput{MfaConfiguration: "ON", SmsMfaConfiguration: &wire.SmsMfaConfigType{}})
	b.user(t, p, "ann", func(u *user.User) { u.Attributes["phone_number"] = "+15555550123" })
	r := Request{Pool: p, Client: clients[0]}
	begun, err := b.Start(t.Context(), Start{Request: r, Flow: "USER_PASSWORD_AUTH", Params: map[string]string{"USERNAME": "ann", "PASSWORD": password}})
	if err != nil || begun.Challenge != SMSMFA {
		t.Fatalf("%v %v", begun, err)
	}
	var wrong, stopped atomic.Int64
	var tries sync.WaitGroup
	for i := range 60 {
		tries.Go(func() {
			_, err := b.Answer(t.Context(), Answer{Request: r, Challenge: SMSMFA, Session: begun.Session, Responses: map[string]string{
				"USERNAME": "ann", "SMS_MFA_CODE": fmt.Sprintf("x%d", i),
			}})
			switch {
			case errors.Is(err, errWrongCode):
				wrong.Add(1)
			case errors.Is(err, errTooManyCodes):
				stopped.Add(1)
			default:
				t.Errorf("got %v", err)
			}
		})
	}
	tries.Wait()
	if wrong.Load() != 20 || stopped.Load() != 40 {
		t.Errorf("%d codes were compared and %d were not", wrong.Load(), stopped.Load())
	}
}

func TestOfSimultaneousAnswersOneSignsIn(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p, clients := b.pool(t, wire.CreateUserPoolInput{}, &wire.SetUserPoolMfaConfigInput{
		MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: &wire.SoftwareTokenMfaConfigType{Enabled: wire.Ptr(true)},
	})
	secret := user.NewTOTPSecret()
	b.user(t, p, "ann", func(u *user.User) { u.Factors.TOTP = &user.TOTP{Secret: secret} })
	r := Request{Pool: p, Client: clients[0]}
	var sessions []string
	for range 2 { // one code is good for one of two sign-ins as well
		begun, err := b.Start(t.Context(), Start{Request: r, Flow: "USER_PASSWORD_AUTH", Params: map[string]string{"USERNAME": "ann", "PASSWORD": password}})
		if err != nil {
			t.Fatal(err)
		}
		sessions = append(sessions, begun.Session)
	}
	code := b.totpCode(t, secret)
	var in atomic.Int64
	var tries sync.WaitGroup
	for i := range 10 {
		tries.Go(func() {
			_, err := b.Answer(t.Context(), Answer{Request: r, Challenge: SoftwareTokenMFA, Session: sessions[i%2], Responses: map[string]string{
				"USERNAME": "ann", "SOFTWARE_TOKEN_MFA_CODE": code,
			}})
			if err == nil {
				in.Add(1)
			}
		})
	}
	tries.Wait()
	if in.Load() != 1 {
		t.Errorf("one code signed in %d times", in.Load())
	}
}

func TestASessionHasOneSpelling(t *testing.T) {
	t.Parallel()
	if _, _, err := parseSession("AWE="); err != nil {
		t.Errorf("the canonical spelling: %v", err)
	}
	for _, spelling := range []string{"AWF=", "AWG=", "AWE=\n", "A\nWE="} { // the same bytes
		if _, _, err := parseSession(spelling); !errors.Is(err, errInvalidSession) {
			t.Errorf("%q: %v", spelling, err)
		}
	}
}

func FuzzParseSession(f *testing.F) {
	f.Add("")
	f.Add("AA==")
	f.Add("AWFi")
	f.Fuzz(func(t *testing.T, session string) {
		id, sealed, err := parseSession(session)
		raw, _ := base64.StdEncoding.DecodeString(session)
		if err == nil && 1+len(id)+len(sealed) != len(raw) {
			t.Errorf("%d bytes became %d and %d", len(raw), len(id), len(sealed))
		}
	})
}

// TestASessionEndsWithTheMachine: that it was used may not have reached the disk.
func TestASessionEndsWithTheMachine(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p, clients := b.pool(t, wire.CreateUserPoolInput{}, nil)
	begun := func() string {
		session, err := b.seal(p, clients[0], b.pending(clients[0], &Attempt{UserID: "id", Username: "ann"}, MFASetup))
		if err != nil {
			t.Fatal(err)
		}
		return session
	}
	before := begun()
	b.Store = b.start(t)
	if _, err := b.open(p, clients[0], before); err != nil {
		t.Errorf("after the process ended: %v", err)
	}
	b.update(t, func(tx *store.Tx) error { return tx.SetMeta("boot", "another 0") })
	*b.now = b.now.Add(time.Second)
	b.Store = b.start(t)
	if _, err := b.open(p, clients[0], before); !errors.Is(err, errExpiredSession) {
		t.Errorf("after the machine ended: %v", err)
	}
	if _, err := b.open(p, clients[0], begun()); err != nil {
		t.Errorf("begun since: %v", err)
	}
}
