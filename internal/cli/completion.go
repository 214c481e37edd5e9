package cli

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
)

// completion prints what a shell needs to complete commands and flags. It is made of the table of commands, so it is never behind it.
func completion(in *invocation, _ *flag.FlagSet) func(context.Context) error {
	return func(context.Context) error {
		switch shell := in.args[0]; shell {
		case "bash":
			return in.print(bashCompletion(in.commands), nil)
		case "zsh":
			return in.print(zshCompletion(in.commands), nil)
		case "fish":
			return in.print(fishCompletion(in.commands), nil)
		default:
			return &usageError{fmt.Sprintf("there is no completion for %q", shell), "Usage: cenote completion bash|zsh|fish"}
		}
	}
}

// words returns the first words of all commands, and the second words by the first.
func words(commands []command) (first []string, second map[string][]string) {
	first, second = []string{"help"}, map[string][]string{}
	for i := range commands {
		one, two, _ := strings.Cut(commands[i].name, " ")
		if !slices.Contains(first, one) {
			first = append(first, one)
		}
		if two != "" {
			second[one] = append(second[one], two)
		}
	}
	return first, second
}

// flagNames returns the flags of a command, with dashes.
func (c *command) flagNames() []string {
	var names []string
	flags, _ := c.parser(&invocation{flags: map[string]string{}})
	flags.VisitAll(func(f *flag.Flag) { names = append(names, "--"+f.Name) })
	return append(names, "--help")
}

// fileFlags are the flags whose value is a path, which shells complete by themselves.
func fileFlags(commands []command) []string {
	var names []string
	for i := range commands {
		flags, _ := commands[i].parser(&invocation{flags: map[string]string{}})
		flags.VisitAll(func(f *flag.Flag) {
			if takesPath(f) && !slices.Contains(names, f.Name) {
				names = append(names, f.Name)
			}
		})
	}
	return names
}

func takesPath(f *flag.Flag) bool {
	return strings.Contains(f.Usage, "file") || strings.Contains(f.Usage, "folder")
}

func bashCompletion(commands []command) string {
	first, second := words(commands)
	var b strings.Builder
	b.WriteString("_cenote() {\n\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} one=${COMP_WORDS[1]} two=${COMP_WORDS[2]} list=\n")
	b.WriteString("\tif [ \"$one\" = help ]; then one=$two two=${COMP_WORDS[3]}; fi\n")
	b.WriteString("\tcase $before in\n\t--" + strings.Join(fileFlags(commands), " | --") + ")\n\t\tCOMPREPLY=($(compgen -f -- \"$word\")); return ;;\n\tesac\n")
	b.WriteString("\tcase \"$one $two $before\" in\n" + bashChoices(commands) + "\tesac\n")
	b.WriteString("\tif [ -n \"$list\" ]; then COMPREPLY=($(compgen -W \"$list\" -- \"$word\")); return; fi\n")
	b.WriteString("\tif [ \"$COMP_CWORD\" = 1 ]; then list='" + strings.Join(first, " ") + "'; else\n\tcase \"$one $two\" in\n")
	for i := range commands {
		c := &commands[i]
		pattern := "'" + c.name + " '*" // a command of one word, whatever follows
		if strings.Contains(c.name, " ") {
			pattern = "'" + c.name + "'"
		}
		list := strings.Join(c.flagNames(), " ")
		if c.name == "completion" {
			list += " bash zsh fish"
		}
		b.WriteString("\t" + pattern + ") list='" + list + "' ;;\n")
	}
	b.WriteString("\tesac\n\tif [ -z \"$list\" ]; then case $one in\n")
	for _, one := range first {
		if second[one] != nil {
			b.WriteString("\t" + one + ") list='" + strings.Join(second[one], " ") + "' ;;\n")
		}
	}
	b.WriteString("\thelp) list='" + strings.Join(first[1:], " ") + "' ;;\n")
	b.WriteString("\tesac; fi\n\tfi\n\tCOMPREPLY=($(compgen -W \"$list\" -- \"$word\"))\n}\ncomplete -o default -F _cenote cenote\n")
	return b.String()
}

// bashChoices are the branches for flags that take one of a few words. A flag that takes the same ones in all commands has one branch.
func bashChoices(commands []command) string {
	type use struct{ pattern, words string }
	uses, names := map[string][]use{}, []string{}
	for i := range commands {
		c := &commands[i]
		pattern := "'" + c.name + " --"
		if !strings.Contains(c.name, " ") {
			pattern = "'" + c.name + " '*' --"
		}
		flags, _ := c.parser(&invocation{flags: map[string]string{}})
		flags.VisitAll(func(f *flag.Flag) {
			if wordsOf(f) == nil {
				return
			}
			if uses[f.Name] == nil {
				names = append(names, f.Name)
			}
			uses[f.Name] = append(uses[f.Name], use{pattern + f.Name + "'", strings.Join(wordsOf(f), " ")})
		})
	}
	var b strings.Builder
	for _, name := range names {
		all := uses[name]
		if !slices.ContainsFunc(all, func(u use) bool { return u.words != all[0].words }) {
			all = []use{{"*' --" + name + "'", all[0].words}}
		}
		for _, u := range all {
			b.WriteString("\t" + u.pattern + ") list='" + u.words + "' ;;\n")
		}
	}
	return b.String()
}

// zshCompletion has zsh run the completion for bash. The script can be sourced, and be a file _cenote in zsh's function path, which then
// has to answer the request that it was loaded for.
func zshCompletion(commands []command) string {
	return "#compdef cenote\nautoload -U +X bashcompinit && bashcompinit\n" +
		strings.NewReplacer("_cenote()", "_cenote_words()", "-F _cenote ", "-F _cenote_words ").Replace(bashCompletion(commands)) +
		"if [[ ${funcstack[1]-} == _cenote ]]; then _bash_complete -o default -F _cenote_words; fi\n"
}

func fishCompletion(commands []command) string {
	first, second := words(commands)
	quote := func(s string) string { return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'" }
	var b strings.Builder
	b.WriteString("complete -c cenote -f\n")
	b.WriteString("complete -c cenote -n __fish_use_subcommand -a " + quote(strings.Join(first, " ")) + "\n")
	for _, one := range first {
		if second[one] != nil {
			b.WriteString("complete -c cenote -n '__fish_seen_subcommand_from " + one + "; and not __fish_seen_subcommand_from " +
				strings.Join(second[one], " ") + "' -a " + quote(strings.Join(second[one], " ")) + "\n")
		}
	}
	for i := range commands {
		c := &commands[i]
		seen := "__fish_seen_subcommand_from " + strings.Join(strings.Fields(c.name), "; and __fish_seen_subcommand_from ")
		flags, _ := c.parser(&invocation{flags: map[string]string{}})
		flags.VisitAll(func(f *flag.Flag) {
			line := "complete -c cenote -n " + quote(seen) + " -l " + f.Name + " -d " + quote(strings.ReplaceAll(f.Usage, "`", ""))
			switch {
			case isSwitch(f):
			case wordsOf(f) != nil:
				line += " -x -a " + quote(strings.Join(wordsOf(f), " "))
			case takesPath(f):
				line += " -r -F"
			default:
				line += " -x"
			}
			b.WriteString(line + "\n")
		})
	}
	return b.String()
}
