package main

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// initialisms are the words of enumerations that Go writes in capitals.
var initialisms = map[string]bool{
	"SRP": true, "MFA": true, "OTP": true, "SMS": true, "SAML": true, "OIDC": true, "TLS": true, "DCR": true, "SSO": true, "API": true,
}

var words = regexp.MustCompile(`[A-Za-z][A-Za-z0-9]*|[0-9]+`)

// printEnums writes one untyped constant for each value of each enumeration: <enumeration without "Type"><Value>.
// An enumeration whose short name is also that of another one keeps its values as strings.
func (a *api) printEnums(b *bytes.Buffer) error {
	taken := map[string]bool{}
	for _, s := range a.services {
		for _, name := range slices.Sorted(maps.Keys(s.Shapes)) {
			shape := s.Shapes[name]
			prefix := strings.TrimSuffix(strings.Replace(name, "ErrorTypes", "Errors", 1), "Type")
			if len(shape.Enum) == 0 || prefix == name && s.Shapes[name+"Type"] != nil {
				continue
			}
			fmt.Fprintf(b, "// The values of %s.\nconst (\n", name)
			for _, v := range shape.Enum {
				constant := prefix + camel(v)
				if taken[constant] {
					return fmt.Errorf("two enumerations have the constant %s", constant)
				}
				taken[constant] = true
				fmt.Fprintf(b, "\t%s = %q\n", constant, v)
			}
			b.WriteString(")\n\n")
		}
	}
	return nil
}

// camel returns a value as a part of a Go name: USER_SRP_AUTH is UserSRPAuth, V1_0 is V1_0.
func camel(value string) string {
	var b strings.Builder
	for i, w := range words.FindAllString(value, -1) {
		switch {
		case w[0] >= '0' && w[0] <= '9':
			if i > 0 {
				b.WriteByte('_')
			}
			b.WriteString(w)
		case initialisms[w]:
			b.WriteString(w)
		case w == strings.ToUpper(w):
			b.WriteString(w[:1] + strings.ToLower(w[1:]))
		default:
			b.WriteString(exported(w))
		}
	}
	return b.String()
}
