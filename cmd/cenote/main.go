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
	os.Exit(cli.Run(untilSignal(), os.Args[1:], cli.System{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Env: os.Environ(), Own: true}))
}

// untilSignal returns a context that ends with the first signal, for a gentle stop. A second one kills, as soon as the context has ended.
func untilSignal() context.Context {
	ctx, end := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Stop(signals)
		end()
	}()
	return ctx
}
