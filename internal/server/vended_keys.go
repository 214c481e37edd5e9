package server

import (
	"context"
	"strings"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/door/rpc"
	"github.com/cenote-id/cenote/internal/store"
)

// vendedKeys finds the temporary credentials that identity pools vended, and leaves all other keys to the next.
type vendedKeys struct {
	store *store.Store
	roles map[string][]string // role ARN -> operations, as patterns
	next  rpc.Keys
}

// AccessKey returns the key with the id; false when there is none. A role that the operator did not name in the settings may do nothing.
func (v *vendedKeys) AccessKey(ctx context.Context, id string) (caller.AccessKey, bool, error) {
	if !strings.HasPrefix(id, "ASIA") {
		return v.next.AccessKey(ctx, id)
	}
	var k store.VendedKey
	var found bool
	err := v.store.View(ctx, func(tx *store.Tx) (err error) { k, found, err = tx.VendedKey(id); return err })
	if err != nil || !found {
		return caller.AccessKey{}, false, err
	}
	allowed := v.roles[k.RoleARN]
	if len(allowed) == 0 {
		allowed = []string{""} // fits no operation; none at all would be every one
	}
	role := k.RoleARN[strings.LastIndexByte(k.RoleARN, '/')+1:]
	account := ""
	if parts := strings.Split(k.RoleARN, ":"); len(parts) > 5 {
		account = parts[4]
	}
	return caller.AccessKey{
		ID: k.ID, Secret: k.Secret, SessionToken: k.SessionToken, Expires: k.Expires,
		ARN:    "arn:aws:sts::" + account + ":assumed-role/" + role + "/CognitoIdentityCredentials",
		Policy: caller.Policy{Operations: allowed},
	}, true, nil
}
