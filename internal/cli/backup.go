package cli

import (
	"context"
	"flag"
	"time"

	"github.com/cenote-id/cenote/internal/operate"
)

func backup(in *invocation, own *flag.FlagSet) func(context.Context) error {
	to := own.String("to", "", "the file to write")
	force := own.Bool("force", false, "replace the file if it exists")
	return func(ctx context.Context) error {
		if *to == "" {
			return &usageError{"backup needs --to", "Run 'cenote help backup' for its flags."}
		}
		c, err := in.config()
		if err != nil {
			return err
		}
		o := operate.DataOptions{Log: newLog(in.err, c), Now: time.Now, RetryFor: patience}
		unrecorded, err := operate.BackUp(ctx, c, *to, *force, o, in.part("copied"))
		in.progressEnds()
		if err != nil {
			return err
		}
		if unrecorded != nil {
			in.remark("cenote: warning: the backup is not in the audit log: %v", unrecorded)
		}
		in.remark("The backup is complete and was read back. It is useless without the master key: keep a copy of that elsewhere.")
		return nil
	}
}

func restore(in *invocation, own *flag.FlagSet) func(context.Context) error {
	from := own.String("from", "", "the backup to read")
	return func(ctx context.Context) error {
		if *from == "" {
			return &usageError{"restore needs --from", "Run 'cenote help restore' for its flags."}
		}
		c, err := in.config()
		if err != nil {
			return err
		}
		master, err := operate.Restore(ctx, c, *from, operate.DataOptions{Log: newLog(in.err, c), Now: time.Now}, in.part("restored"))
		in.progressEnds()
		if err != nil {
			return err
		}
		if !master {
			in.remark("The database is restored. Before a start, put its master key at %s, or set CENOTE_MASTER_KEY.", c.MasterKeyFile)
			return nil
		}
		in.remark("The database is restored.")
		return nil
	}
}
