package cli

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cenote-id/cenote/internal/config"
)

// errHelp says that the command line asks for help.
var errHelp = errors.New("help is wanted")

// parse takes flags and arguments in any order. A flag is --name value or --name=value; a switch may stand alone. After "--" all is
// arguments.
func parse(flags *flag.FlagSet, rest []string, in *invocation) error {
	for len(rest) > 0 {
		word := rest[0]
		rest = rest[1:]
		if word == "--" {
			in.args = append(in.args, rest...)
			return nil
		}
		if !strings.HasPrefix(word, "-") || word == "-" {
			in.args = append(in.args, word)
			continue
		}
		name, value, given := strings.Cut(strings.TrimPrefix(word[1:], "-"), "=")
		if name == "help" || name == "h" {
			return errHelp
		}
		f := flags.Lookup(name)
		if f == nil {
			return unknownFlag(flags, name)
		}
		switch {
		case given:
		case isSwitch(f):
			value = "true"
			if len(rest) > 0 && (rest[0] == "true" || rest[0] == "false") {
				value, rest = rest[0], rest[1:]
			}
		case len(rest) == 0:
			return fmt.Errorf("--%s needs a value", name)
		default:
			value, rest = rest[0], rest[1:]
		}
		if isSwitch(f) {
			if _, err := strconv.ParseBool(value); err != nil {
				return fmt.Errorf("--%s: %q is neither true nor false", name, value)
			}
		}
		if err := flags.Set(name, value); err != nil {
			return fmt.Errorf("--%s: %w", name, err)
		}
		in.given = append(in.given, name)
	}
	return nil
}

func isSwitch(f *flag.Flag) bool {
	b, ok := f.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

// unknownFlag says what was probably meant. Secrets have no flags: other users of the machine see command lines.
func unknownFlag(flags *flag.FlagSet, name string) error {
	for _, s := range config.Settings() {
		if s.Name == name && s.NoFlag {
			return fmt.Errorf("--%s is not a flag, because command lines are visible to others: set %s in the environment", name, s.Env)
		}
	}
	var names []string
	flags.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	if meant := nearest(name, names); meant != "" {
		return fmt.Errorf("unknown flag --%s; did you mean --%s?", name, meant)
	}
	return fmt.Errorf("unknown flag --%s", name)
}

// nearest returns the candidate that a slip of one or two letters makes of the word; "" when there is none.
func nearest(word string, candidates []string) string {
	best, least := "", 3
	for _, c := range candidates {
		if d := distance(word, c); d < least && d < len(word) {
			best, least = c, d
		}
	}
	return best
}

// distance is the Levenshtein distance of two words, by byte.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := slices.Clone(row)
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(before[j]+cost, before[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
