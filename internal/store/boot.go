package store

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// metaBoot is where the database remembers on which run of the machine it was written last: "<boot id> <Lost>".
const metaBoot = "boot"

// bootID names this run of the machine: it is the same in all processes, and another one after a crash or on another machine. It is empty where
// nothing tells.
func bootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}

// Unsynced is an Update that SQLite answers without waiting for the disk: it survives the end of the process, and not that of the machine.
// It is for what Lost can make good. On PostgreSQL, and where the machine has no boot id, it is an Update.
func (s *Store) Unsynced(ctx context.Context, fn func(*Tx) error) error {
	if !s.notedBoot {
		return s.Update(ctx, fn)
	}
	return s.update(ctx, unsynced, fn)
}

// Lost returns the time before which Unsynced may have been undone by a failure of the machine. It is zero until a machine has ended.
func (s *Store) Lost() time.Time { return s.lost }

// noteBoot finds out whether the machine has ended since the database was written last, and remembers that in the database before anything is
// written without a sync.
func (s *Store) noteBoot(ctx context.Context, id string) error {
	err := s.engine.update(ctx, durable, func(tx *Tx) error {
		s.lost = time.Time{}
		was, found, err := tx.Meta(metaBoot)
		if err != nil {
			return err
		}
		before, lost, _ := strings.Cut(was, " ")
		if found {
			at, err := strconv.ParseInt(lost, 10, 64)
			if err != nil {
				return fmt.Errorf("read the boot of the machine: %w", err)
			}
			s.lost = fromMicros(at)
			if before == id {
				return nil
			}
			s.lost = s.now()
		}
		return tx.SetMeta(metaBoot, fmt.Sprintf("%s %d", id, micros(s.lost)))
	})
	if err != nil {
		return fmt.Errorf("note the boot of the machine: %w", err)
	}
	s.notedBoot = id != ""
	return nil
}
