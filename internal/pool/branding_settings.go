package pool

import (
	_ "embed"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// The settings document of the default style. It is also the schema of all others: a setting is known if the default style has it, and has
// the form of its default.
//
//go:embed branding_defaults.json
var defaultStyleText []byte

// defaultStyle returns the document, which is read when the first style is checked.
var defaultStyle = sync.OnceValue(func() map[string]any {
	var style map[string]any
	if err := wire.Unmarshal(defaultStyleText, &style); err != nil {
		panic(fmt.Sprintf("branding_defaults.json: %v", err))
	}
	return style
})

// words are the values of settings that are one of a few words.
var words = map[string][]string{
	"$.categories.auth.federation.interfaceStyle":   {"BUTTON_LIST", "DROPDOWN"},
	"$.categories.form.location.horizontal":         {"START", "CENTER", "END"},
	"$.categories.form.location.vertical":           {"START", "CENTER", "END"},
	"$.categories.global.colorSchemeMode":           {"LIGHT", "DARK", "DYNAMIC"},
	"$.categories.global.spacingDensity":            {"REGULAR", "COMPACT"},
	"$.components.form.logo.formInclusion":          {"IN", "OUT"},
	"$.components.form.logo.location":               {"START", "CENTER", "END"},
	"$.components.form.logo.position":               {"TOP", "BOTTOM"},
	"$.components.pageFooter.logo.location":         {"START", "CENTER", "END"},
	"$.components.pageHeader.logo.location":         {"START", "CENTER", "END"},
	"$.components.favicon.enabledTypes[]":           {"ICO", "SVG"},
	"$.categories.auth.authMethodOrder[][].display": {"BUTTON", "INPUT"},
	"$.categories.auth.authMethodOrder[][].type":    {"FEDERATED", "USERNAME_PASSWORD"},
}

// color is the form of a colour: red, green, blue and opacity.
var color = regexp.MustCompile(`^[0-9a-fA-F]{8}$`)

// maxStyleFlaws is how many flaws of a document are told.
const maxStyleFlaws = 20

// styleFlaws collects what is wrong with a document, in the words of the service (observed for UnknownProperty).
type styleFlaws struct{ list []string }

func (f *styleFlaws) add(property, kind string) {
	if len(f.list) < maxStyleFlaws {
		f.list = append(f.list, "{property: "+excerpt(property, 200)+", errorType: "+kind+"}")
	}
}

// check compares a value with the one that the default style has in its place.
func (f *styleFlaws) check(property string, value, known any) {
	switch known := known.(type) {
	case map[string]any:
		object, ok := value.(map[string]any)
		if !ok {
			f.add(property, "InvalidType")
			return
		}
		if property == "$.components.idpButton.custom" { // styles by the name of a provider
			known = map[string]any{}
			for name := range object {
				known[name] = standardButton()
			}
		}
		for _, name := range slices.Sorted(maps.Keys(object)) {
			inner, ok := known[name]
			if !ok {
				f.add(property+"."+name, "UnknownProperty")
				continue
			}
			f.check(property+"."+name, object[name], inner)
		}
	case []any:
		items, ok := value.([]any)
		if !ok {
			f.add(property, "InvalidType")
			return
		}
		var element any = "" // of lists that are empty by default
		if len(known) > 0 {
			element = known[0]
		}
		for _, item := range items {
			f.check(property+"[]", item, element)
		}
	case string:
		text, ok := value.(string)
		switch allowed := words[property]; {
		case !ok:
			f.add(property, "InvalidType")
		case allowed != nil && !slices.Contains(allowed, text), color.MatchString(known) && !color.MatchString(text), len(text) > 128:
			f.add(property, "InvalidValue")
		}
	case float64:
		if n, ok := value.(float64); !ok {
			f.add(property, "InvalidType")
		} else if n < 0 || n > 1000 {
			f.add(property, "InvalidValue")
		}
	case bool:
		if _, ok := value.(bool); !ok {
			f.add(property, "InvalidType")
		}
	}
}

// standardButton is the style of a provider's button.
func standardButton() any {
	components, _ := defaultStyle()["components"].(map[string]any)
	button, _ := components["idpButton"].(map[string]any)
	return button["standard"]
}

// mergeStyle returns the settings with those of another document in their place. Objects are merged, lists are replaced.
func mergeStyle(before, given wire.Document) (wire.Document, error) {
	var value any
	if err := wire.Unmarshal(given, &value); err != nil {
		return nil, fault.New(fault.InvalidParameter, "Invalid settings provided.").Because(err)
	}
	flaws := &styleFlaws{}
	flaws.check("$", value, defaultStyle())
	if len(flaws.list) > 0 {
		return nil, fault.New(fault.InvalidParameter, "Invalid settings provided. Validation errors: ["+strings.Join(flaws.list, ", ")+"]")
	}
	return mergeDocuments(before, given)
}

// overDefaults returns the settings merged over those of the default style.
func overDefaults(settings wire.Document) (wire.Document, error) {
	return mergeDocuments(wire.Document(defaultStyleText), settings)
}

func mergeDocuments(below, above wire.Document) (wire.Document, error) {
	var all, more map[string]any
	for into, document := range map[*map[string]any]wire.Document{&all: below, &more: above} {
		if document == nil {
			continue
		}
		if err := wire.Unmarshal(document, into); err != nil {
			return nil, err
		}
	}
	text, err := wire.Encode(mergeObjects(all, more))
	return wire.Document(text), err
}

func mergeObjects(below, above map[string]any) map[string]any {
	merged := map[string]any{}
	maps.Copy(merged, below)
	for name, value := range above {
		inner, isObject := value.(map[string]any)
		before, wasObject := merged[name].(map[string]any)
		if isObject && wasObject {
			value = mergeObjects(before, inner)
		}
		merged[name] = value
	}
	return merged
}
