package pool

import (
	"regexp"
	"slices"
	"strings"
)

// The classes of the classic pages, and the states that a rule can be for, from the service's template.
var (
	cssClasses = []string{
		"background", "banner", "errorMessage", "idpButton", "idpDescription", "inputField", "label", "legalText", "logo",
		"passwordCheck-notValid", "passwordCheck-valid", "redirect", "socialButton", "submitButton", "textDescription",
	}
	cssStates = map[string]string{"idpButton": "hover", "submitButton": "hover", "inputField": "focus"}
)

// cssProperties are those that the service's guide lists for one class or another, and those of its template.
var cssProperties = []string{
	"background", "background-color", "border", "border-color", "border-radius", "box-sizing", "color", "display", "font-size", "font-weight",
	"height", "margin", "margin-bottom", "max-height", "max-width", "outline", "padding", "padding-bottom", "padding-top", "text-align", "width",
}

var (
	cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	// cssValue has sizes, colours and words; nothing that could name an address or leave the rule.
	cssValue = regexp.MustCompile(`^[A-Za-z0-9#%.,\- ()!]+$`)
	cssCall  = regexp.MustCompile(`(?i)([a-z\-]*)\(`)
)

// cssFlaw says why a style sheet is not accepted, or "". Only rules for the service's classes are: the sheet is shown to people who are about
// to type a password.
func cssFlaw(sheet string) string {
	rest := cssComment.ReplaceAllString(sheet, " ")
	for {
		rest = strings.TrimSpace(rest)
		if rest == "" {
			return ""
		}
		if rest[0] == '@' {
			name, _, _ := strings.Cut(rest, " ")
			return "at-rules such as " + excerpt(name, 40) + " are not allowed"
		}
		selectors, body, ok := strings.Cut(rest, "{")
		if !ok {
			return "a rule has no declarations: " + excerpt(rest, 40)
		}
		body, rest, ok = strings.Cut(body, "}")
		if !ok {
			return "a rule is not closed: " + excerpt(selectors, 40)
		}
		for selector := range strings.SplitSeq(selectors, ",") {
			if !isCustomizable(strings.TrimSpace(selector)) {
				return "unknown class " + excerpt(selector, 40)
			}
		}
		if flaw := declarationsFlaw(body); flaw != "" {
			return flaw
		}
	}
}

// isCustomizable reports whether the selector is one of the service's classes, in a state that it may be styled for.
func isCustomizable(selector string) bool {
	name, ok := strings.CutPrefix(selector, ".")
	name, state, _ := strings.Cut(name, ":")
	name, suffix := strings.CutSuffix(name, "-customizable")
	return ok && suffix && slices.Contains(cssClasses, name) && (state == "" && !strings.HasSuffix(selector, ":") || state != "" && cssStates[name] == state)
}

func declarationsFlaw(body string) string {
	for declaration := range strings.SplitSeq(body, ";") {
		if strings.TrimSpace(declaration) == "" {
			continue
		}
		property, value, ok := strings.Cut(declaration, ":")
		property, value = strings.TrimSpace(property), strings.Join(strings.Fields(value), " ")
		switch {
		case !ok || !slices.Contains(cssProperties, strings.ToLower(property)):
			return "unknown property " + excerpt(property, 40)
		case !cssValue.MatchString(value):
			return "the value of " + property + " is not allowed"
		}
		for _, call := range cssCall.FindAllStringSubmatch(value, -1) {
			if !slices.Contains([]string{"rgb", "rgba", "hsl", "hsla", "calc"}, strings.ToLower(call[1])) {
				return "the value of " + property + " is not allowed"
			}
		}
	}
	return ""
}

// excerpt bounds what a refusal repeats, in characters.
func excerpt(text string, most int) string {
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}
