// Package cli is the cenote command: one file for each command, and Run, which finds the one that is asked for.
//
// What a command was asked for goes to standard output, and nothing else does, so that it can be piped. Everything said to the operator
// goes to standard error: errors as one line that begins with "cenote: error:", logs, remarks. The exit code is 0 for success, 1 for a
// failure, 2 for a command line that makes no sense, 3 for a user who has to sign in,
// 4 for a server that does not answer, and 130 for an interruption. Start with Run and the table in commands.go.
package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/client"
	"github.com/cenote-id/cenote/internal/config"
)

// System is what a command line runs in.
type System struct {
	In       io.Reader // nil for nothing to read
	Out, Err io.Writer
	Env      []string // as os.Environ

	// Own says that the process is the command's own: a command may start the program anew in it.
	Own bool
}

// Run runs one command line and returns its exit code. It ends early when ctx does: a server stops gently then.
func Run(ctx context.Context, args []string, system System) int {
	if system.In == nil {
		system.In = strings.NewReader("")
	}
	in := &invocation{in: system.In, out: system.Out, err: system.Err, env: system.Env, own: system.Own, flags: make(map[string]string), commands: commands}
	err := run(ctx, args, in)
	var slip *usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errInterrupted), ctx.Err() != nil && errors.Is(err, ctx.Err()):
		say(in.err, "cenote: error: %s", interruption(err))
		return 130
	case errors.As(err, &slip):
		say(in.err, "cenote: error: %v\n%s", err, slip.hint)
		return 2
	case !errors.Is(err, errTold):
		say(in.err, "cenote: error: %v", err)
	}
	switch {
	case errors.Is(err, client.ErrNotAuthenticated):
		return 3
	case client.Code(err) == client.NetworkError, errors.Is(err, errNoAnswer):
		return 4
	}
	return 1
}

// interruption words the error of work whose context has ended for an operator.
func interruption(err error) string {
	return strings.ReplaceAll(err.Error(), context.Canceled.Error(), errInterrupted.Error())
}

// errTold says that a command failed and has told why.
var errTold = errors.New("failed")

// usageError is a command line that makes no sense.
type usageError struct {
	text string
	hint string // where to look
}

func (e *usageError) Error() string { return e.text }

func run(ctx context.Context, args []string, in *invocation) error {
	if len(args) == 0 {
		return &usageError{"no command given", "Run 'cenote help' for the list of commands."}
	}
	switch args[0] {
	case "help", "--help", "-help", "-h":
		return in.print(help(args[1:], in.width()))
	case "--version", "-version", "-v":
		args = append([]string{"version"}, args[1:]...)
	}
	c, rest, err := find(args)
	var half *halfCommand
	if errors.As(err, &half) && half.asksHelp() {
		return in.print(half.help(in.width()), nil)
	}
	if err != nil {
		return usage(err)
	}
	flags, action := c.parser(in)
	if err := parse(flags, rest, in); errors.Is(err, errHelp) {
		return in.print(c.help(in.width()), nil)
	} else if err != nil {
		return &usageError{err.Error(), "Run 'cenote help " + c.name + "' for its flags."}
	}
	if err := c.countArguments(in.args); err != nil {
		return err
	}
	return action(ctx)
}

// countArguments refuses too few or too many arguments. Those in brackets may be left out.
func (c *command) countArguments(args []string) error {
	words := strings.Fields(c.args)
	least := len(slices.DeleteFunc(slices.Clone(words), func(word string) bool { return strings.HasPrefix(word, "[") }))
	if len(args) >= least && len(args) <= len(words) {
		return nil
	}
	takes := counted(len(words), "argument")
	if least < len(words) {
		takes = "at most " + takes
	}
	text := fmt.Sprintf("%s takes %s, not %d", c.name, takes, len(args))
	if len(args) > len(words) {
		text += fmt.Sprintf(": %q is too many", args[len(words)])
	}
	return &usageError{text, "Usage: cenote " + c.usage()}
}

// counted is a number with its noun.
func counted(n int, noun string) string {
	switch n {
	case 0:
		return "no " + noun + "s"
	case 1:
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// halfCommand is the first word of commands that have two.
type halfCommand struct {
	word     string
	commands []*command // that begin with it
	rest     []string
}

func (h *halfCommand) Error() string {
	var words []string
	for _, c := range h.commands {
		words = append(words, strings.TrimPrefix(c.name, h.word+" "))
	}
	if len(h.rest) > 0 && !strings.HasPrefix(h.rest[0], "-") {
		if meant := nearest(h.rest[0], words); meant != "" {
			return fmt.Sprintf("there is no command %q; did you mean %q?", h.word+" "+h.rest[0], h.word+" "+meant)
		}
		return fmt.Sprintf("there is no command %q", h.word+" "+h.rest[0])
	}
	return fmt.Sprintf("missing subcommand: use \"cenote %s %s\"", h.word, words[0]) + others(words[1:])
}

func others(words []string) string {
	text := ""
	for i, word := range words {
		if i == len(words)-1 {
			return text + fmt.Sprintf(" or %q", word)
		}
		text += fmt.Sprintf(", %q", word)
	}
	return text
}

func (h *halfCommand) asksHelp() bool {
	return len(h.rest) > 0 && slices.Contains([]string{"help", "--help", "-help", "-h"}, h.rest[0])
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
	half := &halfCommand{word: args[0], rest: args[1:]}
	var words []string
	for i := range commands {
		word, _, long := strings.Cut(commands[i].name, " ")
		words = append(words, word)
		if long && word == args[0] {
			half.commands = append(half.commands, &commands[i])
		}
	}
	if half.commands != nil {
		return nil, nil, half
	}
	if meant := nearest(args[0], words); meant != "" {
		return nil, nil, fmt.Errorf("there is no command %q; did you mean %q?", args[0], meant)
	}
	return nil, nil, fmt.Errorf("there is no command %q", args[0])
}

// usage makes an error of find one that shows where to look.
func usage(err error) error {
	var half *halfCommand
	if errors.As(err, &half) {
		return &usageError{err.Error(), "Run 'cenote help " + half.word + "' for its subcommands."}
	}
	return &usageError{err.Error(), "Run 'cenote help' for the list of commands."}
}

// invocation is a command line under way.
type invocation struct {
	in       io.Reader
	lines    *bufio.Reader // of in, once something was read from it
	out, err io.Writer
	env      []string
	own      bool // the process is the command's
	args     []string
	flags    map[string]string // settings that were given as flags
	defaults map[string]string // of the command, where they differ from the usual ones
	given    []string          // names of all flags that were given
	commands []command         // all there are
	underWay bool              // a line of progress is on the terminal
}

// print writes what the command was asked for.
func (in *invocation) print(text string, err error) error {
	if err != nil {
		return err
	}
	_, err = io.WriteString(in.out, text)
	return err
}

// remark says something to the operator that is not what the command was asked for.
func (in *invocation) remark(format string, args ...any) { say(in.err, format, args...) }

// say writes a line for the operator. When nobody can read it, there is nobody to tell.
func say(to io.Writer, format string, args ...any) {
	for i, a := range args {
		switch a := a.(type) {
		case string:
			args[i] = printable(a)
		case error:
			args[i] = printable(strings.ReplaceAll(a.Error(), "\n", "; ")) // joined ones
		}
	}
	_, _ = fmt.Fprintf(to, format+"\n", args...)
}

// config reads the settings and warns of variables that look like one and are not.
func (in *invocation) config() (*config.Config, error) {
	c, err := in.load()
	if err != nil {
		return nil, err
	}
	for _, name := range config.Unknown(in.env) {
		var attrs []any
		if meant := nearest(name, config.Variables()); meant != "" {
			attrs = []any{"meant", meant}
		}
		newLog(in.err, c).With("variable", name).Warn("an environment variable is not a setting and is ignored", attrs...)
	}
	return c, nil
}

// load reads the settings.
func (in *invocation) load() (*config.Config, error) {
	return config.Load(config.Sources{Flags: in.flags, Env: in.lookup, Defaults: in.defaults})
}

// preset gives settings another default than the usual one.
func (in *invocation) preset(values map[string]string) {
	for _, s := range config.Settings() {
		value, ok := values[s.Name]
		if _, given := in.flags[s.Name]; !ok || given {
			continue
		}
		if set, _ := in.lookup(s.Env); set == "" {
			in.flags[s.Name] = value
		}
	}
}

func (in *invocation) lookup(name string) (string, bool) {
	for _, line := range slices.Backward(in.env) { // the last one counts, as for os.Environ
		if value, ok := strings.CutPrefix(line, name+"="); ok {
			return value, true
		}
	}
	return "", false
}
