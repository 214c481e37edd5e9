package cli

import (
	"context"
	"flag"
	"fmt"
	"strings"

	"github.com/cenote-id/cenote/internal/config"
)

// man prints a manual page in the language of man(7). It is made of the table of commands, so it is never behind it.
func man(in *invocation, _ *flag.FlagSet) func(context.Context) error {
	return func(context.Context) error {
		page := "cenote"
		if len(in.args) > 0 {
			page = in.args[0]
		}
		switch page {
		case "cenote":
			return in.print(commandsPage(in.commands), nil)
		case "cenote.yaml":
			return in.print(settingsPage(), nil)
		}
		return &usageError{fmt.Sprintf("there is no manual page %q", page), "Usage: cenote man [cenote|cenote.yaml]"}
	}
}

// commandsPage is cenote(1).
func commandsPage(commands []command) string {
	var p manPage
	p.title("CENOTE", 1)
	p.section("NAME")
	p.text(`cenote \- user directory and sign-in service that speaks the Amazon Cognito API`)
	p.section("SYNOPSIS")
	p.text(`\fBcenote\fR \fIcommand\fR [\fIflags\fR] [\fIarguments\fR]`)
	p.section("DESCRIPTION")
	p.say("Flags and arguments come in any order. A flag is --name value or --name=value; what follows -- is arguments. Commands that read " +
		"settings take each of them as a flag, from the environment, or from cenote.yaml, in this order.")
	p.section("COMMANDS")
	for i := range commands {
		c := &commands[i]
		p.raw(".SS cenote " + escape(c.usage()))
		p.say(sentence(c.short))
		if c.long != "" {
			for line := range strings.SplitSeq(c.long, "\n") {
				p.raw(".PP")
				p.say(line)
			}
		}
		c.ownFlags().VisitAll(func(f *flag.Flag) { p.item("--"+f.Name, plain(f.Usage)) })
		switch c.takes {
		case noSettings:
		case dataSettings:
			p.raw(".PP")
			p.say("Settings: those of cenote.yaml(5) that open the database.")
		case allSettings:
			p.raw(".PP")
			p.say("Settings: all of cenote.yaml(5).")
		}
	}
	p.section("EXIT STATUS")
	for _, status := range [][2]string{
		{"0", "success"},
		{"1", "a failure"},
		{"2", "a command line that makes no sense"},
		{"3", "the user has to sign in"},
		{"4", "the server does not answer"},
		{"130", "an interruption"},
	} {
		p.item(status[0], status[1])
	}
	p.section("SEE ALSO")
	p.text(`\fBcenote.yaml\fR(5)`)
	return p.String()
}

// settingsPage is cenote.yaml(5).
func settingsPage() string {
	var p manPage
	p.title("CENOTE.YAML", 5)
	p.section("NAME")
	p.text(`cenote.yaml \- settings of cenote`)
	p.section("DESCRIPTION")
	p.say("The file holds name: value lines of YAML. A flag of the same name overrides the environment, which overrides the file. " +
		"A wrong value or an unknown name stops the start with one line that names it.")
	p.section("SETTINGS")
	for _, s := range config.Settings() {
		fallback, text := s.Shown, sentence(plain(s.Help))
		if fallback == "" {
			fallback = s.Default
		}
		if fallback != "" {
			text += " Default: " + plain(fallback) + "."
		}
		head := s.Name
		switch {
		case s.NoFile:
			head = s.Env
			text += " It cannot be set in the file."
		case s.Env != "":
			head += ", " + s.Env
		}
		p.item(head, text)
	}
	p.section("SEE ALSO")
	p.text(`\fBcenote\fR(1)`)
	return p.String()
}

// manPage collects the lines of a page.
type manPage struct{ strings.Builder }

func (p *manPage) raw(line string) { p.WriteString(line + "\n") }

func (p *manPage) title(name string, section int) {
	p.raw(fmt.Sprintf(`.TH %s %d "" cenote`, name, section))
	p.raw(".nh") // options are not hyphenated
}

func (p *manPage) section(name string) { p.raw(".SH " + name) }

// text writes a line that is man(7) already; say writes one of plain text.
func (p *manPage) text(line string) { p.raw(line) }
func (p *manPage) say(line string)  { p.raw(escape(line)) }

// item writes an entry of a list.
func (p *manPage) item(head, text string) {
	p.raw(".TP")
	p.raw(`\fB` + escape(head) + `\fR`)
	p.say(text)
}

// escape keeps roff from reading plain text as requests.
func escape(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	return text
}

func plain(text string) string { return strings.ReplaceAll(text, "`", "") }

// sentence begins with a capital and ends with a full stop, unless it begins with a name.
func sentence(text string) string {
	first, _, _ := strings.Cut(text, " ")
	if first == strings.ToLower(first) && !strings.ContainsAny(first, "=./:0123456789") {
		text = strings.ToUpper(text[:1]) + text[1:]
	}
	return strings.TrimSuffix(text, ".") + "."
}
