package cli

import (
	"flag"
	"strings"

	"github.com/cenote-id/cenote/internal/config"
)

// help explains all commands, or the one that is named.
func help(about []string) (string, error) {
	if len(about) > 0 {
		c, _, err := find(about)
		if err != nil {
			return "", err
		}
		return c.help(), nil
	}
	var rows [][]string
	for _, c := range commands {
		rows = append(rows, []string{"  cenote " + c.usage(), c.short})
	}
	return "Cenote is a user directory and sign-in service that speaks the Amazon Cognito API.\n\nCommands:\n" + table(rows) +
		"\nRun 'cenote help <command>' for its flags. To try it out: cenote dev\n", nil
}

func (c *command) usage() string { return strings.TrimSpace(c.name + " " + c.args) }

// help explains one command: its own flags first, then the settings, with the other names they have.
func (c *command) help() string {
	var b strings.Builder
	b.WriteString("cenote " + c.usage() + ": " + c.short + "\n")
	if c.long != "" {
		b.WriteString("\n" + c.long + "\n")
	}
	var own [][]string
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	c.prepare(&invocation{}, flags)
	flags.VisitAll(func(f *flag.Flag) { own = append(own, []string{"  --" + f.Name, f.Usage}) })
	if own != nil {
		b.WriteString("\nFlags:\n" + table(own))
	}
	if c.takes != noSettings {
		b.WriteString("\nSettings, as flags, in the environment, or in cenote.yaml:\n" + table(c.settingRows()))
	}
	return b.String()
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
