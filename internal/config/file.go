package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// usualFile is read when it exists and no other is named.
const usualFile = "cenote.yaml"

// file is what a settings file says.
type file struct {
	path   string
	values map[string]fileValue
}

type fileValue struct {
	text  string
	pairs map[string]string // of a table; nil for an empty one
	line  int
}

// file reads the file that the sources name, or the usual one if there is one.
func (s Sources) file() (file, error) {
	path, named := s.Flags[fileSetting]
	origin := "--" + fileSetting
	if !named {
		path, named = s.Env("CENOTE_CONFIG")
		named, origin = named && path != "", "CENOTE_CONFIG"
	}
	if !named {
		path = usualFile
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return file{}, nil
	}
	switch {
	case err != nil && named:
		return file{}, &Error{Setting: fileSetting, Origin: origin, Reason: err}
	case err != nil:
		return file{}, fmt.Errorf("settings file: %w", err)
	}
	values, err := parseFile(text)
	if err != nil {
		return file{}, fmt.Errorf("%s:%w", path, err)
	}
	return file{path: path, values: values}, nil
}

// parseFile reads `name: value` lines of YAML. A list stands for its items with commas between. Errors begin with a line number; they
// quote names, never values.
func parseFile(text []byte) (map[string]fileValue, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf(" %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	values := make(map[string]fileValue)
	if len(doc.Content) == 0 {
		return values, nil
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%d: settings are written as `name: value`", root.Line)
	}
	for i := 0; i < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		if err := checkKey(key.Value); err != nil {
			return nil, fmt.Errorf("%d: %w", key.Line, err)
		}
		if _, twice := values[key.Value]; twice {
			return nil, fmt.Errorf("%d: %s is set twice", key.Line, key.Value)
		}
		v := fileValue{line: value.Line}
		var err error
		if isTable(key.Value) {
			v.pairs, err = pairs(value)
		} else {
			v.text, err = scalar(value)
		}
		if err != nil {
			return nil, fmt.Errorf("%d: %s: %w", value.Line, key.Value, err)
		}
		values[key.Value] = v
	}
	return values, nil
}

func checkKey(name string) error {
	for _, s := range table {
		if s.Name != name {
			continue
		}
		if s.NoFile {
			return fmt.Errorf("%s cannot be set in a file; use the environment: %s", name, s.Env)
		}
		return nil
	}
	return fmt.Errorf("there is no setting %q", name)
}

func isTable(name string) bool {
	return slices.ContainsFunc(table, func(s Setting) bool { return s.Name == name && s.Table })
}

// pairs reads a table of names and values. Nothing at all is an empty one.
func pairs(n *yaml.Node) (map[string]string, error) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return nil, nil
	}
	if n.Kind != yaml.MappingNode {
		return nil, errors.New("is not a table of `name: value` lines")
	}
	found := make(map[string]string)
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if value.Kind != yaml.ScalarNode {
			return nil, fmt.Errorf("%s is not a single value", key.Value)
		}
		if _, twice := found[key.Value]; twice {
			return nil, fmt.Errorf("%s is there twice", key.Value)
		}
		found[key.Value] = value.Value
	}
	return found, nil
}

func scalar(n *yaml.Node) (string, error) {
	switch n.Kind { //nolint:exhaustive // all other kinds are refused below
	case yaml.ScalarNode:
		if n.Tag == "!!null" {
			return "", nil
		}
		return n.Value, nil
	case yaml.SequenceNode:
		items := make([]string, len(n.Content))
		for i, item := range n.Content {
			if item.Kind != yaml.ScalarNode {
				return "", errors.New("is a list of something else than values")
			}
			items[i] = item.Value
		}
		return strings.Join(items, ","), nil
	}
	return "", errors.New("is neither a value nor a list of values")
}
