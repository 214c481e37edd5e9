package cli

import (
	"context"
	"flag"

	"github.com/cenote-id/cenote/internal/operate"
	"github.com/cenote-id/cenote/internal/server"
)

func serve(in *invocation, own *flag.FlagSet) func(context.Context) error {
	devData := own.Bool("dev-data", false, "open a database that `cenote dev` made, where anybody could change everything")
	return func(ctx context.Context) error {
		if in.own {
			coarsenTimers()
		}
		c, err := in.config()
		if err != nil {
			return err
		}
		s, err := server.New(ctx, server.Options{Config: c, Log: newLog(in.err, c), Environ: in.env, Version: programVersion(), OtherKind: *devData})
		if err != nil {
			return err
		}
		if k := s.FirstKey; k != nil {
			in.remark("This is the first start. The first access key, which may do everything, is shown only now:")
			printKey(in, k)
		}
		return s.Run(ctx)
	}
}

// printKey prints a key as the environment that AWS clients read.
func printKey(in *invocation, k *operate.AccessKey) {
	say(in.out, "AWS_ACCESS_KEY_ID=%s\nAWS_SECRET_ACCESS_KEY=%s", k.ID, k.Secret)
}
