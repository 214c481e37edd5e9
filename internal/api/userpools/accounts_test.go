package userpools

import (
	"reflect"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// Every signed operation that names a pool answers a caller of another account as if there were no such pool.
func TestNoOperationReachesThePoolOfAnotherAccount(t *testing.T) {
	t.Parallel()
	s := poolService(t)
	made := must(t, s.CreateUserPool, wire.CreateUserPoolInput{PoolName: "ours"}).UserPool
	ctx := caller.With(t.Context(), caller.Caller{AccountID: "222222222222"})
	looked := 0
	for _, o := range s.Operations() {
		in := o.NewInput()
		if o.Auth != wire.SigV4 || api.FindPoolMember(in) == api.FindPoolMember(&struct{}{}) {
			continue
		}
		looked++
		v := reflect.ValueOf(in).Elem()
		if f := v.FieldByName("UserPoolId"); f.IsValid() {
			f.SetString(made.Id)
		} else {
			v.FieldByName("ResourceArn").SetString(made.Arn)
		}
		if _, err := o.Call(ctx, in); !fault.Is(err, fault.ResourceNotFound) || !strings.Contains(err.Error(), made.Id) {
			t.Errorf("%s: got %v, want %s", o.Name, err, fault.ResourceNotFound)
		}
		if !o.Declares(fault.ResourceNotFound) {
			t.Errorf("%s does not declare %s", o.Name, fault.ResourceNotFound)
		}
	}
	if looked < 40 {
		t.Errorf("looked at %d operations only", looked)
	}
}

func TestPoolsAreMadeWhereTheRequestIsSignedFor(t *testing.T) {
	t.Parallel()
	s := poolService(t)
	create := func(c caller.Caller) (*wire.CreateUserPoolOutput, error) {
		return s.CreateUserPool(caller.With(t.Context(), c), &wire.CreateUserPoolInput{PoolName: "p"})
	}
	for _, c := range []struct {
		by              caller.Caller
		region, account string
	}{
		{caller.Caller{}, "us-east-1", "000000000000"},
		{caller.Caller{Region: "eu-west-1"}, "eu-west-1", "000000000000"},
		{caller.Caller{Region: "local", AccountID: "222222222222"}, "local", "222222222222"},
	} {
		out, err := create(c.by)
		if err != nil {
			t.Fatal(err)
		}
		p := out.UserPool
		if !strings.HasPrefix(p.Id, c.region+"_") || p.Arn != pool.ARN(c.region, c.account, p.Id) {
			t.Errorf("%+v made %s", c.by, p.Arn)
		}
	}
	for _, region := range []string{"eu_west", "eu west", "-", "é", "../x", strings.Repeat("a", 41)} {
		if _, err := create(caller.Caller{Region: region}); !fault.Is(err, fault.InvalidParameter) {
			t.Errorf("region %q: got %v, want %s", region, err, fault.InvalidParameter)
		}
	}
}
