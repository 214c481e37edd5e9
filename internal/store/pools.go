package store

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// ErrNoMaster says that Options.Master is needed.
var ErrNoMaster = errors.New("the store was opened without a master key")

// selectPool begins every statement that loads pools; scanPool reads its rows.
const selectPool = `select pool_id, version, settings, mfa, sessions, risk, logs, data_key from pools `

// InsertPool stores a new pool with its settings and signing keys. It makes the pool's data key and sets p.Key and p.Version.
func (tx *Tx) InsertPool(p *pool.Pool) error {
	master, err := tx.sealer()
	if err != nil {
		return err
	}
	var one int
	switch err := tx.queryRow(`select 1 from deleted_pools where pool_id = $1`, p.ID).Scan(&one); {
	case err == nil:
		return fmt.Errorf("pool %s was deleted and its rows are still being removed", p.ID)
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	key, wrapped, err := master.NewKey()
	if err != nil {
		return fmt.Errorf("make data key of pool %s: %w", p.ID, err)
	}
	p.Key, p.Version = key, 1
	tx.makes("UserPoolId", p.ID)
	doc, err := encodePool(p, poolDocuments{})
	if err != nil {
		return err
	}
	_, err = tx.exec(`insert into pools (pool_id, version, settings, mfa, sessions, risk, logs, data_key, account_id)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, p.ID, p.Version, doc.settings, doc.mfa, doc.sessions, doc.risk, doc.logs, wrapped, p.AccountID())
	if err != nil {
		return fmt.Errorf("insert pool %s: %w", p.ID, err)
	}
	for _, k := range p.Keys {
		if err := tx.insertSigningKey(p, k); err != nil {
			return err
		}
	}
	return nil
}

// Pool loads a pool with its keys; pool.NotFound when there is none. The caller may change it and save it in this transaction.
func (tx *Tx) Pool(id string) (*pool.Pool, error) {
	p, err := tx.scanPool(tx.queryRow(selectPool+`where pool_id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, pool.NotFound(id)
	}
	if err != nil {
		return nil, err
	}
	return p, tx.loadKeys(p)
}

// Pools lists pools by id, those after the given one ("" for the first), at most limit (0 for all).
func (tx *Tx) Pools(after string, limit int) ([]*pool.Pool, error) {
	all, err := collect(tx.query(selectPool+`where pool_id > $1 order by pool_id limit cast($2 as bigint)`, after, rowLimit(limit)), tx.scanPool)
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if err := tx.loadKeys(p); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// PoolIDs lists the ids of all pools.
func (tx *Tx) PoolIDs() ([]string, error) {
	return collect(tx.query(`select pool_id from pools order by pool_id`), func(r scanner) (id string, err error) { return id, r.Scan(&id) })
}

// PoolsIn lists the pools of a region and an account ("" for all accounts) by id, those after the given one ("" for the first), at most
// limit.
func (tx *Tx) PoolsIn(region, account, after string, limit int) ([]*pool.Pool, error) {
	from, to := prefixRange(region + "_")
	var found []*pool.Pool
	for {
		page, err := collect(tx.query(selectPool+`where pool_id > $1 and pool_id >= $2 and pool_id < $3 and ($4 = '' or account_id in ('', $4))
			order by pool_id limit cast($5 as bigint)`, after, from, to, account, limit), tx.scanPool)
		if err != nil {
			return nil, err
		}
		for _, p := range page {
			if after = p.ID; account == "" || p.AccountID() == account {
				found = append(found, p)
			}
		}
		if len(found) >= limit || len(page) < limit {
			return found[:min(limit, len(found))], nil
		}
	}
}

// SavePool stores the settings of a pool that was loaded in this transaction, and sets p.Version; pool.NotFound when it is gone.
// Keys are saved by InsertSigningKey and RetireSigningKeys.
func (tx *Tx) SavePool(p *pool.Pool) error {
	var old poolDocuments
	err := tx.queryRow(`select settings, mfa, sessions, risk, logs from pools where pool_id = $1`, p.ID).
		Scan(&old.settings, &old.mfa, &old.sessions, &old.risk, &old.logs)
	if err != nil && !errors.Is(err, sql.ErrNoRows) { // the update tells of a pool that is gone
		return fmt.Errorf("save pool %s: %w", p.ID, err)
	}
	doc, err := encodePool(p, old)
	if err != nil {
		return err
	}
	return tx.poolVersion(p, tx.queryRow(`update pools set version = version + 1, settings = $2, mfa = $3, sessions = $4, risk = $5, logs = $6
		where pool_id = $1 returning version`, p.ID, doc.settings, doc.mfa, doc.sessions, doc.risk, doc.logs))
}

// poolVersion reads the new version that a change of the pool returned.
func (tx *Tx) poolVersion(p *pool.Pool, r row) error {
	tx.changed.pool(p.ID)
	err := r.Scan(&p.Version)
	if errors.Is(err, sql.ErrNoRows) {
		return pool.NotFound(p.ID)
	}
	if err != nil {
		return fmt.Errorf("save pool %s: %w", p.ID, err)
	}
	return nil
}

// DeletePool removes a pool; pool.NotFound when there is none. It is gone at once and its secrets with it, because the data key
// that opens them is deleted. Its rows are removed by Sweep, however many they are.
func (tx *Tx) DeletePool(id string) error {
	n, err := tx.exec(`delete from pools where pool_id = $1`, id)
	if err != nil {
		return fmt.Errorf("delete pool %s: %w", id, err)
	}
	if n == 0 {
		return pool.NotFound(id)
	}
	tx.changed.pool(id)
	_, err = tx.exec(`insert into deleted_pools (pool_id, deleted) values ($1, $2) on conflict (pool_id) do nothing`, id, micros(tx.store.now()))
	return err
}

// poolDocuments are the columns of a pool that are documents.
type poolDocuments struct{ settings, mfa, sessions, risk, logs string }

// encodePool returns the documents of the pool, which replace the old ones.
func encodePool(p *pool.Pool, old poolDocuments) (doc poolDocuments, err error) {
	shown := p.Settings
	shown.EstimatedNumberOfUsers = nil
	if doc.settings, err = poolDocument(p, "settings").encode(shown, old.settings); err != nil {
		return doc, err
	}
	if doc.mfa, err = poolDocument(p, "mfa").encode(p.Mfa, old.mfa); err != nil {
		return doc, err
	}
	if doc.sessions, err = poolDocument(p, "sessions").encode(p.Sessions, old.sessions); err != nil {
		return doc, err
	}
	if doc.risk, err = encodeOptional(poolDocument(p, "risk"), p.Risk, old.risk); err != nil {
		return doc, err
	}
	doc.logs, err = encodeOptional(poolDocument(p, "logs"), p.Logs, old.logs)
	return doc, err
}

func poolDocument(p *pool.Pool, column string) document { return documentOf(p, "pools", p.ID, column) }

// scanPool reads a pool without its keys, but for the wrapped data key, which it opens.
func (tx *Tx) scanPool(r scanner) (*pool.Pool, error) {
	p := &pool.Pool{}
	var settings, mfa, sessions, risk, logs, wrapped []byte
	if err := r.Scan(&p.ID, &p.Version, &settings, &mfa, &sessions, &risk, &logs, &wrapped); err != nil {
		return nil, err
	}
	if tx.store.master == nil {
		return nil, ErrNoMaster
	}
	var err error
	if p.Key, err = tx.store.master.OpenKey(wrapped); err != nil {
		return nil, fmt.Errorf("load pool %s: %w", p.ID, err)
	}
	p.Risk, err = decodeOptional[wire.RiskConfigurationType](poolDocument(p, "risk"), risk)
	var flaw error
	p.Logs, flaw = decodeOptional[wire.LogDeliveryConfigurationType](poolDocument(p, "logs"), logs)
	err = errors.Join(err, flaw, poolDocument(p, "settings").decode(settings, &p.Settings), poolDocument(p, "mfa").decode(mfa, &p.Mfa),
		poolDocument(p, "sessions").decode(sessions, &p.Sessions))
	if err != nil {
		return nil, fmt.Errorf("load pool %s: %w", p.ID, err)
	}
	return p, nil
}
