package cli

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/cenote-id/cenote/internal/server"
)

func serve(in *invocation, own *flag.FlagSet) func(context.Context) error {
	devData := own.Bool("dev-data", false, "open a database of `cenote dev`, where anybody could have changed anything")
	return func(ctx context.Context) error {
		if in.own {
			coarsenTimers()
			collectLess(in)
		}
		c, err := in.config()
		if err != nil {
			return err
		}
		log := newLog(in.err, c)
		s, err := server.New(ctx, server.Options{Config: c, Log: log, Environ: in.env, Version: programVersion(), OtherKind: *devData})
		if ctx.Err() != nil && errors.Is(err, ctx.Err()) { // asked to stop, which is no failure after the start either
			log.Info("stopped during the start", "cause", interruption(err))
			return nil
		}
		if err != nil {
			return err
		}
		if s.FirstKey != nil {
			tellFirstKey(in, c, s.FirstKey)
		}
		if in.own {
			dropStartPages()
		}
		defer answerHangups(in, log)()
		return s.Run(ctx)
	}
}

// collectorPercent is how much a server's heap may grow, in percent of what is alive in it, before the collector runs.
const collectorPercent = 140

// collectLess has the collector run less often than by Go's own setting. Little is alive in the heap of a server, so it runs whenever 4 MiB are
// full, every few hundred requests, and is a fifth of what a read costs. 1.6 MiB more save 6 % of it. A setting of the operator's stays.
func collectLess(in *invocation) {
	if chosen, _ := in.lookup("GOGC"); chosen == "" {
		debug.SetGCPercent(collectorPercent)
	}
}

// answerHangups has the log answer SIGHUP, which by default ends a program at once: other servers read their settings again, and log rotation
// sends it. On a terminal it still ends the program, since the terminal is gone. The returned function ends that.
func answerHangups(in *invocation, log *slog.Logger) (end func()) {
	if isTerminal(in.err) {
		return func() {}
	}
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	go func() {
		for range hangups {
			log.Info("SIGHUP has no effect: certificates and log files are reloaded automatically, other settings need a restart")
		}
	}()
	return func() { signal.Stop(hangups); close(hangups) }
}
