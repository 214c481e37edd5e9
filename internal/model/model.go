// Package model holds the pinned public description of the two service APIs and our corrections to it.
//
// The JSON files are facts and stay as they were published; what we learned beyond them is overlay.json, applied by Load.
// Only internal/gen imports this package: the server works from what is generated into internal/wire.
package model

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
)

//go:embed user-pools.json identity-pools.json overlay.json
var files embed.FS

// Service is one API: its names on the wire, its operations and its shapes.
type Service struct {
	Meta       Meta                  `json:"meta"`
	Operations map[string]*Operation `json:"operations"`
	Shapes     map[string]*Shape     `json:"shapes"`
}

// Meta has the names by which a service is called.
type Meta struct {
	Service      string `json:"service"`      // "cognito-idp" or "cognito-identity"
	TargetPrefix string `json:"targetPrefix"` // X-Amz-Target is TargetPrefix + "." + operation
}

// Operation is one call of a service.
type Operation struct {
	Auth          string   `json:"auth"`          // "sigv4", "token" or "none"
	TokenOptional bool     `json:"tokenOptional"` // auth is "token", and the AccessToken member may be absent
	Input         string   `json:"input"`         // name of a structure, or ""
	Output        string   `json:"output"`        // name of a structure, or ""
	Errors        []string `json:"errors"`        // names of the exceptions it declares
}

// Shape is a data type. Which fields are set depends on Type.
type Shape struct {
	Type       string   `json:"type"`      // structure, list, map, string, integer, long, boolean, timestamp, blob, document
	Members    []Member `json:"members"`   // structure
	Member     string   `json:"member"`    // list: the element's shape
	Key        string   `json:"key"`       // map
	Value      string   `json:"value"`     // map
	Enum       []string `json:"enum"`      // string
	Min        *int64   `json:"min"`       // length, size or value
	Max        *int64   `json:"max"`       // length, size or value
	Pattern    string   `json:"pattern"`   // string: must match the whole value
	GoPattern  string   `json:"-"`         // string: replaces Pattern where Go cannot express it
	Sensitive  bool     `json:"sensitive"` // must not be printed, and is sealed in stored documents
	Clear      bool     `json:"-"`         // sensitive, but stored in the clear
	Error      string   `json:"error"`     // "client" or "server" when the structure is an exception
	HTTPStatus int      `json:"httpStatus"`
}

// Member is one member of a structure.
type Member struct {
	Name     string `json:"name"` // exact, case-sensitive wire name
	Shape    string `json:"shape"`
	Required bool   `json:"required"`
	Always   bool   `json:"-"` // printed even when it has the zero value
	Blank    bool   `json:"-"` // the empty string is absence
	Spare    bool   `json:"-"` // required, but not printed when it has the zero value
	Presence bool   `json:"-"` // a string of which absence and the empty string are told apart
}

// overlay is the form of overlay.json.
type overlay struct {
	Statuses struct {
		Client int    `json:"client"`
		Server int    `json:"server"`
		Source string `json:"source"`
	} `json:"statuses"`
	Operations []struct {
		Service string `json:"service"`
		Name    string `json:"name"`
		Auth    string `json:"auth"`
		Source  string `json:"source"`
	} `json:"operations"`
	Shapes []struct {
		Service   string   `json:"service"`
		Name      string   `json:"name"`
		Pattern   string   `json:"pattern"` // another pattern
		GoPattern string   `json:"goPattern"`
		Min       *int64   `json:"min"`     // another lower bound
		Max       *int64   `json:"max"`     // another upper bound
		Enum      []string `json:"enum"`    // the same values in another order
		AddEnum   []string `json:"addEnum"` // further values
		Sensitive bool     `json:"sensitive"`
		Clear     bool     `json:"clear"` // sensitive in messages, in the clear where it is stored
		Source    string   `json:"source"`
	} `json:"shapes"`
	Members []struct {
		Service string `json:"service"`
		Shape   string `json:"shape"`
		Member  string `json:"member"`
		Always  bool   `json:"always"`
		Blank   bool   `json:"blank"`
		Spare   bool   `json:"spare"`
		// Optional says that a member may be absent which the model requires.
		Optional bool `json:"optional"`
		// Presence says that the empty string means something else than absence.
		Presence bool   `json:"presence"`
		Source   string `json:"source"`
	} `json:"members"`
}

// Load returns the user pools service and the identity pools service, in this order, with the overlay applied.
// It fails when an overlay entry names something that the model does not have, or says nothing of its source.
func Load() ([]*Service, error) {
	var services []*Service
	for _, name := range []string{"user-pools.json", "identity-pools.json"} {
		s := new(Service)
		if err := read(name, s); err != nil {
			return nil, err
		}
		services = append(services, s)
	}
	var o overlay
	if err := read("overlay.json", &o); err != nil {
		return nil, err
	}
	if err := o.apply(services); err != nil {
		return nil, fmt.Errorf("overlay.json: %w", err)
	}
	return services, nil
}

func read(name string, into any) error {
	data, err := files.ReadFile(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (o *overlay) apply(services []*Service) error {
	byName := map[string]*Service{}
	for _, s := range services {
		byName[s.Meta.Service] = s
		for _, shape := range s.Shapes {
			switch shape.Error {
			case "client":
				shape.HTTPStatus = o.Statuses.Client
			case "server":
				shape.HTTPStatus = o.Statuses.Server
			}
		}
	}
	for _, e := range o.Operations {
		s := byName[e.Service]
		if s == nil || s.Operations[e.Name] == nil || e.Source == "" {
			return fmt.Errorf("operation %q of %q: unknown, or without source", e.Name, e.Service)
		}
		s.Operations[e.Name].Auth = e.Auth
	}
	for _, e := range o.Shapes {
		s := byName[e.Service]
		if s == nil || s.Shapes[e.Name] == nil || e.Source == "" {
			return fmt.Errorf("shape %q of %q: unknown, or without source", e.Name, e.Service)
		}
		shape := s.Shapes[e.Name]
		if e.Pattern != "" {
			shape.Pattern = e.Pattern
		}
		shape.GoPattern = e.GoPattern
		if e.Min != nil {
			shape.Min = e.Min
		}
		if e.Max != nil {
			shape.Max = e.Max
		}
		shape.Sensitive = shape.Sensitive || e.Sensitive
		shape.Clear = e.Clear
		if e.Enum != nil {
			if !slices.Equal(slices.Sorted(slices.Values(e.Enum)), slices.Sorted(slices.Values(shape.Enum))) {
				return fmt.Errorf("shape %q: the model has other values: %q", e.Name, shape.Enum)
			}
			shape.Enum = e.Enum
		}
		for _, v := range e.AddEnum {
			if slices.Contains(shape.Enum, v) {
				return fmt.Errorf("shape %q: the model has the value %q by now", e.Name, v)
			}
			shape.Enum = append(shape.Enum, v)
		}
	}
	for _, e := range o.Members {
		m := byName[e.Service].member(e.Shape, e.Member)
		if m == nil || e.Source == "" {
			return fmt.Errorf("member %q of %q: unknown, or without source", e.Member, e.Shape)
		}
		if e.Optional && !m.Required {
			return fmt.Errorf("member %q of %q: the model does not require it", e.Member, e.Shape)
		}
		m.Always, m.Blank, m.Spare = e.Always, e.Blank, e.Spare
		m.Presence, m.Required = e.Presence, m.Required && !e.Optional
	}
	return nil
}

// member returns a structure's member, or nil.
func (s *Service) member(shape, name string) *Member {
	if s == nil || s.Shapes[shape] == nil {
		return nil
	}
	members := s.Shapes[shape].Members
	for i := range members {
		if members[i].Name == name {
			return &members[i]
		}
	}
	return nil
}
