//go:build !unix

package cli

import (
	"context"
	"os"
)

// untilParentEnds returns a context that ends with ctx or with the process that started this one.
func untilParentEnds(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if parent, err := os.FindProcess(os.Getppid()); err == nil {
		go func() {
			if _, err := parent.Wait(); err == nil {
				cancel()
			}
		}()
	}
	return ctx, cancel
}
