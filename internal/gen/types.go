package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/cenote-id/cenote/internal/model"
)

// printTypes writes one struct for each structure that operations use, and an Input and an Output for each operation.
func (a *api) printTypes(b *bytes.Buffer) error {
	b.WriteString("import \"log/slog\"\n\n")
	printed := map[string]bool{}
	for _, s := range a.services {
		for _, op := range s.operations() {
			o := s.Operations[op]
			s.printEnd(b, op, "Input", o.Input, printed)
			s.printEnd(b, op, "Output", o.Output, printed)
		}
		for _, name := range s.structures() {
			if !printed[s.goType[name]] {
				printed[s.goType[name]] = true
				fmt.Fprintf(b, "// %s is a part of inputs and outputs.\n", s.goType[name])
				s.printStruct(b, name)
			}
		}
	}
	return nil
}

// printEnd writes the input or the output type of an operation.
func (s *service) printEnd(b *bytes.Buffer, op, end, shape string, printed map[string]bool) {
	name := s.opName[op] + end
	printed[name] = true
	from := "takes"
	if end == "Output" {
		from = "answers"
	}
	fmt.Fprintf(b, "// %s is what %s %s.\n", name, op, from)
	switch {
	case shape == "":
		fmt.Fprintf(b, "type %s struct{}\n\n", name)
	case s.goType[shape] != name:
		fmt.Fprintf(b, "type %s = %s\n\n", name, s.goType[shape])
	default:
		s.printStruct(b, shape)
	}
}

func (s *service) printStruct(b *bytes.Buffer, name string) {
	shape, goType := s.Shapes[name], s.goType[name]
	if len(shape.Members) == 0 {
		fmt.Fprintf(b, "type %s struct{}\n\n", goType)
		return
	}
	fmt.Fprintf(b, "type %s struct {\n", goType)
	for _, m := range shape.Members {
		fmt.Fprintf(b, "\t%s %s%s\n", exported(m.Name), s.fieldType(m), s.tag(m))
	}
	b.WriteString("}\n\n")
	if s.sensitive(name) {
		fmt.Fprintf(b, "func (%s) String() string { return hidden }\n", goType)
		fmt.Fprintf(b, "func (%s) LogValue() slog.Value { return slog.StringValue(hidden) }\n\n", goType)
	}
}

// fieldType returns the Go type of a member. Numbers and booleans need a pointer to tell absence from zero; strings only where the
// overlay says that it makes a difference.
func (s *service) fieldType(m model.Member) string {
	t := s.typeOf(m.Shape)
	switch s.Shapes[m.Shape].Type {
	case "structure":
		return "*" + t
	case "integer", "long", "boolean":
		if !m.Required {
			return "*" + t
		}
	case "string":
		if m.Presence {
			return "*" + t
		}
	}
	return t
}

// typeOf returns the Go type of a shape as an element of a list or a map.
func (s *service) typeOf(name string) string {
	shape := s.Shapes[name]
	switch shape.Type {
	case "structure":
		return s.goType[name]
	case "list":
		return "[]" + s.typeOf(shape.Member)
	case "map":
		return "map[string]" + s.typeOf(shape.Value)
	case "integer", "long":
		return "int64"
	case "boolean":
		return "bool"
	case "timestamp":
		return "Time"
	case "blob":
		return "[]byte"
	case "document":
		return "Document"
	default:
		return "string"
	}
}

// tag returns the tag of a member. In JSON, what is absent is left out, but required strings, numbers and booleans are always written,
// unless the overlay spares them; what is secret is sealed in stored documents.
func (s *service) tag(m model.Member) string {
	name := ""
	if exported(m.Name) != m.Name {
		name = m.Name
	}
	omit := ",omitzero"
	switch s.Shapes[m.Shape].Type {
	case "string", "integer", "long", "boolean":
		if (m.Required || m.Always) && !m.Spare {
			omit = ""
		}
	}
	var keys []string
	if name+omit != "" {
		keys = append(keys, fmt.Sprintf("json:%q", name+omit))
	}
	if s.secret(m.Shape) {
		keys = append(keys, `store:"sealed"`)
	}
	if keys == nil {
		return ""
	}
	return " `" + strings.Join(keys, " ") + "`"
}
