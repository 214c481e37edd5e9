package store

import (
	"fmt"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// AddProviderVisit stores what became of a sign-in by a provider, and forgets those that are beyond the newest.
func (tx *Tx) AddProviderVisit(p *pool.Pool, v pool.ProviderVisit) error {
	detail, err := wire.Encode(v)
	if err != nil {
		return err
	}
	_, err = tx.exec(`insert into provider_visits (pool_id, provider, at, visit_id, detail, expires) values ($1, $2, $3, $4, $5, $6)`,
		p.ID, v.Provider, micros(v.Time), v.ID, p.Key.Seal(detail, p.ID, "provider_visits", v.ID), micros(v.Time.Add(pool.ProviderVisitLife)))
	if err != nil {
		return fmt.Errorf("insert visit of provider: %w", err)
	}
	_, err = tx.exec(`delete from provider_visits where pool_id = $1 and provider = $2 and (at, visit_id) <= (
		select at, visit_id from provider_visits where pool_id = $1 and provider = $2 order by at desc, visit_id desc limit 1 offset cast($3 as bigint))`,
		p.ID, v.Provider, pool.MaxProviderVisits)
	if err != nil {
		return fmt.Errorf("delete visits of provider: %w", err)
	}
	return nil
}

// ProviderVisits lists what became of the last sign-ins by a provider, newest first.
func (tx *Tx) ProviderVisits(p *pool.Pool, provider string) ([]pool.ProviderVisit, error) {
	return collect(tx.query(`select visit_id, detail from provider_visits where pool_id = $1 and provider = $2
		order by at desc, visit_id desc limit cast($3 as bigint)`, p.ID, provider, pool.MaxProviderVisits),
		func(r scanner) (v pool.ProviderVisit, err error) {
			var id string
			var sealed []byte
			if err := r.Scan(&id, &sealed); err != nil {
				return v, err
			}
			detail, err := p.Key.Open(sealed, p.ID, "provider_visits", id)
			if err != nil {
				return v, fmt.Errorf("open visit of provider: %w", err)
			}
			return v, wire.Unmarshal(detail, &v)
		})
}
