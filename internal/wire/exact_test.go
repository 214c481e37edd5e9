package wire

import "testing"

func TestFold(t *testing.T) {
	t.Parallel()
	for _, names := range [][]string{
		{"sub", "SUB", "Sub", "\u017fub"}, {"token_use", "TOKEN_USE", "to\u212aen_u\u017fe"}, {"scope", "SCOPE", "\u017fcope"},
	} {
		for _, name := range names {
			if Fold(name) != Fold(names[0]) {
				t.Errorf("%q and %q fold to %q and %q", name, names[0], Fold(name), Fold(names[0]))
			}
		}
	}
	for _, names := range [][2]string{{"sub", "subs"}, {"sub", "s\u00fcb"}, {"", " "}} {
		if Fold(names[0]) == Fold(names[1]) {
			t.Errorf("%q and %q fold alike", names[0], names[1])
		}
	}
}

func TestCheckExact(t *testing.T) {
	t.Parallel()
	for document, good := range map[string]bool{
		`{"type":"a","challenge":"type"}`:          true,
		`{"a":{"type":1},"b":[{"type":2},"TYPE"]}`: true,
		`{"TYPES":1}`:                        true,
		`[]`:                                 true,
		`"Type"`:                             true,
		`{"type":1,"type":2}`:                false,
		`{"type":1,"Type":2}`:                false,
		`{"Type":1}`:                         false,
		`{"a":[{"b":{"tYpe":1}}]}`:           false,
		`{"unknown":1,"UNKNOWN":2}`:          false,
		`{"challenge":1,"challen\u0067e":2}`: false,
		`{"\u017fub":1}`:                     false,
		`{"a":1`:                             false,
		`{"a":1} {`:                          false,
		``:                                   true,
	} {
		if err := CheckExact([]byte(document), "type", "challenge", "sub"); (err == nil) != good {
			t.Errorf("%s: %v, want good: %v", document, err, good)
		}
	}
}

// Unmarshal is what decodes everything that comes from outside.
func TestUnmarshalComparesNamesExactly(t *testing.T) {
	t.Parallel()
	for _, document := range []string{`{"SUB":"x"}`, `{"Sub":"x"}`, "{\"\u017fub\":\"x\"}"} {
		var v struct {
			Sub string `json:"sub"`
		}
		if err := Unmarshal([]byte(document), &v); err != nil || v.Sub != "" {
			t.Errorf("%s is read as %q, %v", document, v.Sub, err)
		}
	}
	for _, document := range []string{`{"sub":"a","sub":"b"}`, `{"x":{"a":1,"a":2}}`, `{"sub":"a"}{}`, "{\"sub\":\"\xff\"}"} {
		var v struct {
			Sub string   `json:"sub"`
			X   Document `json:"x"`
		}
		if err := Unmarshal([]byte(document), &v); err == nil {
			t.Errorf("%s is read", document)
		}
	}
}
