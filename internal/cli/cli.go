// Package cli is the cenote command: one file for each command, and Run, which finds the one that is asked for.
//
// What a command was asked for goes to standard output, and nothing else does, so that it can be piped. Everything said to the operator
// goes to standard error: errors as one line that begins with "cenote: error:", logs, remarks. The exit code is 0 for success, 1 for a
// failure and 2 for a command line that makes no sense. No command asks back. Start with Run and the table in commands.go.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/config"
)

// Run runs one command line and returns its exit code. It ends early when ctx does: a server stops gently then.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer, env []string) int {
	err := run(ctx, args, stdout, stderr, env)
	var slip *usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &slip):
		say(stderr, "cenote: error: %v\n%s", err, slip.hint)
		return 2
	case !errors.Is(err, errTold):
		say(stderr, "cenote: error: %v", err)
	}
	return 1
}

// errTold says that a command failed and has told why.
var errTold = errors.New("failed")

// usageError is a command line that makes no sense.
type usageError struct {
	text string
	hint string // where to look
}

func (e *usageError) Error() string { return e.text }

func run(ctx context.Context, args []string, stdout, stderr io.Writer, env []string) error {
	if len(args) == 0 {
		return &usageError{"no command given", "Run 'cenote help' for the list of commands."}
	}
	if slices.Contains([]string{"help", "--help", "-help", "-h"}, args[0]) {
		text, err := help(args[1:])
		if err != nil {
			return err
		}
		_, err = io.WriteString(stdout, text)
		return err
	}
	c, rest, err := find(args)
	if err != nil {
		return err
	}
	in := &invocation{out: stdout, err: stderr, env: env, flags: make(map[string]string)}
	flags, action := c.parser(in)
	if err := parse(flags, rest, in); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			_, err = io.WriteString(stdout, c.help())
			return err
		}
		return &usageError{err.Error(), "Run 'cenote help " + c.name + "' for its flags."}
	}
	if want := len(strings.Fields(c.args)); len(in.args) != want {
		return &usageError{fmt.Sprintf("%s takes %d arguments, not %d", c.name, want, len(in.args)), "Usage: cenote " + c.usage()}
	}
	return action(ctx)
}

// find returns the command that the arguments begin with, and what follows it. Some commands have two words.
func find(args []string) (*command, []string, error) {
	for n := min(2, len(args)); n > 0; n-- {
		name := strings.Join(args[:n], " ")
		for i := range commands {
			if commands[i].name == name {
				return &commands[i], args[n:], nil
			}
		}
	}
	var family []string
	for _, c := range commands {
		if strings.HasPrefix(c.name, args[0]+" ") {
			family = append(family, c.name)
		}
	}
	if family != nil {
		return nil, nil, &usageError{fmt.Sprintf("%q needs one word more", args[0]), "There are: " + strings.Join(family, ", ") + "."}
	}
	return nil, nil, &usageError{fmt.Sprintf("there is no command %q", args[0]), "Run 'cenote help' for the list of commands."}
}

// parse takes flags and arguments in any order.
func parse(flags *flag.FlagSet, rest []string, in *invocation) error {
	for {
		if err := flags.Parse(rest); err != nil {
			return err
		}
		if flags.NArg() == 0 {
			return nil
		}
		in.args, rest = append(in.args, flags.Arg(0)), flags.Args()[1:]
	}
}

// invocation is a command line under way.
type invocation struct {
	out, err io.Writer
	env      []string
	args     []string
	flags    map[string]string // settings that were given as flags
}

// remark says something to the operator that is not what the command was asked for.
func (in *invocation) remark(format string, args ...any) { say(in.err, format, args...) }

// say writes a line for the operator. When nobody can read it, there is nobody to tell.
func say(to io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(to, format+"\n", args...) }

// config reads the settings.
func (in *invocation) config() (*config.Config, error) {
	return config.Load(config.Sources{Flags: in.flags, Env: in.lookup})
}

func (in *invocation) lookup(name string) (string, bool) {
	for _, line := range slices.Backward(in.env) { // the last one counts, as for os.Environ
		if value, ok := strings.CutPrefix(line, name+"="); ok {
			return value, true
		}
	}
	return "", false
}
