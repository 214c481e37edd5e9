package cenotetest

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/operate"
)

// Settings reads settings given as name=value; names in capitals are variables of the environment.
func Settings(t testing.TB, given ...string) *config.Config {
	t.Helper()
	flags, env := map[string]string{"listen": "127.0.0.1:0"}, map[string]string{}
	for _, g := range given {
		name, value, _ := strings.Cut(g, "=")
		if name == strings.ToUpper(name) {
			env[name] = value
		} else {
			flags[name] = value
		}
	}
	if flags["data-dir"] == "" {
		flags["data-dir"] = t.TempDir()
	}
	c, err := config.Load(config.Sources{Flags: flags, Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// OpenData opens the database of settings beside a server.
func OpenData(t testing.TB, c *config.Config) *operate.Data {
	t.Helper()
	d, err := operate.OpenExisting(t.Context(), c, operate.DataOptions{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}
