package cli

import (
	"context"
	"flag"
	"io"

	"github.com/cenote-id/cenote/internal/config"
)

// command is one line of the table.
type command struct {
	name  string // one or two words
	args  string // the arguments, in words: "ID"
	short string // what it does, for the list
	long  string // what more there is to know; may be empty
	takes takes
	// prepare defines the command's own flags and returns what it does.
	prepare func(in *invocation, own *flag.FlagSet) func(context.Context) error
}

// takes says which settings a command has flags for.
type takes int

const (
	noSettings   takes = iota
	dataSettings       // those that open the database
	allSettings
)

var commands = []command{
	{name: "serve", short: "serve user pools", takes: allSettings, prepare: serve,
		long: "Serves until SIGTERM or SIGINT, then answers the requests under way and stops. A second signal stops at once. " +
			"The first start makes the database, the master key and an access key, which it shows once."},
	{name: "dev", short: "serve user pools for development, with a pool that is ready", takes: allSettings, prepare: dev,
		long: "Serves on this machine only and accepts any AWS credentials. Messages go to an inbox page instead of to people, and the " +
			"clock can be moved forward. Prints a pool, a client and lines to paste. Users and ids are kept in the data folder."},
	{name: "migrate", short: "bring the database up to date and exit", takes: dataSettings, prepare: migrate,
		long: "serve does so itself. Run it beforehand to see a migration apart from a start."},
	{name: "doctor", short: "say what is wrong with the settings", takes: allSettings, prepare: doctor,
		long: "Takes the settings of serve and looks at everything that serve needs, one line for each check: ok, warn or fail. " +
			"Sends nothing. Exits with 1 when a check fails."},
	{name: "key create", short: "make an access key", takes: dataSettings, prepare: keyCreate,
		long: "Prints the key as two variables of the environment. The secret is not shown again. Works while a server runs."},
	{name: "key list", short: "list the access keys", takes: dataSettings, prepare: keyList},
	{name: "key delete", args: "ID", short: "delete an access key", takes: dataSettings, prepare: keyDelete,
		long: "Running servers refuse the key within a second."},
	{name: "pool list", short: "list the user pools", takes: dataSettings, prepare: poolList},
	{name: "pool rotate-keys", args: "POOL", short: "give a user pool new signing keys", takes: dataSettings, prepare: poolRotateKeys,
		long: "Running servers sign with the new keys within a second. Tokens that were signed before stay valid: the keys before verify " +
			"as long as the longest token lives."},
	{name: "completion", args: "SHELL", short: "print the completion of commands and flags for bash, zsh or fish", prepare: completion,
		long: "bash: source <(cenote completion bash)\n" +
			"zsh: source <(cenote completion zsh)\n" +
			"fish: cenote completion fish | source\n" +
			"Put the line into the shell's start-up file to have it always."},
	{name: "version", short: "print the version", prepare: version},
}

// parser returns the command's flags, which fill in, and what it does.
func (c *command) parser(in *invocation) (*flag.FlagSet, func(context.Context) error) {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // Run tells errors itself
	for _, s := range c.settings() {
		set := func(value string) error { in.flags[s.Name] = value; return nil }
		if s.Switch {
			flags.BoolFunc(s.Name, s.Help, set)
			continue
		}
		flags.Func(s.Name, s.Help, set)
	}
	return flags, c.prepare(in, flags)
}

// settings returns the settings that the command has flags for.
func (c *command) settings() []config.Setting {
	var out []config.Setting
	for _, s := range config.Settings() {
		if !s.NoFlag && !s.Table && c.reads(s) {
			out = append(out, s)
		}
	}
	return out
}

// reads reports whether the command obeys a setting.
func (c *command) reads(s config.Setting) bool {
	return c.takes == allSettings || c.takes == dataSettings && s.Data
}
