package rpc

import (
	"context"
	"net/http"
	"strings"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/sigv4"
	"github.com/cenote-id/cenote/internal/wire"
)

// authenticate verifies the signature of an operation that needs one and returns the key it was made with. On other operations a
// signature is ignored, whatever it is: some clients sign everything.
func (d *Door) authenticate(ctx context.Context, r *http.Request, body []byte, op api.Operation) (caller.AccessKey, error) {
	if op.Auth != wire.SigV4 {
		return caller.AccessKey{}, nil
	}
	if d.config.AnyCredentials {
		if d.config.Guard.Signed == nil {
			return caller.AccessKey{}, nil
		}
		return caller.AccessKey{}, refused(d.config.Guard.Signed(r))
	}
	var found caller.AccessKey
	err := d.verifier.Verify(ctx, r, body, string(op.Service), func(ctx context.Context, id string) (sigv4.Key, bool, error) {
		key, ok, err := d.config.Keys.AccessKey(ctx, id)
		found = key
		return sigv4.Key{Secret: key.Secret, SessionToken: key.SessionToken, Expires: key.Expires}, ok, err
	})
	if err != nil {
		return caller.AccessKey{}, err
	}
	return found, nil
}

// authorize asks the policy of a verified key. It runs after decoding, since only the input tells the pool.
func (d *Door) authorize(key caller.AccessKey, op api.Operation, in any) error {
	if key.Policy.Unlimited() {
		return nil
	}
	pool := d.pools[op.Target()].Of(in)
	if key.Policy.Allows(string(op.Service), op.Name, pool) {
		return nil
	}
	action := string(op.Service) + ":" + op.Name
	return fault.Newf(fault.AccessDenied,
		"User: %s is not authorized to perform: %s on resource: %s because no identity-based policy allows the %s action",
		key.ARN, action, resource(op.Service, pool, key.AccountID), action)
}

// resource returns what a refusal names: the ARN of a pool, or "*" for what concerns none, as observed of ListUserPools.
func resource(service wire.Service, pool, account string) string {
	if pool == "" {
		return "*"
	}
	kind := "userpool"
	if service == wire.IdentityPools {
		kind = "identitypool"
	}
	region := pool
	if i := strings.IndexAny(pool, "_:"); i >= 0 {
		region = pool[:i]
	}
	return "arn:aws:" + string(service) + ":" + region + ":" + account + ":" + kind + "/" + pool
}

// refused tells why a guard let nothing through.
func refused(err error) error {
	if err == nil {
		return nil
	}
	return fault.New(fault.AccessDenied, err.Error())
}
