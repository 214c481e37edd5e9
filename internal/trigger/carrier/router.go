package carrier

import (
	"context"
	"fmt"
)

// Router takes each function the way that is configured for it: a local folder, a URL, or else the Invoke API. An exact ARN goes
// before a name, and under the same key a folder before a URL. Each member may be nil.
type Router struct {
	Local  *Local
	URLs   *HTTP
	Lambda Carrier // for every function that neither of the others knows
}

// Invoke implements Carrier.
func (r *Router) Invoke(ctx context.Context, functionARN string, payload []byte) (Result, error) {
	for _, key := range names(functionARN) {
		if r.Local != nil {
			if f := r.Local.functions[key]; f != nil {
				return f.invoke(ctx, functionARN, payload)
			}
		}
		if r.URLs != nil {
			if target := r.URLs.targets[key]; target != nil {
				return r.URLs.post(ctx, target, payload)
			}
		}
	}
	if r.Lambda == nil {
		return Result{}, notFound(functionARN)
	}
	return r.Lambda.Invoke(ctx, functionARN, payload)
}

func notFound(function string) error {
	return &Error{Name: resourceNotFound, Err: fmt.Errorf("no function is configured for %s", function)}
}
