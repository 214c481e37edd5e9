package store

import (
	"context"
	"fmt"
)

// ProvisionedLimits returns the limits that were set for an account in a region, in requests per second by category, under the same terms as
// Pool; an empty map when there are none.
func (s *Store) ProvisionedLimits(ctx context.Context, account, region string) (map[string]int64, error) {
	set, err := s.limits.get(ctx, limitsKey(account, region), s.now, func(ctx context.Context, _ *provisioned) (*provisioned, error) {
		set := &provisioned{}
		err := s.Read(ctx, func(tx *Tx) (err error) {
			set.limits, err = tx.provisionedLimits(account, region)
			return err
		})
		return set, err
	})
	if err != nil {
		return nil, err
	}
	return set.limits, nil
}

// HasProvisionedLimits reports whether a limit was set for any account, under the same terms. Most servers have none, and need not find out whose
// pool a request is for.
func (s *Store) HasProvisionedLimits(ctx context.Context) (bool, error) {
	some, err := s.limits.get(ctx, anyLimits, s.now, func(ctx context.Context, _ *provisioned) (*provisioned, error) {
		some := &provisioned{}
		err := s.Read(ctx, func(tx *Tx) (err error) {
			some.exist, err = tx.exists(`select 1 from provisioned_limits limit 1`)
			return err
		})
		return some, err
	})
	if err != nil {
		return false, err
	}
	return some.exist, nil
}

// provisioned are the limits of an account in a region, by category, or whether there are any.
type provisioned struct {
	limits map[string]int64
	exist  bool
}

func (tx *Tx) provisionedLimits(account, region string) (map[string]int64, error) {
	type row struct {
		category string
		value    int64
	}
	rows, err := collect(tx.query(`select category, value from provisioned_limits where account_id = $1 and region = $2`, account, region),
		func(r scanner) (v row, err error) { return v, r.Scan(&v.category, &v.value) })
	limits := make(map[string]int64, len(rows))
	for _, r := range rows {
		limits[r.category] = r.value
	}
	return limits, err
}

// SaveProvisionedLimit stores a limit in requests per second, in place of the one before it.
func (tx *Tx) SaveProvisionedLimit(account, region, category string, value int64) error {
	tx.changed.limit(limitsKey(account, region))
	tx.changed.limit(anyLimits)
	_, err := tx.exec(`insert into provisioned_limits (account_id, region, category, value) values ($1, $2, $3, $4)
		on conflict (account_id, region, category) do update set value = excluded.value`, account, region, category, value)
	if err != nil {
		return fmt.Errorf("save provisioned limit: %w", err)
	}
	return nil
}

// anyLimits names what is known of all accounts.
const anyLimits = ""

// limitsKey names the limits of an account in a region; neither has a blank.
func limitsKey(account, region string) string { return account + " " + region }
