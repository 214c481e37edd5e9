package store

import (
	"context"
	"fmt"
	"slices"
	"time"
)

const (
	// sweepBatch is how many rows one transaction of Sweep removes at most, so that it keeps no writer waiting for long.
	sweepBatch = 250

	// sweepHold is how long a transaction of Sweep may take. Rows in no order are in a page each, which may have to come from the disk: where it
	// takes longer, the next one removes fewer.
	sweepHold     = 10 * time.Millisecond
	smallestBatch = 10

	// groupsAtOnce is of how many deleted groups the memberships are removed together, and sideBySide how many of a user's are taken to be in
	// one page, so that a transaction may remove so many times more.
	groupsAtOnce = 100
	sideBySide   = 8

	// tombstoneTime is how long a deleted pool is remembered at least. Within it, no node still works with a cached pool, and
	// no operation that began before the deletion still adds rows.
	tombstoneTime = time.Minute

	// counterTime is after how long a counter says nothing any more: none counts for longer than an hour.
	counterTime = time.Hour

	// clockSkew is how much longer than needed it is remembered what was used up or revoked: another node, whose clock is behind, may
	// still take it for valid.
	clockSkew = time.Hour
)

// expiring are the tables whose rows have an end. Their parameter is the time now.
var expiring = []sweep{
	{"codes", "pool_id, user_id, purpose", "expires <= $1"},
	{"passkey_challenges", "pool_id, user_id", "expires <= $1"},
	{"challenges", "pool_id, user_id, id", "expires <= $1"},
	{"authorization_codes", "pool_id, hash", "expires <= $1"},
	{"browser_sessions", "pool_id, hash", "expires <= $1"},
	{"sessions", "pool_id, user_id, session_id", "expires <= $1"},
	{"auth_events", "pool_id, user_id, event_id", "expires <= $1"},
	{"provider_visits", "pool_id, provider, at, visit_id", "expires <= $1"},
	{"signing_keys", "pool_id, key_id", "retires > 0 and retires <= $1"},
}

// spent are the tables whose rows say that something must not be used, until it has expired by itself. Its parameter is a time an hour ago.
var spent = []sweep{
	{"consumed", "pool_id, id", "expires <= $1"},
	{"vended_keys", "id", "expires <= $1"},
	{"revoked_origins", "pool_id, origin_jti", "expires <= $1"},
	{"rotated", "pool_id, jti", "expires <= $1"},
}

// identified are the tables with rows of an identity pool. Their parameter is its id.
var identified = []sweep{
	{"pool_identity_logins", "identity_pool_id, provider, subject", "identity_pool_id = $1"},
	{"pool_identities", "identity_id", "identity_pool_id = $1"},
}

// idle are the counters that say nothing any more. Its parameter is a time an hour ago.
var idle = sweep{"counters", "pool_id, subject, action", "last <= $1"}

// settled are the marks of changes that are long over. Its parameter is a mark of an earlier time.
var settled = sweep{"commits", "id", "id < $1"}

// formerMembers are the memberships of a deleted group. Its parameters are the pool, the name and the last generation of the group.
var formerMembers = sweep{"memberships", "pool_id, user_id, group_name", "pool_id = $1 and group_name = $2 and generation <= $3"}

// formerMembersBetween are those of them after one user and up to another. Its parameters more are the ids.
var formerMembersBetween = sweep{formerMembers.table, formerMembers.key, formerMembers.over + " and user_id > $4 and user_id <= $5"}

// nextFormerMembers are the users after one who still have such a membership.
const nextFormerMembers = `select user_id from memberships where pool_id = $1 and group_name = $2 and generation <= $3 and user_id > $4
	order by user_id limit cast($5 as bigint)`

// pooled are the tables with rows of a pool. Their parameter is its id.
var pooled = []sweep{
	{"clients", "pool_id, client_id", "pool_id = $1"},
	{"resource_servers", "pool_id, identifier", "pool_id = $1"},
	{"domains", "domain", "pool_id = $1"},
	{"ui_customizations", "pool_id, client_id", "pool_id = $1"},
	{"login_brandings", "pool_id, client_id", "pool_id = $1"},
	{"terms", "pool_id, client_id, name", "pool_id = $1"},
	{"identity_providers", "pool_id, name", "pool_id = $1"},
	{"provider_identifiers", "pool_id, identifier", "pool_id = $1"},
	{"identities", "pool_id, provider, attribute, value", "pool_id = $1"},
	{"saml_keys", "pool_id, key_use", "pool_id = $1"},
	{"signing_keys", "pool_id, key_id", "pool_id = $1"},
	{"pool_groups", "pool_id, group_name", "pool_id = $1"},
	{"deleted_groups", "pool_id, group_name", "pool_id = $1"},
	{"memberships", "pool_id, user_id, group_name", "pool_id = $1"},
	{"sign_in_names", "pool_id, name", "pool_id = $1"},
	{"user_search", "pool_id, attribute, value, user_id", "pool_id = $1"},
	{"users", "pool_id, user_id", "pool_id = $1"},
	{"codes", "pool_id, user_id, purpose", "pool_id = $1"},
	{"devices", "pool_id, user_id, device_key", "pool_id = $1"},
	{"passkeys", "pool_id, credential_id", "pool_id = $1"},
	{"passkey_challenges", "pool_id, user_id", "pool_id = $1"},
	{"counters", "pool_id, subject, action", "pool_id = $1"},
	{"challenges", "pool_id, user_id, id", "pool_id = $1"},
	{"consumed", "pool_id, id", "pool_id = $1"},
	{"authorization_codes", "pool_id, hash", "pool_id = $1"},
	{"browser_sessions", "pool_id, hash", "pool_id = $1"},
	{"revoked_origins", "pool_id, origin_jti", "pool_id = $1"},
	{"rotated", "pool_id, jti", "pool_id = $1"},
	{"sessions", "pool_id, user_id, session_id", "pool_id = $1"},
	{"auth_events", "pool_id, user_id, event_id", "pool_id = $1"},
	{"log_records", "pool_id, record_id", "pool_id = $1"},
	{"provider_visits", "pool_id, provider, at, visit_id", "pool_id = $1"},
	{"user_imports", "pool_id, job_id", "pool_id = $1"},
	{"user_import_parts", "pool_id, job_id, upload, part", "pool_id = $1"},
	{"user_import_logs", "pool_id, job_id, line", "pool_id = $1"},
}

// sweep is one condition on one table. Its parameter is a time or a pool's id, unless it says otherwise.
type sweep struct{ table, key, over string }

// find asks whether there is a row to remove.
func (sw sweep) find() string { return "select 1 from " + sw.table + " where " + sw.over + " limit 1" }

// remove removes a batch. The parameter after those of the condition, $n, is how many rows at most.
func (sw sweep) remove(n int) string {
	return "delete from " + sw.table + " where " + sw.batch(n)
}

// batch is the condition for some of the rows; $n is how many.
func (sw sweep) batch(n int) string {
	return fmt.Sprintf("(%s) in (select %s from %s where %s limit cast($%d as bigint))", sw.key, sw.key, sw.table, sw.over, n)
}

// Sweep removes what has expired at the time, and the rows of deleted pools. It works in small transactions between those of others,
// and goes on where it left off when it is called again after an error. Nodes may sweep at the same time.
func (s *Store) Sweep(ctx context.Context, now time.Time) error {
	if err := s.sweepAppointments(ctx, now); err != nil {
		return err
	}
	for _, sw := range expiring {
		if err := s.sweep(ctx, sw, micros(now)); err != nil {
			return err
		}
	}
	for _, sw := range spent {
		if err := s.sweep(ctx, sw, micros(now.Add(-clockSkew))); err != nil {
			return err
		}
	}
	if err := s.sweep(ctx, idle, micros(now.Add(-counterTime))); err != nil {
		return err
	}
	if err := s.sweep(ctx, settled, oldMarks()); err != nil {
		return err
	}
	if err := s.sweepGroups(ctx); err != nil {
		return err
	}
	if err := s.sweepIdentities(ctx); err != nil {
		return err
	}
	if err := s.SweepRestores(ctx, now); err != nil {
		return err
	}
	if err := s.sweepDataKeys(ctx, now); err != nil {
		return err
	}
	if err := s.sweepIdentityKeys(ctx, now); err != nil {
		return err
	}
	return s.sweepPools(ctx, now)
}

// sweepIdentities removes the identities of pools that were deleted. It looks at one identity of each pool, so that their number costs nothing.
func (s *Store) sweepIdentities(ctx context.Context) error {
	text := func(r scanner) (id string, err error) { return id, r.Scan(&id) }
	for after := ""; ; {
		var next, owners []string
		err := s.View(ctx, func(tx *Tx) (err error) {
			next, err = collect(tx.query(`select identity_pool_id from pool_identities where identity_pool_id > $1 order by identity_pool_id limit 1`, after), text)
			if err == nil && len(next) > 0 { // those of a pool that is being restored come before it
				owners, err = collect(tx.query(`select identity_pool_id from identity_pools where identity_pool_id = $1
					union all select pool_id from restores where pool_id = $1`, next[0]), text)
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("sweep identities: %w", err)
		}
		if len(next) == 0 {
			return nil
		}
		after = next[0]
		for i := 0; len(owners) == 0 && i < len(identified); i++ {
			if err := s.sweep(ctx, identified[i], after); err != nil {
				return err
			}
		}
	}
}

// deletedGroup is a group whose memberships are still there, with its last generation.
type deletedGroup struct {
	poolID, name string
	generation   int64
}

func (s *Store) sweepGroups(ctx context.Context) error {
	var deleted []deletedGroup
	err := s.View(ctx, func(tx *Tx) (err error) {
		deleted, err = collect(tx.query(`select pool_id, group_name, generation from deleted_groups order by pool_id, group_name`), func(r scanner) (d deletedGroup, err error) {
			return d, r.Scan(&d.poolID, &d.name, &d.generation)
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("sweep deleted groups: %w", err)
	}
	for len(deleted) > 0 {
		n := 1
		for n < min(len(deleted), groupsAtOnce) && deleted[n].poolID == deleted[0].poolID {
			n++
		}
		if err := s.sweepMembers(ctx, deleted[:n]); err != nil {
			return err
		}
		deleted = deleted[n:]
	}
	return nil
}

// sweepMembers removes the memberships of deleted groups of one pool, user by user: those of a user are side by side, while each of those of a
// group is in a page of its own, which would be written once for every group. It does not search again where it has been: PostgreSQL would
// step over what it has removed.
func (s *Store) sweepMembers(ctx context.Context, groups []deletedGroup) error {
	after, batch := "", sweepBatch
	for len(groups) > 0 {
		first := groups[0]
		users, err := s.formerMembers(ctx, first, after, max(1, batch/len(groups)))
		if err != nil {
			return fmt.Errorf("sweep deleted groups: %w", err)
		}
		if len(users) == 0 {
			if err := s.forgetGroup(ctx, first); err != nil {
				return err
			}
			groups = groups[1:]
			continue
		}
		var left int64
		var took time.Duration
		last := users[len(users)-1]
		err = s.Update(ctx, func(tx *Tx) error {
			began := s.now()
			left = int64(batch)
			for i := 0; i < len(groups) && left > 0; i++ {
				n, err := tx.exec(formerMembersBetween.remove(6), groups[i].poolID, groups[i].name, groups[i].generation, after, last, left)
				if err != nil {
					return err
				}
				left -= n
			}
			took = s.now().Sub(began)
			return nil
		})
		if err != nil {
			return fmt.Errorf("sweep memberships: %w", err)
		}
		if left > 0 { // no group has any left up to the last user
			after = last
		}
		batch = nextBatch(batch, took, sweepBatch*min(len(groups), sideBySide))
	}
	return nil
}

// formerMembers returns the ids of the next users, n at most, who still have a membership of the deleted group.
func (s *Store) formerMembers(ctx context.Context, group deletedGroup, after string, n int) (ids []string, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		ids, err = collect(tx.query(nextFormerMembers, group.poolID, group.name, group.generation, after, n), func(r scanner) (id string, err error) { return id, r.Scan(&id) })
		return err
	})
	return ids, err
}

// forgetGroup removes the memberships of a deleted group that may have come meanwhile, and that it was deleted.
func (s *Store) forgetGroup(ctx context.Context, group deletedGroup) error {
	if err := s.sweep(ctx, formerMembers, group.poolID, group.name, group.generation); err != nil {
		return err
	}
	// The generation again: the name may have been used and deleted once more.
	over := sweep{"deleted_groups", "pool_id, group_name", "pool_id = $1 and group_name = $2 and generation = $3"}
	return s.sweep(ctx, over, group.poolID, group.name, group.generation)
}

func (s *Store) sweepPools(ctx context.Context, now time.Time) error {
	type tombstone struct {
		poolID  string
		deleted int64
	}
	var deleted []tombstone
	err := s.View(ctx, func(tx *Tx) (err error) {
		deleted, err = collect(tx.query(`select pool_id, deleted from deleted_pools`), func(r scanner) (d tombstone, err error) {
			err = r.Scan(&d.poolID, &d.deleted)
			tx.present(deletedAhead, []*int64{&d.deleted}, d.poolID)
			return d, err
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("sweep deleted pools: %w", err)
	}
	for _, d := range deleted {
		for _, sw := range pooled {
			if err := s.sweep(ctx, sw, d.poolID); err != nil {
				return err
			}
		}
		if d.deleted > micros(now.Add(-tombstoneTime)) {
			continue // rows may still come; the next sweep looks again
		}
		if err := s.sweep(ctx, sweep{"deleted_pools", "pool_id", "pool_id = $1"}, d.poolID); err != nil {
			return err
		}
	}
	return nil
}

// sweep removes rows, batch by batch. It writes only when there are some.
func (s *Store) sweep(ctx context.Context, sw sweep, args ...any) error {
	batch := sweepBatch
	for {
		var n int64
		var took time.Duration
		err := s.View(ctx, func(tx *Tx) error {
			found, err := collect(tx.query(sw.find(), args...), func(r scanner) (one int, err error) { return one, r.Scan(&one) })
			n = int64(len(found))
			return err
		})
		if err == nil && n > 0 {
			err = s.Update(ctx, func(tx *Tx) (err error) {
				began := s.now()
				n, err = tx.exec(sw.remove(len(args)+1), append(slices.Clip(args), batch)...)
				took = s.now().Sub(began)
				return err
			})
		}
		if err != nil {
			return fmt.Errorf("sweep %s: %w", sw.table, err)
		}
		if n < int64(batch) {
			return nil
		}
		batch = nextBatch(batch, took, sweepBatch)
	}
}

// nextBatch returns how many rows to remove, most of all, after a batch that took so long.
func nextBatch(batch int, took time.Duration, most int) int {
	switch {
	case took > sweepHold:
		return max(batch/2, smallestBatch)
	case took < sweepHold/4:
		return min(batch*2, most)
	}
	return min(batch, most)
}
