package cli

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"io"
	"time"

	"github.com/cenote-id/cenote/internal/operate"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trail"
)

func audit(in *invocation, own *flag.FlagSet) func(context.Context) error {
	var q store.ActQuery
	own.Func("since", "actions since a time, such as 2026-03-14T15:00:00Z, 2026-03-14 or 24h for the last 24 hours", timeFlag(&q.Since))
	own.Func("until", "actions before a time", timeFlag(&q.Until))
	own.StringVar(&q.Actor, "actor", "", "actions by an access key, or by cli:<user> for commands on a machine")
	own.StringVar(&q.PoolID, "pool", "", "actions on a user pool or an identity pool, by id")
	own.StringVar(&q.User, "user", "", "actions on a user, by username or sub")
	own.StringVar(&q.Operation, "operation", "", "actions of one kind: AdminDeleteUser, or 'key create'")
	own.BoolVar(&q.Failed, "failed", false, "only actions that failed")
	own.IntVar(&q.Limit, "limit", 100, "how many actions, newest first; 0 for all")
	asJSON := own.Bool("json", false, "print JSON lines, with parameters and changes")
	return func(ctx context.Context) error {
		if q.Limit < 0 {
			return &usageError{"--limit is below 0", "Run 'cenote help audit' for its flags."}
		}
		return in.withData(ctx, func(d *operate.Data) error {
			if *asJSON {
				return d.Acts(ctx, q, func(a store.Act) error {
					line, err := trail.Line(a)
					if err != nil {
						return err
					}
					_, err = in.out.Write(append(printableJSON(line), '\n'))
					return err
				})
			}
			rows := [][]string{{"TIME", "ACTOR", "OPERATION", "POOL", "USER", "SOURCE", "OUTCOME"}}
			err := d.Acts(ctx, q, func(a store.Act) error {
				row := []string{a.At.UTC().Format(time.RFC3339), a.Actor, a.Operation, a.PoolID, cmp.Or(a.Username, a.UserID), a.Source, a.Outcome}
				for i, cell := range row {
					row[i] = cmp.Or(cell, "-")
				}
				rows = append(rows, row)
				return nil
			})
			if err != nil {
				return err
			}
			_, err = io.WriteString(in.out, table(rows))
			return err
		})
	}
}

// timeFlag takes a time, a day, or how long ago it was.
func timeFlag(to *time.Time) func(string) error {
	return func(value string) error {
		if ago, err := time.ParseDuration(value); err == nil {
			*to = time.Now().Add(-ago)
			return nil
		}
		for _, layout := range []string{time.RFC3339, time.DateOnly} {
			if at, err := time.Parse(layout, value); err == nil {
				*to = at
				return nil
			}
		}
		return errors.New("want a time like 2026-03-14T15:00:00Z, 2026-03-14 or 24h")
	}
}
