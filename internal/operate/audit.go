package operate

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/user"
	"time"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trail"
	"github.com/cenote-id/cenote/internal/wire"
)

// newRecorder makes the recorder of acts on a database. Standard streams are for servers: a command's own output is there.
func newRecorder(c *config.Config, o DataOptions, s *store.Store) (*trail.Recorder, error) {
	r := &trail.Recorder{Store: s, Level: trail.Level(c.Audit), Now: time.Now, Log: o.Log}
	to := c.AuditStream
	if to == "" || r.Level == trail.Off || !o.Serves && (to == trail.Stdout || to == trail.Stderr) {
		return r, nil
	}
	var err error
	if r.Copy, err = trail.OpenStream(to); err != nil {
		return nil, c.Wrong("audit-stream", err)
	}
	return r, nil
}

// act records what an operator does by a command, and returns its error in words for a terminal.
func (d *Data) act(ctx context.Context, command, poolID string, parameters any, do func(context.Context) error) error {
	var failed error
	err := d.Audit.Do(caller.With(ctx, operator()), command, poolID, parameters, func(ctx context.Context) error {
		failed = do(ctx)
		return recorded(failed)
	})
	if failed != nil {
		return told(failed)
	}
	return err
}

// operator is who runs the program: the user of this machine.
func operator() caller.Caller {
	name := "uid " + fmt.Sprint(os.Getuid())
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if by := os.Getenv("SUDO_USER"); by != "" {
		name = by + " as " + name
	}
	host, _ := os.Hostname() // without one, the line has no source
	return caller.Caller{AccessKeyID: "cli:" + name, SourceIP: host}
}

// Acts passes on the acts that a query picks, newest first.
func (d *Data) Acts(ctx context.Context, q store.ActQuery, use func(store.Act) error) error {
	const page = 1000
	left := q.Limit
	if left <= 0 {
		left = math.MaxInt
	}
	for left > 0 {
		q.Limit = min(left, page)
		var acts []store.Act
		err := d.View(ctx, func(tx *store.Tx) (err error) {
			acts, err = tx.Acts(q)
			return err
		})
		if err != nil {
			return err
		}
		for _, a := range acts {
			if err := use(a); err != nil {
				return err
			}
		}
		if len(acts) < q.Limit {
			return nil
		}
		left -= len(acts)
		last := acts[len(acts)-1]
		q.Until, q.UntilID = last.At, last.ID
	}
	return nil
}

// restored is left beside a restored database, which may need a migration, or a key that is not there yet, before it can be written to.
// Whoever opens it next makes an act of it.
type restored struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	Host string    `json:"host"`
	From string    `json:"from"`
}

func restoredMark(database string) string { return database + ".restored" }

func markRestored(database, from string) error {
	by := operator()
	text, err := json.Marshal(restored{At: time.Now().UTC(), By: by.AccessKeyID, Host: by.SourceIP, From: from})
	if err != nil {
		return err
	}
	return os.WriteFile(restoredMark(database), text, 0o600)
}

// noteRestore puts a restore that was marked into the audit log.
func (d *Data) noteRestore(ctx context.Context, c *config.Config) error {
	path, ok := c.SQLiteFile()
	if !ok {
		return nil
	}
	text, err := os.ReadFile(restoredMark(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var mark restored
	if err := wire.Unmarshal(text, &mark); err != nil {
		return fmt.Errorf("%s: %w", restoredMark(path), err)
	}
	parameters := struct{ From, At string }{mark.From, mark.At.Format(time.RFC3339)}
	by := caller.Caller{AccessKeyID: cmp.Or(mark.By, "cli:"), SourceIP: mark.Host}
	if err := d.Audit.Do(caller.With(ctx, by), "restore", "", &parameters, d.renewID); err != nil {
		return err
	}
	return os.Remove(restoredMark(path))
}
