package operate

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/wire"
)

// AccessKey is a pair of credentials that has just been made. It prints as "[hidden]".
type AccessKey struct {
	seal.Hidden
	ID     string // 20 upper-case letters and digits
	Secret string // 40 upper-case letters and digits: 200 bits
}

func newAccessKey() *AccessKey {
	return &AccessKey{ID: "CENO" + rand.Text()[:16], Secret: (rand.Text() + rand.Text())[:40]}
}

// KeyRequest says which access key to make.
type KeyRequest struct {
	Name       string   // whose it is: 1 to 64 letters, digits and +=,.@_-
	Account    string   // the account it belongs to: 12 digits; "" for the one of the settings
	Operations []string // names or patterns of operations; none for all
	Pools      []string // ids or patterns of pools; none for all
}

var keyName = regexp.MustCompile(`^[A-Za-z0-9+=,.@_-]+$`)

// CreateKey makes an access key. A pattern that fits no operation and a pool that does not exist are refused: they are slips, and the
// key would be found useless later.
func (d *Data) CreateKey(ctx context.Context, in KeyRequest) (*AccessKey, error) {
	if !keyName.MatchString(in.Name) || len(in.Name) > 64 {
		return nil, errors.New("the name of a key is 1 to 64 letters, digits and +=,.@_-")
	}
	if in.Name == RootName {
		return nil, errors.New("the name root is that of the first key; choose another one")
	}
	for _, pattern := range in.Operations {
		if !anyOperation(pattern) {
			return nil, fmt.Errorf("no operation is called %q", pattern)
		}
	}
	account := cmp.Or(in.Account, d.account)
	if !config.IsAccountID(account) {
		return nil, fmt.Errorf("%q is not 12 digits", account)
	}
	k := newAccessKey()
	stored := store.AccessKey{ID: k.ID, Secret: k.Secret, Name: in.Name, Account: account, Created: d.now()}
	if policy := (caller.Policy{Operations: in.Operations, Pools: in.Pools}); !policy.Unlimited() {
		var err error
		if stored.Policy, err = json.Marshal(policy); err != nil {
			return nil, err
		}
	}
	made := struct {
		AccessKeyId, Name, Account string   //nolint:revive // as the API writes it
		Operations, Pools          []string `json:",omitzero"`
	}{k.ID, in.Name, account, in.Operations, in.Pools}
	err := d.act(ctx, "key create", "", &made, func(ctx context.Context) error {
		return d.Update(ctx, func(tx *store.Tx) error {
			for _, id := range in.Pools {
				if err := wantPoolOf(tx, id, account); err != nil {
					return err
				}
			}
			return tx.InsertAccessKey(stored)
		})
	})
	if err != nil {
		return nil, err
	}
	return k, nil
}

// wantPoolOf refuses a pool that does not exist, or is another account's.
func wantPoolOf(tx *store.Tx, id, account string) error {
	if strings.ContainsAny(id, "*?:") { // a pattern, or an identity pool
		return nil
	}
	p, err := tx.Pool(id)
	if err != nil {
		return err
	}
	if p.AccountID() != account {
		return fault.Newf(fault.InvalidParameter, "pool %s belongs to account %s; a key of account %s cannot use it", id, p.AccountID(), account)
	}
	return nil
}

// anyOperation reports whether a pattern of a policy fits an operation.
func anyOperation(pattern string) bool {
	policy := caller.Policy{Operations: []string{pattern}}
	for _, o := range wire.Operations() {
		if policy.Allows(string(o.Service), o.Name, "") {
			return true
		}
	}
	return false
}

// ListedKey is an access key as a list shows it.
type ListedKey struct {
	ID, Name string
	Account  string
	Created  time.Time
	Policy   caller.Policy
}

// Keys lists the access keys by id.
func (d *Data) Keys(ctx context.Context) ([]ListedKey, error) {
	var stored []store.AccessKey
	err := d.View(ctx, func(tx *store.Tx) (err error) {
		stored, err = tx.AccessKeys()
		return err
	})
	if err != nil {
		return nil, err
	}
	list := make([]ListedKey, len(stored))
	for i, k := range stored {
		list[i] = ListedKey{ID: k.ID, Name: k.Name, Account: cmp.Or(k.Account, d.account), Created: k.Created}
		if list[i].Policy, err = ReadPolicy(k); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// DeleteKey removes an access key; running servers stop accepting it within a second.
func (d *Data) DeleteKey(ctx context.Context, id string) error {
	deleted := struct{ AccessKeyId string }{id} //nolint:revive // as the API writes it
	return d.act(ctx, "key delete", "", &deleted, func(ctx context.Context) error {
		var found bool
		err := d.Update(ctx, func(tx *store.Tx) (err error) {
			found, err = tx.DeleteAccessKey(id)
			return err
		})
		if err == nil && !found {
			err = fault.Newf(fault.ResourceNotFound, "there is no access key %s", id)
		}
		return err
	})
}

// UserPools lists all user pools by id.
func (d *Data) UserPools(ctx context.Context) (pools []*pool.Pool, err error) {
	err = d.View(ctx, func(tx *store.Tx) (err error) {
		pools, err = tx.Pools("", 0)
		return err
	})
	return pools, err
}

// KeyOverlap is how long replaced signing keys still verify: as long as the longest token lives, and the time until every node has
// seen the change.
const KeyOverlap = 24*time.Hour + time.Minute

// RotateKeys gives the pool new signing keys and returns until when the ones before verify. Running servers sign with the new ones
// within a second.
func (d *Data) RotateKeys(ctx context.Context, poolID string) (until time.Time, err error) {
	until = d.now().Add(KeyOverlap)
	err = d.act(ctx, "pool rotate-keys", poolID, nil, func(ctx context.Context) error {
		_, err := d.rotateKeys(ctx, poolID, until, func(*pool.Pool) bool { return true })
		return err
	})
	return until, err
}

// rotateKeys gives the pool new signing keys, if it is due when they are stored: another node may have been faster.
func (d *Data) rotateKeys(ctx context.Context, poolID string, until time.Time, due func(*pool.Pool) bool) (rotated bool, err error) {
	pair, err := token.NewKeyMaker(d.now, 0).Pair()
	if err != nil {
		return false, err
	}
	err = d.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(poolID)
		if err != nil {
			return err
		}
		if rotated = due(p); !rotated {
			return nil
		}
		for _, k := range pair {
			if err := tx.RetireSigningKeys(p, k.Use, until); err != nil {
				return err
			}
			if err := tx.InsertSigningKey(p, k); err != nil {
				return err
			}
		}
		return nil
	})
	return rotated && err == nil, err
}

// ReadPolicy reads the policy of a stored key. One that cannot be read allows nothing; neither does one with a member that this program
// does not know, since it may forbid something.
func ReadPolicy(k store.AccessKey) (p caller.Policy, err error) {
	if len(k.Policy) == 0 {
		return p, nil
	}
	var members map[string]wire.Document
	err = errors.Join(wire.Unmarshal(k.Policy, &members), wire.Unmarshal(k.Policy, &p))
	for name := range members {
		if name != "operations" && name != "pools" {
			err = errors.Join(err, fmt.Errorf("unknown member %q", name))
		}
	}
	if err != nil {
		return caller.Policy{Operations: []string{}}, fmt.Errorf("read the policy of access key %s: %w", k.ID, err)
	}
	return p, nil
}
