package pool

import (
	"strings"
	"testing"
)

func TestCSS(t *testing.T) {
	t.Parallel()
	for name, sheet := range map[string]string{
		"nothing":          "",
		"a comment":        "/* nothing { */",
		"an empty rule":    ".logo-customizable {}",
		"states":           ".submitButton-customizable:hover { color: #fff; } .inputField-customizable:focus{outline:0}",
		"several classes":  ".label-customizable, .legalText-customizable { font-weight: 400 }",
		"a class of parts": ".passwordCheck-notValid-customizable { color: rgb(223, 51, 18) !important; }",
		"lines":            ".banner-customizable {\n\tpadding: 25px 0px\n\t25px 0px;\r\n\tbackground-color: lightgray;\n}\n",
	} {
		if flaw := cssFlaw(sheet); flaw != "" {
			t.Errorf("%s is refused: %s", name, flaw)
		}
	}
	for name, sheet := range map[string]string{
		"an import":               `@import "x.css";`,
		"a media rule":            "@media print { .logo-customizable { width: 1px } }",
		"an at-rule in a rule":    ".logo-customizable { @supports (x: y) { } }",
		"a comment left open":     "/* .logo-customizable {}",
		"an element":              "body { color: red }",
		"a class of others":       ".logo { width: 1px }",
		"a descendant":            ".logo-customizable a { width: 1px }",
		"another state":           ".logo-customizable:hover { width: 1px }",
		"no state":                ".submitButton-customizable: { width: 1px }",
		"another property":        ".logo-customizable { position: fixed }",
		"an address":              ".background-customizable { background: url(https://example.com/x) }",
		"an address without url":  ".background-customizable { background: image-set(x) }",
		"an escape":               `.background-customizable { background: u\72l(x) }`,
		"a string":                `.background-customizable { background: "x" }`,
		"an expression":           ".logo-customizable { width: expression(alert(1)) }",
		"the end of the style":    ".logo-customizable { width: 1px</style><script> }",
		"a rule left open":        ".logo-customizable { width: 1px",
		"declarations on no rule": "color: red",
		"an empty selector":       "{ color: red }",
		"a property without name": ".logo-customizable { : red }",
		"a long class":            "." + strings.Repeat("x", 1000) + "{}",
	} {
		if flaw := cssFlaw(sheet); flaw == "" || len(flaw) > 120 {
			t.Errorf("%s: %q", name, flaw)
		}
	}
}
