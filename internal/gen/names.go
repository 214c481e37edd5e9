package main

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/cenote-id/cenote/internal/model"
)

// api is the model together with the Go names of everything in it.
type api struct {
	services []*service
}

// service is one API. Where both APIs have an operation or a structure of the same name and they differ, the one of the
// identity pools is called Identity<name>.
type service struct {
	*model.Service
	identity bool              // the identity pools
	goType   map[string]string // structure -> Go type
	opName   map[string]string // operation -> prefix of its Input and Output types
	isInput  map[string]bool   // structures that are the input of an operation and nothing else
}

func newAPI(models []*model.Service) (*api, error) {
	a := &api{}
	for i, m := range models {
		a.services = append(a.services, &service{
			Service: m, identity: i == 1,
			goType: map[string]string{}, opName: map[string]string{}, isInput: map[string]bool{},
		})
	}
	taken := map[string]bool{}
	for i, s := range a.services {
		for _, op := range s.operations() {
			s.opName[op] = op
			if i > 0 && models[0].Operations[op] != nil {
				s.opName[op] = "Identity" + op
			}
		}
		nested := s.nested()
		for _, op := range s.operations() {
			o := s.Operations[op]
			for shape, name := range map[string]string{o.Input: s.opName[op] + "Input", o.Output: s.opName[op] + "Output"} {
				if shape != "" && !nested[shape] {
					s.goType[shape] = name
					s.isInput[shape] = shape == o.Input
				}
			}
		}
		for _, name := range s.structures() {
			if s.goType[name] == "" {
				s.goType[name] = name
				if other := models[0].Shapes[name]; i > 0 && other != nil && !reflect.DeepEqual(other, s.Shapes[name]) {
					s.goType[name] = "Identity" + name
				}
			}
			if taken[s.goType[name]] {
				return nil, fmt.Errorf("two structures are called %s", s.goType[name])
			}
			taken[s.goType[name]] = true
		}
	}
	return a, nil
}

// operations returns the names of the operations in order.
func (s *service) operations() []string { return slices.Sorted(maps.Keys(s.Operations)) }

// structures returns the names of the structures that operations use, in order.
func (s *service) structures() []string {
	used := map[string]bool{}
	for _, o := range s.Operations {
		s.walk(o.Input, used)
		s.walk(o.Output, used)
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(used)), func(n string) bool { return s.Shapes[n].Type != "structure" })
}

// nested returns the structures that are more than the input or the output of one operation.
func (s *service) nested() map[string]bool {
	uses := map[string]int{}
	for _, o := range s.Operations {
		for _, n := range []string{o.Input, o.Output} {
			uses[n]++
			below := map[string]bool{}
			s.walk(n, below)
			delete(below, n)
			for b := range below {
				uses[b] += 2
			}
		}
	}
	nested := map[string]bool{}
	for n, count := range uses {
		nested[n] = n != "" && count > 1
	}
	return nested
}

// walk adds the shape and all that it is made of to seen.
func (s *service) walk(name string, seen map[string]bool) {
	if name == "" || seen[name] {
		return
	}
	seen[name] = true
	shape := s.Shapes[name]
	for _, m := range shape.Members {
		s.walk(m.Shape, seen)
	}
	s.walk(shape.Member, seen)
	s.walk(shape.Key, seen)
	s.walk(shape.Value, seen)
}

// sensitive reports whether the shape is or contains something that must not be printed.
func (s *service) sensitive(name string) bool {
	below := map[string]bool{}
	s.walk(name, below)
	for n := range below {
		if s.Shapes[n].Sensitive {
			return true
		}
	}
	return false
}

// secret reports whether a value of the shape is sealed where it is stored, as are lists and maps of such values. In a structure, the
// members say it for themselves, unless it is marked as a whole.
func (s *service) secret(name string) bool {
	switch shape := s.Shapes[name]; {
	case shape.Sensitive:
		return !shape.Clear
	case shape.Type == "list":
		return s.secret(shape.Member)
	case shape.Type == "map":
		return s.secret(shape.Key) || s.secret(shape.Value)
	default:
		return false
	}
}

// exported returns the name of a member as a Go field.
func exported(name string) string {
	return strings.ToUpper(name[:1]) + name[1:]
}

// snake returns an operation's name as files and folders spell it: AdminSetUserMFAPreference is admin_set_user_mfa_preference.
func snake(name string) string {
	var b strings.Builder
	r := []rune(name)
	for i, c := range r {
		if i > 0 && unicode.IsUpper(c) && (!unicode.IsUpper(r[i-1]) || i+1 < len(r) && unicode.IsLower(r[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}
