// Command cenote is a self-hosted user directory and sign-in service that speaks the Amazon Cognito API.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/cenote-id/cenote/internal/cli"
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(40) // a server's live memory is small and a sign-in makes little garbage: memory is worth more than the collector's time
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the first signal stops gently; from then on a second one kills
	os.Exit(cli.Run(ctx, os.Args[1:], cli.System{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Env: os.Environ()}))
}
