package api

import (
	"testing"

	"github.com/cenote-id/cenote/internal/wire"
)

// Every signed operation must be either of no pool by nature or name its pool where doors and accounts look for it: otherwise a
// key limited to one pool, or an account, could reach another's.
func TestPoolsOfSignedOperationsAreFound(t *testing.T) {
	t.Parallel()
	poolless := map[string]bool{
		"CreateUserPool": true, "ListUserPools": true, "DescribeUserPoolDomain": true, "GetProvisionedLimit": true,
		"UpdateProvisionedLimit": true, "CreateIdentityPool": true, "ListIdentityPools": true, "DeleteIdentities": true,
		"DescribeIdentity": true, // names an identity, which limited keys therefore may not read
	}
	for _, op := range wire.Operations() {
		if op.Auth != wire.SigV4 {
			continue
		}
		if found := FindPoolMember(op.NewInput()).field >= 0; found == poolless[op.Name] {
			t.Errorf("%s: a pool was found: %t", op.Name, found)
		}
	}
}

func TestPoolOfARN(t *testing.T) {
	t.Parallel()
	for arn, want := range map[string]string{
		"arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_Abc123XyZ":        "us-east-1_Abc123XyZ",
		"arn:aws:cognito-identity:us-east-1:000000000000:identitypool/us-east-1:1111":    "us-east-1:1111",
		"arn:aws:cognito-identity:us-east-1:000000000000:userpool/us-east-1_Abc123XyZ":   "",
		"arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_Abc123XyZ/client": "",
		"arn:aws:cognito-idp:us-east-1:000000000000:userpool":                            "",
		"us-east-1_Abc123XyZ": "",
		"":                    "",
	} {
		if got := poolOfARN(arn); got != want {
			t.Errorf("poolOfARN(%q) = %q, want %q", arn, got, want)
		}
	}
}
