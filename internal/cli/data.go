package cli

import (
	"context"
	"errors"
	"time"

	"github.com/cenote-id/cenote/internal/operate"
)

// withData opens the database of the settings for a command, beside a server that may be running.
func (in *invocation) withData(ctx context.Context, use func(*operate.Data) error) error {
	c, err := in.config()
	if err != nil {
		return err
	}
	d, err := operate.OpenExisting(ctx, c, operate.DataOptions{Log: newLog(in.err, c), RetryFor: 5 * time.Second})
	if errors.Is(err, operate.ErrNoDatabase) {
		in.remark("cenote: the first start of 'cenote serve' makes one; --data-dir or --database say where it is")
	}
	if err != nil {
		return err
	}
	return errors.Join(use(d), d.Close())
}
