package cli

import "flag"

// choiceFlag is the value of a flag that takes one of a few words, which shells complete. What is none of them is refused by the command.
type choiceFlag struct {
	words []string
	set   func(string) error
}

func (*choiceFlag) String() string { return "" }

// Set takes the value of the command line.
func (f *choiceFlag) Set(value string) error { return f.set(value) }

// choice defines a flag that takes one of the words.
func choice(own *flag.FlagSet, name string, words []string, usage string) *string {
	var value string
	own.Var(&choiceFlag{words, func(v string) error { value = v; return nil }}, name, usage)
	return &value
}

// choices defines a flag that takes some of the words, and may be given again.
func choices(own *flag.FlagSet, list *[]string, name string, words []string, usage string) {
	own.Var(&choiceFlag{words, listFlag(list)}, name, usage)
}

// wordsOf returns what the value of a flag can be; nil for any text.
func wordsOf(f *flag.Flag) []string {
	if c, ok := f.Value.(*choiceFlag); ok {
		return c.words
	}
	return nil
}
