//go:build unix

package cli

import (
	"context"
	"os"
	"time"
)

// untilParentEnds returns a context that ends with ctx or with the process that started this one: another process adopts it then.
func untilParentEnds(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	parent := os.Getppid()
	go func() {
		look := time.NewTicker(200 * time.Millisecond)
		defer look.Stop()
		for os.Getppid() == parent {
			select {
			case <-ctx.Done():
				return
			case <-look.C:
			}
		}
		cancel()
	}()
	return ctx, cancel
}
