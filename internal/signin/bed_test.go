package signin

import (
	"context"
	"crypto/rand"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/notify"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

const password = "Corr3ct-horse!"

// bed is what tests of the machine stand on: a machine with a database, an inbox and a clock.
type bed struct {
	*Machine
	inbox *message.Inbox
	keys  []pool.SigningKey // shared by all pools, because they are dear
	now   *time.Time
	start func(testing.TB) *store.Store // on the same file
}

func newBed(t testing.TB) *bed {
	t.Helper()
	secret := make([]byte, seal.KeySize)
	rand.Read(secret)
	master, err := seal.NewMaster(secret)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 9, 5, 12, 0, 0, 0, time.UTC)
	b := &bed{inbox: message.NewInbox(), now: &now}
	clock := func() time.Time { return *b.now }
	file := filepath.Join(t.TempDir(), "cenote.db")
	b.start = func(t testing.TB) *store.Store {
		opened, err := store.Open(t.Context(), store.Options{Database: file, Master: master, Now: clock})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := opened.Close(); err != nil {
				t.Errorf("close store: %v", err)
			}
		})
		return opened
	}
	if b.keys, err = signingKeys(); err != nil {
		t.Fatal(err)
	}
	router := &message.Router{Inbox: b.inbox, Now: clock}
	later := message.NewDispatcher(slog.New(slog.DiscardHandler))
	t.Cleanup(func() {
		if err := later.Drain(context.Background()); err != nil {
			t.Errorf("drain: %v", err)
		}
	})
	b.Machine = &Machine{
		Store: b.start(t), Tokens: &token.Issuer{PublicURL: "https://id.example.com", Now: clock}, Now: clock,
		Notify: &notify.Notifier{Messages: router, Later: later, PublicURL: "https://id.example.com"},
	}
	return b
}

var signingKeys = sync.OnceValues(func() ([]pool.SigningKey, error) {
	return token.NewKeyMaker(func() time.Time { return time.Unix(0, 0) }, 0).Pair()
})

// failing is what both a test and a random walk can do.
type failing interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func (b *bed) update(t failing, write func(*store.Tx) error) {
	t.Helper()
	if err := b.Store.Update(context.Background(), write); err != nil {
		t.Fatal(err)
	}
}

// pool makes a pool and two clients that sign in by every flow.
func (b *bed) pool(t failing, in wire.CreateUserPoolInput, mfa *wire.SetUserPoolMfaConfigInput) (*pool.Pool, [2]*pool.Client) {
	t.Helper()
	in.PoolName = "pool"
	p, err := pool.New(&in, "us-east-1", "000000000000", *b.now)
	if err == nil && mfa != nil {
		err = p.ConfigureMFA(mfa, *b.now)
	}
	if err != nil {
		t.Fatal(err)
	}
	p.Keys = slices.Clone(b.keys)
	b.update(t, func(tx *store.Tx) error { return tx.InsertPool(p) })
	var clients [2]*pool.Client
	for i := range clients {
		clients[i], err = pool.NewClient(p, pool.Offers{}, &wire.CreateUserPoolClientInput{
			UserPoolId: p.ID, ClientName: "client", PreventUserExistenceErrors: "LEGACY", // codes are sent before the answer
			ExplicitAuthFlows: []string{"ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
		}, *b.now)
		if err != nil {
			t.Fatal(err)
		}
		b.update(t, func(tx *store.Tx) error { return tx.InsertClient(p, clients[i]) })
	}
	return p, clients
}

// user makes a confirmed user with a password.
func (b *bed) user(t failing, p *pool.Pool, name string, change func(*user.User)) *user.User {
	t.Helper()
	u := user.New(p, uuid.NewString(), name, user.Confirmed, *b.now)
	u.SetPassword(p, user.NewPassword(p, u.Username, password), *b.now)
	if change != nil {
		change(u)
	}
	b.update(t, func(tx *store.Tx) error { return tx.InsertUser(p, u) })
	return u
}

// reread returns the user as it is stored.
func (b *bed) reread(t failing, p *pool.Pool, u *user.User) (fresh *user.User) {
	t.Helper()
	err := b.Store.View(context.Background(), func(tx *store.Tx) (err error) {
		fresh, err = tx.UserByID(p, u.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return fresh
}

// totpCode is the code that the user's app shows.
func (b *bed) totpCode(t failing, secret string) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, *b.now)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// wrongCode is a code that the user's app, if there is one, shows neither now nor a step earlier or later: a walk tries so many that one would
// be right by chance now and then.
func (b *bed) wrongCode(t failing, secret string) string {
	t.Helper()
	for n := range 10 {
		code := strings.Repeat(strconv.Itoa(n), 6)
		if secret == "" {
			return code
		}
		right, err := totp.ValidateCustom(code, secret, *b.now, totp.ValidateOpts{Period: 30, Skew: 1, Digits: otp.DigitsSix})
		if err != nil {
			t.Fatal(err)
		}
		if !right {
			return code
		}
	}
	t.Fatal("ten codes are right")
	return ""
}
