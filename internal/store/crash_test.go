package store_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/store"
)

// envCrash makes the test binary the victim of TestKilledProcessLosesNothingAcknowledged: it writes to the database named by it.
const envCrash = "CENOTE_STORE_TEST_CRASH"

func TestMain(m *testing.M) {
	if database := os.Getenv(envCrash); database != "" {
		os.Exit(writeUntilKilled(database))
	}
	os.Exit(m.Run())
}

// writeUntilKilled writes from many goroutines and says each name on standard output after its Update has returned.
func writeUntilKilled(database string) int {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{Database: database, Now: time.Now})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var out sync.Mutex
	var all sync.WaitGroup
	for w := range 16 {
		all.Go(func() {
			for i := 0; ; i++ {
				name := fmt.Sprintf("crash.%d.%d.%d", os.Getpid(), w, i)
				change := s.Update
				if w%2 == 1 {
					change = s.Unsynced // it is safe from the end of the process
				}
				if err := change(ctx, func(tx *store.Tx) error { return tx.SetMeta(name, "kept") }); err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				out.Lock()
				fmt.Println(name)
				out.Unlock()
			}
		})
	}
	all.Wait()
	return 0
}

func TestKilledProcessLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "cenote.db")
	acknowledged := make(map[string]bool)
	for round, until := range []int{1, 400, 3000} { // at the start, in the first log, after checkpoints
		for _, name := range runAndKill(t, database, until) {
			acknowledged[name] = true
		}
		kept := make(map[string]bool)
		s := open(t, database)
		err := s.View(t.Context(), func(tx *store.Tx) error {
			all, err := tx.MetaNames("crash.")
			for _, name := range all {
				kept[name] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for name := range acknowledged {
			if !kept[name] {
				t.Errorf("round %d: %s was acknowledged and is lost", round, name)
			}
		}
		if len(acknowledged) < until {
			t.Fatalf("round %d: only %d writes acknowledged", round, len(acknowledged))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// runAndKill starts the victim, kills it with SIGKILL after so many acknowledged names, and returns all that it acknowledged.
func runAndKill(t *testing.T, database string, until int) []string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envCrash+"="+database)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var names []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		names = append(names, lines.Text())
		if len(names) == until {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait() // "signal: killed"
	return names
}
