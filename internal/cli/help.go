package cli

import (
	"flag"
	"strings"

	"github.com/cenote-id/cenote/internal/config"
)

// help explains all commands, or the one or the group that is named, in lines of at most width characters.
func help(about []string, width int) (string, error) {
	if len(about) > 0 {
		c, _, err := find(about)
		if half, ok := err.(*halfCommand); ok && len(about) == 1 { //nolint:errorlint // find does not wrap it
			return half.help(width), nil
		}
		if err != nil {
			return "", usage(err)
		}
		return c.help(width), nil
	}
	var rows [][]string
	for i := range commands {
		rows = append(rows, commands[i].row())
	}
	return wrap("Cenote is a user directory and sign-in service that speaks the Amazon Cognito API.", width, 0) +
		"\n\nCommands:\n" + list(rows, width) + "\n" + wrap("Run 'cenote help <command>' for its flags. To try it out: cenote dev", width, 0) + "\n", nil
}

// help lists the commands of a group.
func (h *halfCommand) help(width int) string {
	var rows [][]string
	for _, c := range h.commands {
		rows = append(rows, c.row())
	}
	return "Subcommands of cenote " + h.word + ":\n" + list(rows, width) + "\n" +
		wrap("Run 'cenote help "+h.word+" <subcommand>' for its flags.", width, 0) + "\n"
}

func (c *command) usage() string { return strings.TrimSpace(c.name + " " + c.args) }

func (c *command) row() []string { return []string{"  cenote " + c.usage(), c.short} }

// help explains one command: its own flags first, then the settings, with the other names they have.
func (c *command) help(width int) string {
	var b strings.Builder
	b.WriteString(wrap("cenote "+c.usage()+": "+c.short, width, 0) + "\n")
	if c.long != "" {
		b.WriteString("\n")
		for line := range strings.SplitSeq(c.long, "\n") {
			b.WriteString(wrap(line, width, 0) + "\n")
		}
	}
	var own [][]string
	c.ownFlags().VisitAll(func(f *flag.Flag) { own = append(own, []string{"  --" + f.Name, strings.ReplaceAll(f.Usage, "`", "")}) })
	if own != nil {
		b.WriteString("\nFlags:\n" + list(own, width))
	}
	if c.takes != noSettings {
		b.WriteString("\nSettings, as flags, in the environment, or in cenote.yaml:\n" + list(c.settingRows(), width))
	}
	return b.String()
}

// ownFlags returns the flags that only this command has.
func (c *command) ownFlags() *flag.FlagSet {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	c.prepare(&invocation{}, flags)
	return flags
}

// settingRows describes the settings that the command reads, those without a flag too.
func (c *command) settingRows() [][]string {
	var rows [][]string
	for _, s := range config.Settings() {
		if !c.reads(s) {
			continue
		}
		name, fallback := "--"+s.Name, s.Shown
		switch {
		case s.Table:
			name = s.Name + " (in the file only)"
		case s.NoFlag:
			name = "(environment only)"
		}
		if fallback == "" {
			fallback = s.Default
		}
		text := s.Help
		if fallback != "" {
			text += " (" + fallback + ")"
		}
		rows = append(rows, []string{"  " + name, s.Env, strings.ReplaceAll(text, "`", "")})
	}
	return rows
}
