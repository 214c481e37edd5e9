package cli

import (
	"context"
	"errors"
	"time"

	"github.com/cenote-id/cenote/internal/operate"
	"github.com/cenote-id/cenote/internal/store"
)

// patience is how long a command waits for the database.
const patience = 5 * time.Second

// withData opens the database of the settings for a command, beside a server that may be running. It makes and migrates nothing.
func (in *invocation) withData(ctx context.Context, use func(*operate.Data) error) error {
	c, err := in.config()
	if err != nil {
		return err
	}
	d, err := operate.OpenExisting(ctx, c, operate.DataOptions{Log: newLog(in.err, c), RetryFor: patience})
	if errors.Is(err, operate.ErrNoDatabase) {
		in.remark("cenote: the first start of 'cenote serve' makes one, or 'cenote migrate'; --data-dir or --database say where it is")
	}
	var schema *store.SchemaError
	if errors.As(err, &schema) && schema.Oldest <= schema.Known {
		in.remark("cenote: 'cenote migrate' brings the database up to date, as the next start of 'cenote serve' does; other commands do not")
	}
	if err != nil {
		return err
	}
	return errors.Join(use(d), d.Close())
}
