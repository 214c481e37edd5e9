// Package api defines what an operation of the Cognito APIs is to whoever calls one: a door, a page, a background job, a command.
//
// The operations themselves are in userpools and identitypools. Start with Operation.
package api

import (
	"context"

	"github.com/cenote-id/cenote/internal/wire"
)

// Operation is one line of a table of operations.
type Operation struct {
	Service wire.Service
	Name    string
	// Call takes the input that wire makes for the operation, decoded and valid, and returns its output, or nil if it has none.
	// A *fault.Error in the chain of its error is shown to the client; any other error is an internal one.
	Call func(ctx context.Context, in any) (any, error)
}
