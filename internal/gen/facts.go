package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/model"
)

// printFacts writes the operations and the shapes of their inputs as static data: nothing runs at start.
func (a *api) printFacts(b *bytes.Buffer) error {
	b.WriteString("import \"github.com/cenote-id/cenote/internal/fault\"\n\n")
	a.printStatus(b)
	patterns := map[string]string{} // text -> variable
	for _, s := range a.services {
		constant, table := "UserPools", "userPoolOperations"
		if s.identity {
			constant, table = "IdentityPools", "identityPoolOperations"
		}
		fmt.Fprintf(b, "// %s are the operations of the service, sorted by name.\nvar %s = [...]Operation{\n", table, table)
		for _, op := range s.operations() {
			s.printOperation(b, constant, op)
		}
		b.WriteString("}\n\n")

		used := map[string]bool{}
		for _, o := range s.Operations {
			s.walk(o.Input, used)
		}
		for _, name := range slices.Sorted(maps.Keys(used)) {
			if err := s.printShape(b, name, patterns); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *service) printOperation(b *bytes.Buffer, constant, op string) {
	o := s.Operations[op]
	auth := map[string]string{"sigv4": "SigV4", "token": "Token", "none": "None"}[o.Auth]
	fmt.Fprintf(b, "{Service: %s, Name: %q, Auth: %s", constant, op, auth)
	if o.TokenOptional {
		b.WriteString(", TokenOptional: true")
	}
	if o.Input != "" {
		fmt.Fprintf(b, ", Input: &%s", s.shapeVar(o.Input))
	}
	fmt.Fprintf(b, ",\nNewInput: func() any { return new(%sInput) }", s.opName[op])
	fmt.Fprintf(b, ",\nNewOutput: func() any { return new(%sOutput) }", s.opName[op])
	b.WriteString(",\nErrors: []fault.Code{")
	for _, e := range o.Errors {
		fmt.Fprintf(b, "fault.%s, ", strings.TrimSuffix(e, "Exception"))
	}
	b.WriteString("}},\n")
}

func (s *service) shapeVar(name string) string {
	if s.identity {
		return "identityShape" + name
	}
	return "shape" + name
}

func (s *service) printShape(b *bytes.Buffer, name string, patterns map[string]string) error {
	shape := s.Shapes[name]
	if len(shape.Members) > 64 {
		return fmt.Errorf("%s has more members than the validator's set of 64 holds", name)
	}
	kind := exported(shape.Type)
	if shape.Type == "document" {
		kind = "Documents" // Document is the Go type
	}
	var pattern string
	if shape.Pattern != "" {
		var err error
		if pattern, err = printPattern(b, s.shapeVar(name), shape, patterns); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	fmt.Fprintf(b, "var %s = Shape{Name: %q, Kind: %s", s.shapeVar(name), name, kind)
	if shape.Sensitive {
		b.WriteString(", Sensitive: true")
	}
	if shape.Min != nil {
		fmt.Fprintf(b, ", HasMin: true, Min: %d", *shape.Min)
	}
	if shape.Max != nil {
		fmt.Fprintf(b, ", HasMax: true, Max: %d", *shape.Max)
	}
	if pattern != "" {
		fmt.Fprintf(b, ", Pattern: &%s", pattern)
	}
	if len(shape.Enum) > 0 {
		fmt.Fprintf(b, ", Enum: %#v", shape.Enum)
	}
	switch shape.Type {
	case "list":
		fmt.Fprintf(b, ", Elem: &%s", s.shapeVar(shape.Member))
	case "map":
		fmt.Fprintf(b, ", Key: &%s, Elem: &%s", s.shapeVar(shape.Key), s.shapeVar(shape.Value))
	case "structure":
		b.WriteString(", Members: []Member{\n")
		for _, m := range shape.Members {
			s.printMember(b, m)
		}
		b.WriteString("}")
	}
	b.WriteString("}\n\n")
	return nil
}

func (s *service) printMember(b *bytes.Buffer, m model.Member) {
	fmt.Fprintf(b, "{Name: %q, Shape: &%s", m.Name, s.shapeVar(m.Shape))
	if m.Required {
		b.WriteString(", Required: true")
	}
	if m.Blank {
		b.WriteString(", Blank: true")
	}
	b.WriteString("},\n")
}

// printStatus writes the HTTP status of each exception that is not the client's fault.
func (a *api) printStatus(b *bytes.Buffer) {
	server := map[string]bool{}
	status := map[int]bool{}
	var clientStatus int
	for _, s := range a.services {
		for name, shape := range s.Shapes {
			switch shape.Error {
			case "server":
				server["fault."+strings.TrimSuffix(name, "Exception")] = true
				status[shape.HTTPStatus] = true
			case "client":
				clientStatus = shape.HTTPStatus
			}
		}
	}
	b.WriteString("// statusOf returns the HTTP status of an exception of the service model.\nfunc statusOf(code fault.Code) int {\n\tswitch code {\n")
	fmt.Fprintf(b, "\tcase %s:\n", strings.Join(slices.Sorted(maps.Keys(server)), ", "))
	fmt.Fprintf(b, "\t\treturn %d\n\tdefault:\n\t\treturn %d\n\t}\n}\n\n", slices.Max(slices.Collect(maps.Keys(status))), clientStatus)
}
