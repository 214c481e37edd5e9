package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

func sweepExpired(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	const many = 600 // more than one batch
	later := noon.Add(3 * time.Hour)
	b.update(t, func(tx *store.Tx) error {
		for i := range many {
			for when, until := range map[string]time.Time{"over": noon, "going": later} {
				id := fmt.Sprintf("%s%d", when, i)
				code := &user.Code{Purpose: user.SignUpCode, Hash: []byte{1}, Expires: until}
				_, err := tx.Consume(p.ID, id, until)
				_, err2 := tx.Rotate(p.ID, id, until, until)
				if err := errors.Join(err, err2, tx.SaveChallenge(p, id, id, []byte{1}, until), tx.SaveCode(p, id, code), tx.RevokeOrigin(p.ID, id, until),
					tx.SaveCounter(p.ID, id, user.ResendCode, user.Counter{Count: 1, Since: until.Add(-time.Hour), Last: until.Add(-time.Hour)})); err != nil {
					return err
				}
			}
		}
		return errors.Join(
			tx.InsertSigningKey(p, pool.SigningKey{ID: "over", Use: pool.SignsID, Private: b.keys[0], Created: noon, Retires: noon}),
			tx.InsertSigningKey(p, pool.SigningKey{ID: "going", Use: pool.SignsID, Private: b.keys[0], Created: noon, Retires: later}),
			tx.InsertSigningKey(p, pool.SigningKey{ID: "signs", Use: pool.SignsID, Private: b.keys[0], Created: noon.Add(-time.Hour)}),
		)
	})
	if err := b.Sweep(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	b.view(t, func(tx *store.Tx) error { // on a node whose clock is behind, these have not expired
		spent, err := tx.Consumed(p.ID, "over0")
		revoked, err2 := tx.OriginRevoked(p.ID, "over0")
		if !spent || !revoked {
			t.Errorf("at the moment of its end, a use is known: %v, a revocation: %v", spent, revoked)
		}
		return errors.Join(err, err2)
	})
	if err := b.Sweep(t.Context(), noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	left := map[string]int{}
	b.update(t, func(tx *store.Tx) error {
		clear(left)
		for i := range many {
			for _, when := range []string{"over", "going"} {
				id := fmt.Sprintf("%s%d", when, i)
				code, err := tx.Code(p, id, user.SignUpCode)
				counter, err2 := tx.Counter(p.ID, id, user.ResendCode)
				revoked, err3 := tx.OriginRevoked(p.ID, id)
				first, err4 := tx.Consume(p.ID, id, later)
				earlier, err5 := tx.Rotate(p.ID, id, later, later)
				if err := errors.Join(err, err2, err3, err4, err5); err != nil {
					return err
				}
				for noun, kept := range map[string]bool{
					"codes": code != nil, "counters": counter.Count > 0, "revocations": revoked, "uses": !first, "rotations": !earlier.IsZero(),
				} {
					if kept {
						left[when+" "+noun]++
					}
				}
			}
		}
		return nil
	})
	want := map[string]int{"going codes": many, "going counters": many, "going revocations": many, "going uses": many, "going rotations": many}
	if diff := cmp.Diff(want, left); diff != "" {
		t.Errorf("rows after the sweep (-want +got):\n%s", diff)
	}
	var keys []string
	for _, k := range (&bed{Store: b.node(t, time.Now)}).loadPool(t, p.ID).Keys {
		keys = append(keys, k.ID)
	}
	if diff := cmp.Diff([]string{"going", "signs"}, keys); diff != "" {
		t.Errorf("signing keys after the sweep (-want +got):\n%s", diff)
	}
}

func sweepPool(t *testing.T, b *bed) {
	p, kept := b.newPool(t, aliases), b.newPool(t, aliases)
	const many = 600
	for _, p := range []*pool.Pool{p, kept} {
		b.newClient(t, p, "secret")
		b.newGroup(t, p, "g")
		b.update(t, func(tx *store.Tx) error {
			for i := range many {
				u := draftUser(p, fmt.Sprintf("u%d", i), user.Attributes{"email": "e@x.org"})
				if err := errors.Join(tx.InsertUser(p, u), tx.AddMember(p.ID, "g", u.ID, noon)); err != nil {
					return err
				}
			}
			return tx.RevokeOrigin(p.ID, "origin", noon.Add(time.Hour))
		})
	}
	b.update(t, func(tx *store.Tx) error { return tx.DeletePool(p.ID) })
	if err := b.Sweep(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	// An operation that began before the deletion adds one more row.
	late := draftUser(p, "late", nil)
	b.update(t, func(tx *store.Tx) error { return tx.InsertUser(p, late) })
	again := &pool.Pool{ID: p.ID}
	insert := func(tx *store.Tx) error { return tx.InsertPool(again) }
	if err := b.Update(t.Context(), insert); err == nil {
		t.Error("a pool was made anew while rows of its namesake may still come")
	}
	if err := b.Sweep(t.Context(), noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	b.update(t, insert)
	count := func(p *pool.Pool) map[string]int {
		n := map[string]int{}
		b.view(t, func(tx *store.Tx) error {
			users, err := tx.CountUsers(p.ID)
			clients, err2 := tx.Clients(p, "", 0)
			groups, err3 := tx.Groups(p.ID, "", 0)
			members, err4 := tx.Members(p, "g", "", 0)
			revoked, err5 := tx.OriginRevoked(p.ID, "origin")
			holder, err6 := tx.NameHolder(p, user.Name{Kind: user.ByUsername, Value: "u1"})
			n["users"], n["clients"], n["groups"], n["members"] = int(users), len(clients), len(groups), len(members)
			if revoked {
				n["revocations"]++
			}
			if holder != "" {
				n["names"]++
			}
			return errors.Join(err, err2, err3, err4, err5, err6)
		})
		n["found"] = len(b.search(t, p, user.Filter{Attribute: "email", Value: "e@x.org"}, 500))
		return n
	}
	if diff := cmp.Diff(map[string]int{"users": 0, "clients": 0, "groups": 0, "members": 0, "found": 0}, count(again)); diff != "" {
		t.Errorf("rows of the deleted pool (-want +got):\n%s", diff)
	}
	want := map[string]int{"users": many, "clients": 1, "groups": 1, "members": many, "found": many, "revocations": 1, "names": 1}
	if diff := cmp.Diff(want, count(kept)); diff != "" {
		t.Errorf("rows of the other pool (-want +got):\n%s", diff)
	}
}

// plansOfAClockAhead has a node whose clock was a day ahead begin things and end.
func plansOfAClockAhead(t *testing.T, b *bed) {
	p, gone := b.newPool(t, wire.UserPoolType{}), "us-east-1_gone00000"
	ahead := b.node(t, func() time.Time { return noon.Add(24 * time.Hour) })
	job := pool.NewImportJob(p, &wire.CreateUserImportJobInput{JobName: "people"}, noon)
	job.Status, job.Lease, job.Leased = pool.ImportInProgress, "token", noon.Add(24*time.Hour)
	provider := newProvider(p, "Okta")
	provider.Fetched = noon.Add(24 * time.Hour)
	records := make([]pool.LogRecord, 600) // more than one batch
	for i := range records {
		records[i] = pool.LogRecord{PoolID: p.ID, ID: fmt.Sprintf("r%d", i), Source: "userNotification", Text: "{}", Created: noon.Add(24 * time.Hour)}
	}
	err := ahead.Update(t.Context(), func(tx *store.Tx) error {
		return errors.Join(tx.InsertImportJob(job), tx.AddLogRecords(records), tx.InsertProvider(p, provider), tx.BeginRestore(gone, "token"))
	})
	if err != nil {
		t.Fatal(err)
	}
	found := func() (imports, logs, providers, reserved bool) {
		b.view(t, func(tx *store.Tx) error {
			due, err := tx.ImportJobsDue(noon, noon)
			next, err2 := tx.DueProviders(noon, 10)
			var err3 error
			logs, err3 = tx.LogRecordsDue(noon)
			imports, providers, reserved = len(due) == 1, len(next) == 1, tx.WantPoolFree(gone) != nil
			return errors.Join(err, err2, err3)
		})
		return imports, logs, providers, reserved
	}
	if imports, logs, providers, reserved := found(); imports || logs || providers || !reserved {
		t.Fatalf("before the sweep, due are an import: %v, records: %v, a provider: %v; the pool is reserved: %v", imports, logs, providers, reserved)
	}
	if err := b.Sweep(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	if imports, logs, providers, _ := found(); !imports || !logs || !providers {
		t.Errorf("due are an import: %v, records: %v, a provider: %v", imports, logs, providers)
	}
	var taken []pool.LogRecord
	b.update(t, func(tx *store.Tx) (err error) {
		taken, err = tx.LeaseLogRecords(noon, noon.Add(time.Minute), 1000)
		return err
	})
	if len(taken) != len(records) {
		t.Errorf("%d of %d records can be delivered", len(taken), len(records))
	}
	if err := b.Sweep(t.Context(), noon.Add(2*time.Minute)); err != nil { // nobody has touched the restore since
		t.Fatal(err)
	}
	if _, _, _, reserved := found(); reserved {
		t.Error("the pool of a restore that died is still reserved")
	}
}
