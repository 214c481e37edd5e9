// Command cenote is a self-hosted user directory and sign-in service that speaks the Amazon Cognito API.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/cenote-id/cenote/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the first signal stops gently; from then on a second one kills
	os.Exit(cli.Run(ctx, os.Args[1:], cli.System{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Env: os.Environ(), Own: true}))
}
