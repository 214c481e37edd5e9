package signin

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

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
