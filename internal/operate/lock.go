package operate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/cenote-id/cenote/internal/config"
)

const (
	handover = 5 * time.Second // how long a server waits for the one before it to end
	lockPoll = 50 * time.Millisecond
)

// lockDatabase keeps a second server away from an embedded database: each would count rates and failed attempts for itself, and hold up the
// writes of the other. Commands do not take the lock. The kernel frees it when the process ends, however it ends; the file stays. The lock is nil
// where there is nothing to lock, and where the file system has no locks: unable says why.
func lockDatabase(ctx context.Context, c *config.Config, log *slog.Logger) (lock *flock.Flock, unable, err error) {
	path, ok := c.SQLiteFile()
	if !ok {
		return nil, nil, nil
	}
	lock = flock.New(lockFile(path), flock.SetPermissions(0o600))
	held, unable := lock.TryLock()
	if !held && unable == nil {
		log.Info("another server uses this database; waiting for it to end", "database", path, "for", handover.String())
		held, unable = waitForLock(ctx, lock)
	}
	switch {
	case held:
		return lock, nil, nil
	case ctx.Err() != nil:
		return nil, nil, ctx.Err()
	case unable != nil:
		return nil, unable, nil
	}
	return nil, nil, c.Wrong(databaseSetting(c), fmt.Errorf("another cenote server uses the database %s: stop it first, or give this one a data folder "+
		"of its own (--data-dir); several servers share a database on PostgreSQL only", path))
}

func waitForLock(ctx context.Context, lock *flock.Flock) (held bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, handover)
	defer cancel()
	held, err = lock.TryLockContext(ctx, lockPoll)
	if errors.Is(err, context.DeadlineExceeded) {
		err = nil
	}
	return held, err
}

func unlock(lock *flock.Flock) error {
	if lock == nil {
		return nil
	}
	return lock.Close()
}

// lockFile is the name of the lock: the same one by whatever links the settings lead to the database.
func lockFile(database string) string {
	if target, err := filepath.EvalSymlinks(database); err == nil {
		database = target
	}
	return database + ".lock"
}
