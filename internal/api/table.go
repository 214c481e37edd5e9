package api

import (
	"context"
	"fmt"
	"maps"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// Table is every operation that is built, behind the limits that hold whichever door a call comes through.
type Table struct {
	byTarget map[string]Operation
	wrap     func(Operation) Operation // nil: nothing is put around a call
}

// NewTable makes a table. wrap, unless nil, puts something around each call: rate limits. The error names an operation that is listed
// twice or has nothing to call.
func NewTable(operations []Operation, wrap func(Operation) Operation) (*Table, error) {
	t := &Table{byTarget: make(map[string]Operation, len(operations)), wrap: wrap}
	for _, o := range operations {
		if o.Operation == nil || o.Call == nil {
			return nil, fmt.Errorf("api: an operation has no facts or nothing to call: %+v", o.Operation)
		}
		if _, twice := t.byTarget[o.Target()]; twice {
			return nil, fmt.Errorf("api: operation %s of %s is listed twice", o.Name, o.Service)
		}
		t.put(o)
	}
	return t, nil
}

func (t *Table) put(o Operation) {
	if t.wrap != nil {
		o = t.wrap(o)
	}
	t.byTarget[o.Target()] = o
}

// With returns a table that has the given operations in place of those of the same names, behind the same limits.
func (t *Table) With(operations ...Operation) *Table {
	other := &Table{byTarget: maps.Clone(t.byTarget), wrap: t.wrap}
	for _, o := range operations {
		other.put(o)
	}
	return other
}

// Target returns the operation of an X-Amz-Target header, and false when it is not built.
func (t *Table) Target(target string) (Operation, bool) {
	o, ok := t.byTarget[target]
	return o, ok
}

// NotBuilt is the answer to an X-Amz-Target that no operation of the table has. It names the operation only where there is one in the
// service: the rest is whatever somebody sent.
func NotBuilt(target string) *fault.Error {
	if facts, known := wire.Lookup(target); known {
		return fault.Newf(fault.UnknownOperation, "cenote does not have the operation %s yet; see docs/operations.md", facts.Name)
	}
	return fault.New(fault.UnknownOperation, "The X-Amz-Target header names no operation of Amazon Cognito.")
}

// All returns the operations in no particular order.
func (t *Table) All() []Operation {
	all := make([]Operation, 0, len(t.byTarget))
	for _, o := range t.byTarget {
		all = append(all, o)
	}
	return all
}

// Do calls a user-pool operation by name with parameters that are encoded and validated as if a client had sent them. It is how pages
// and jobs call operations. Out is the operation's output type.
func Do[Out any](ctx context.Context, t *Table, name string, params any) (*Out, error) {
	facts, known := wire.Find(wire.UserPools, name)
	if !known {
		return nil, fmt.Errorf("api: there is no operation %s", name)
	}
	o, built := t.byTarget[facts.Target()]
	if !built {
		return nil, NotBuilt(facts.Target())
	}
	body, err := wire.Encode(params)
	if err != nil {
		return nil, fault.New(fault.InvalidParameter, "").Because(err)
	}
	in, err := o.Decode(body)
	if err != nil {
		return nil, err
	}
	answer, err := o.Call(ctx, in)
	if err != nil {
		return nil, err
	}
	out, ok := answer.(*Out)
	if !ok {
		return nil, fmt.Errorf("%s answered a %T", name, answer)
	}
	return out, nil
}
