package config

import (
	"fmt"
	"strings"
)

// Markdown returns the table of settings for the documentation, as a Markdown table with a line for each setting.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| Flag | Environment | Default | Meaning |\n|---|---|---|---|\n")
	for _, s := range table {
		flag, env, fallback := "`--"+s.Name+"`", "`"+s.Env+"`", s.Shown
		switch {
		case s.Table:
			flag, env = "`"+s.Name+"` in the file", ""
		case s.NoFlag:
			flag = ""
		}
		if fallback == "" && s.Default != "" {
			fallback = "`" + s.Default + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", flag, env, fallback, s.Help)
	}
	return b.String()
}
