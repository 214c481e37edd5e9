package cli

import (
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/cenote-id/cenote/internal/config"
)

// help explains all commands, or the one that is named.
func help(out io.Writer, about []string) error {
	if len(about) > 0 {
		c, _, err := find(about)
		if err != nil {
			return err
		}
		c.help(out)
		return nil
	}
	fmt.Fprint(out, "Cenote is a user directory and sign-in service that speaks the Amazon Cognito API.\n\nCommands:\n")
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	for _, c := range commands {
		fmt.Fprintf(w, "  cenote %s\t%s\n", c.usage(), c.short)
	}
	_ = w.Flush() // as little can be done about it as about a failed print
	fmt.Fprint(out, "\nRun 'cenote help <command>' for its flags. To try it out: cenote dev\n")
	return nil
}

func (c *command) usage() string { return strings.TrimSpace(c.name + " " + c.args) }

// help explains one command: its own flags first, then the settings, with the other names they have.
func (c *command) help(out io.Writer) {
	fmt.Fprintf(out, "cenote %s: %s\n", c.usage(), c.short)
	if c.long != "" {
		fmt.Fprintf(out, "\n%s\n", c.long)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	own := flag.NewFlagSet(c.name, flag.ContinueOnError)
	c.prepare(&invocation{}, own)
	title := "\nFlags:\n"
	own.VisitAll(func(f *flag.Flag) {
		fmt.Fprintf(w, "%s  --%s\t%s\n", title, f.Name, f.Usage)
		title = ""
	})
	if c.takes == noSettings {
		_ = w.Flush()
		return
	}
	fmt.Fprint(w, "\nSettings, as flags, in the environment, or in cenote.yaml:\n")
	for _, s := range config.Settings() {
		if c.takes == dataSettings && !s.Data {
			continue
		}
		name := "--" + s.Name
		switch {
		case s.Table:
			name = s.Name + " (in the file only)"
		case s.NoFlag:
			name = "(environment only)"
		}
		text := strings.ReplaceAll(s.Help, "`", "")
		if fallback := s.Shown + s.Default; fallback != "" && s.Shown == "" {
			text += " (" + fallback + ")"
		} else if s.Shown != "" {
			text += " (" + strings.ReplaceAll(s.Shown, "`", "") + ")"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\n", name, s.Env, text)
	}
	_ = w.Flush()
}
