package api_test

import (
	"context"
	"testing"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// revoke is an operation that answers with what it was given.
func revoke(got *string) api.Operation {
	return api.Bind(wire.UserPools, "RevokeToken", func(_ context.Context, in *wire.RevokeTokenInput) (*wire.RevokeTokenOutput, error) {
		*got = in.Token
		return &wire.RevokeTokenOutput{}, nil
	})
}

func TestATableRefusesOperationsThatCannotBeCalled(t *testing.T) {
	t.Parallel()
	var got string
	for name, operations := range map[string][]api.Operation{
		"one twice":         {revoke(&got), revoke(&got)},
		"nothing to call":   {{Operation: revoke(&got).Operation}},
		"nothing of itself": {{Call: revoke(&got).Call}},
	} {
		if _, err := api.NewTable(operations, nil); err == nil {
			t.Errorf("%s: a table was made", name)
		}
	}
}

func TestAMisspeltOperationStopsTheProgram(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("an operation was bound that the model does not have")
		}
	}()
	api.Bind(wire.IdentityPools, "RevokeToken", func(context.Context, *wire.RevokeTokenInput) (*wire.RevokeTokenOutput, error) { return nil, nil })
}

func TestDoValidatesAndGoesThroughTheLimits(t *testing.T) {
	t.Parallel()
	var got string
	wrapped := 0
	table, err := api.NewTable([]api.Operation{revoke(&got)}, func(o api.Operation) api.Operation {
		call := o.Call
		o.Call = func(ctx context.Context, in any) (any, error) { wrapped++; return call(ctx, in) }
		return o
	})
	if err != nil {
		t.Fatal(err)
	}
	params := map[string]string{"Token": "token", "ClientId": "client"}
	if _, err := api.Do[wire.RevokeTokenOutput](t.Context(), table, "RevokeToken", params); err != nil || got != "token" || wrapped != 1 {
		t.Errorf("error %v, token %q, %d calls through the limits", err, got, wrapped)
	}
	if _, err := api.Do[wire.RevokeTokenOutput](t.Context(), table, "RevokeToken", map[string]string{"Token": "token"}); !fault.Is(err, fault.InvalidParameter) {
		t.Errorf("without a client id: %v", err)
	}
	if _, err := api.Do[wire.GetUserOutput](t.Context(), table, "GetUser", params); !fault.Is(err, fault.UnknownOperation) {
		t.Errorf("an operation that is not built: %v", err)
	}
	if wrapped != 1 {
		t.Errorf("%d calls went through", wrapped)
	}
}
