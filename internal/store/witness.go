package store

import "context"

// Witness is told of the changes that are made with a context. It can add to each, so that what it adds is kept exactly when the change is.
type Witness interface {
	// Before runs in the transaction, before the function of an Update.
	Before(tx *Tx) error
	// After runs in the transaction, behind a function that has changed something. It gets the ids that the function has made, by the
	// members that name them in the API: "UserPoolId".
	After(tx *Tx, made map[string]string) error
	// Committed is told that a change which After has seen is durable.
	Committed()
}

type witnessKey struct{}

// WithWitness has the witness see the changes that are made with the context.
func WithWitness(ctx context.Context, w Witness) context.Context {
	return context.WithValue(ctx, witnessKey{}, w)
}

// witnessed returns fn with the witness around it, and reports in seen whether the last run of it got to After.
func witnessed(w Witness, fn func(*Tx) error, seen *bool) func(*Tx) error {
	return func(tx *Tx) error {
		*seen = false
		tx.made = make(map[string]string)
		if err := w.Before(tx); err != nil {
			return err
		}
		tx.wrote = false
		if err := fn(tx); err != nil || !tx.wrote {
			return err
		}
		*seen = true
		return w.After(tx, tx.made)
	}
}

// makes notes an id that did not exist before, for a witness.
func (tx *Tx) makes(member, id string) {
	if tx.made != nil {
		tx.made[member] = id
	}
}
