// Package api defines what an operation of the Cognito APIs is to whoever calls one: a door, a page, a background job, a command.
//
// The operations themselves are in userpools and identitypools. Start with Table.
package api

import (
	"context"
	"fmt"

	"github.com/cenote-id/cenote/internal/wire"
)

// Operation is an operation that is built: what the model says of it, and how to call it.
type Operation struct {
	*wire.Operation
	// Call takes the input that wire makes for the operation, decoded and valid, and returns its output, or nil if it has none.
	// A *fault.Error in the chain of its error is shown to the client; any other error is an internal one.
	Call func(ctx context.Context, in any) (any, error)
}

// Bind makes an operation of a method. It panics when the model has no operation of that name: a slip in a table of operations.
func Bind[In, Out any](service wire.Service, name string, call func(context.Context, *In) (*Out, error)) Operation {
	return Operation{Operation: mustFind(service, name), Call: func(ctx context.Context, in any) (any, error) {
		typed, ok := in.(*In)
		if !ok {
			return nil, notInput(name, in)
		}
		out, err := call(ctx, typed)
		if err != nil {
			return nil, err
		}
		return out, nil
	}}
}

// There is a Bind for the types of each operation. What does not depend on them is in functions of their own, of which there is one.

func mustFind(service wire.Service, name string) *wire.Operation {
	facts, ok := wire.Find(service, name)
	if !ok {
		panic(fmt.Sprintf("api: %s has no operation %s", service, name))
	}
	return facts
}

func notInput(name string, in any) error { return fmt.Errorf("%s got a %T", name, in) }
