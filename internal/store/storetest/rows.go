package storetest

import (
	"crypto/rand"
	"crypto/rsa"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// Rows tests the rows of every noun. fresh returns the name of an empty database, as store.Options takes it. The cases share one
// database, each with pools of its own, as the pools of a server do; a case that moves the clock for all asks for another.
func Rows(t *testing.T, fresh func(t *testing.T) string) {
	b := &bed{database: fresh(t), master: newMaster(t)}
	b.Store = b.node(t, time.Now)
	for range 2 {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		b.keys = append(b.keys, key)
	}
	for _, c := range []struct {
		name string
		run  func(t *testing.T, b *bed)
	}{
		{"a pool comes back as it was stored", poolRoundTrip},
		{"acts are filtered and swept", actsAreFilteredAndSwept},
		{"a witness sees the changes that last", changesAreWitnessed},
		{"the version of a pool grows with every change of it and its keys", poolVersion},
		{"signing keys are ordered by age and retire", keysRetire},
		{"pools are listed by id in pages", poolPages},
		{"a deleted pool is not found any more", poolDeleted},
		{"secrets of a pool open with the master key only", otherMaster},

		{"a client comes back as it was stored", clientRoundTrip},
		{"a client belongs to its pool only", clientOfOtherPool},
		{"clients are listed by id in pages", clientPages},

		{"a cached pool is shared and seen to change at once", cachedPool},
		{"a cached client is shared and seen to change at once", cachedClient},
		{"a cached access key is shared and seen to change at once", cachedKey},
		{"an access key that is gone on another node is gone here within half a second", otherNodeKey},
		{"pools are listed by region and account", poolsByAccount},
		{"a change on another node is seen within half a second", otherNode},
		{"a failed Update leaves cached values alone", cachedAfterFailure},
		{"concurrent loads of a pool are one", oneLoad},

		{"a group comes back as it was stored", groupRoundTrip},
		{"a group name is taken once", groupExists},
		{"groups differ by case and sort by byte", groupNames},
		{"a member is in a group once", members},
		{"a deleted group leaves no memberships", groupDeleted},

		{"a user comes back as it was stored", userRoundTrip},
		{"a user without a password has none", userWithoutPassword},
		{"a user is found by username, alias and sub", userNames},
		{"a pool that ignores case folds names", foldedNames},
		{"an address is a name once it is verified", aliasVerified},
		{"a changed address frees the old one", aliasChanged},
		{"a taken name is refused and changes nothing", nameTaken},
		{"of users who take one name at the same time one gets it", nameRace},
		{"a name that is both username and alias is kept while either is there", nameTwice},
		{"very long names are told apart", longNames},
		{"no name is another user's id", namesAndIDs},
		{"a preferred_username never keeps an address from its owner", squattedAddress},
		{"an address moves with force", aliasMoved},
		{"a saved user who is gone is not found", saveGone},
		{"a deleted user leaves nothing behind", userDeleted},
		{"users of one pool are unknown to another", otherPool},
		{"text that no database keeps is refused", nulText},

		{"a filter finds its users and no others", filters},
		{"every filter pages through all of its users once", filterPages},
		{"a search pages through all that it finds once, in its order", searches},
		{"a search follows the changes of a user", searchFollows},
		{"very long values are searched", longValues},

		{"a code is replaced and deleted", codes},
		{"the state of a challenge is kept for its time", challenges},
		{"a device comes back as it was stored", deviceRoundTrip},
		{"the devices of a user are listed by key in pages", devicePages},
		{"a passkey comes back as it was stored", passkeyRoundTrip},
		{"the passkeys of a user are listed by age in pages", passkeyPages},
		{"a user has one pending registration of a passkey", passkeyChallenges},
		{"a counter is kept by subject and action", counters},
		{"a thing is consumed once", consumed},
		{"a sign-in reads a user, the failures and its attempt at once", signingIn},
		{"a revoked sign-in stays revoked", revoked},
		{"a refresh token remembers its first rotation", rotated},
		{"an access key comes back with its secret", accessKeys},
		{"limits are kept by account and region, and seen by another node within half a second", provisionedLimits},
		{"a session comes back, is touched and ends", sessions},
		{"a browser is listed, is touched and ends", browserSessions},
		{"events are listed newest first and keep their feedback", events},
		{"a resource server comes back and tells which scopes exist", resourceServers},
		{"a domain belongs to one pool", domains},
		{"a provider comes back and keeps its identifiers", providers},
		{"an account at a provider leads to one user", identities},
		{"of users who take one account at the same time one gets it", identityRace},
		{"looks and terms go with their client", looks},
		{"a copy of a pool has what the pool publishes", contentsPublished},
		{"a SAML key is kept by its use", samlKeys},
		{"session settings and risk come back as they were stored", riskRoundTrip},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, b)
		})
	}
	t.Run("devices and passkeys go with their user and their pool", func(t *testing.T) {
		t.Parallel()
		b := &bed{database: fresh(t), master: b.master, keys: b.keys}
		b.Store = b.node(t, func() time.Time { return noon })
		devicesOfDeleted(t, b)
	})
	for name, run := range map[string]func(t *testing.T, b *bed){
		"log records wait for their delivery":          logRecords,
		"a log record is leased to one node at a time": logLeases,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &bed{database: fresh(t), master: b.master, keys: b.keys}
			b.Store = b.node(t, func() time.Time { return noon })
			run(t, b)
		})
	}
	t.Run("a sweep removes what has expired and nothing else", func(t *testing.T) {
		t.Parallel()
		b := &bed{database: fresh(t), master: b.master, keys: b.keys}
		b.Store = b.node(t, func() time.Time { return noon })
		sweepExpired(t, b)
	})
	t.Run("a sweep removes sessions and events that are over", func(t *testing.T) {
		t.Parallel()
		b := &bed{database: fresh(t), master: b.master, keys: b.keys}
		b.Store = b.node(t, func() time.Time { return noon })
		sessionsAndEventsEnd(t, b)
	})
	t.Run("a sweep brings back what a clock that was ahead has planned", func(t *testing.T) {
		t.Parallel()
		b := &bed{database: fresh(t), master: b.master, keys: b.keys}
		b.Store = b.node(t, func() time.Time { return noon })
		plansOfAClockAhead(t, b)
	})
	t.Run("a sweep removes the rows of deleted pools", func(t *testing.T) {
		t.Parallel()
		b := &bed{database: fresh(t), master: b.master, keys: b.keys}
		b.Store = b.node(t, func() time.Time { return noon })
		sweepPool(t, b)
	})
}

// noon is the time of everything that the cases store. It has all the digits that a store keeps.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 123456000, time.UTC)

// bed is what the cases stand on: a database and a node that has it open.
type bed struct {
	*store.Store
	database string
	master   *seal.Master
	keys     []*rsa.PrivateKey // two, because they are dear
}

func newMaster(t *testing.T) *seal.Master {
	t.Helper()
	key := make([]byte, seal.KeySize)
	rand.Read(key)
	m, err := seal.NewMaster(key)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// node opens the database once more, as another node would.
func (b *bed) node(t *testing.T, now func() time.Time) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Database: b.database, Master: b.master, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return s
}

func (b *bed) update(t *testing.T, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := b.Update(t.Context(), fn); err != nil {
		t.Fatalf("update: %v", err)
	}
}

func (b *bed) view(t *testing.T, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := b.View(t.Context(), fn); err != nil {
		t.Fatalf("view: %v", err)
	}
}

// newPool stores a pool with the settings and without keys.
func (b *bed) newPool(t *testing.T, settings wire.UserPoolType) *pool.Pool {
	t.Helper()
	p := &pool.Pool{ID: "eu-west-1_" + letters(9), Settings: settings}
	b.update(t, func(tx *store.Tx) error { return tx.InsertPool(p) })
	return p
}

// newUser stores a user with the attributes.
func (b *bed) newUser(t *testing.T, p *pool.Pool, username string, attributes user.Attributes) *user.User {
	t.Helper()
	u := draftUser(p, username, attributes)
	b.update(t, func(tx *store.Tx) error { return tx.InsertUser(p, u) })
	return u
}

// draftUser makes a user and does not store it.
func draftUser(p *pool.Pool, username string, attributes user.Attributes) *user.User {
	u := user.New(p, uuid.NewString(), username, user.Confirmed, noon)
	for name, value := range attributes {
		u.Attributes[name] = value
	}
	return u
}

// letters returns n random letters and digits.
func letters(n int) string { return rand.Text()[:n] }

var (
	aliases     = wire.UserPoolType{AliasAttributes: []string{"email", "phone_number", "preferred_username"}}
	ignoresCase = wire.UserPoolType{
		AliasAttributes:       []string{"email", "preferred_username"},
		UsernameConfiguration: &wire.UsernameConfigurationType{CaseSensitive: false},
	}
	byAddress = wire.UserPoolType{
		UsernameAttributes:    []string{"email"},
		UsernameConfiguration: &wire.UsernameConfigurationType{CaseSensitive: false},
	}
)
