package pages

import (
	"encoding/hex"
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// brand is a style of managed login: settings over the default ones, and images.
type brand struct {
	settings map[string]any
	assets   []wire.AssetType
	folder   string // of the addresses of its images
	scheme   string // LIGHT, DARK or DYNAMIC
}

// paints say which colour of the settings a part of the page has. Each setting has one colour for light pages and one for dark ones.
var paints = []struct{ selector, property, component, setting string }{
	{"body", "color", "components.pageText", "bodyColor"},
	{"body", "background-color", "components.pageBackground", "color"},
	{"h1", "color", "components.pageText", "headingColor"},
	{".aside,.foot,.or", "color", "components.pageText", "descriptionColor"},
	{".hint", "color", "componentClasses.inputDescription", "textColor"},
	{"main", "background-color", "components.form", "backgroundColor"},
	{"main", "border-color", "components.form", "borderColor"},
	{"label", "color", "componentClasses.inputLabel", "textColor"},
	{"input,textarea", "background-color", "componentClasses.input", "defaults.backgroundColor"},
	{"input,textarea", "border-color", "componentClasses.input", "defaults.borderColor"},
	{"input::placeholder", "color", "componentClasses.input", "placeholderColor"},
	{"button", "background-color", "components.primaryButton", "defaults.backgroundColor"},
	{"button", "color", "components.primaryButton", "defaults.textColor"},
	{"button:hover", "background-color", "components.primaryButton", "hover.backgroundColor"},
	{"button:hover", "color", "components.primaryButton", "hover.textColor"},
	{"button:active", "background-color", "components.primaryButton", "active.backgroundColor"},
	{"button:active", "color", "components.primaryButton", "active.textColor"},
	{"a,.link,.link:hover,.link:active", "color", "componentClasses.link", "defaults.textColor"},
	{"a:hover,.link:hover", "color", "componentClasses.link", "hover.textColor"},
	{":focus-visible", "outline-color", "componentClasses.focusState", "borderColor"},
	{".choice input", "accent-color", "componentClasses.optionControls", "selected.backgroundColor"},
	{".news", "color", "componentClasses.statusIndicator", "success.indicatorColor"},
	{".problem", "background-color", "components.alert", "error.backgroundColor"},
	{".problem", "border-color", "components.alert", "error.borderColor"},
	{".or::before,.or::after", "border-color", "componentClasses.divider", "borderColor"},
	{".bar.header", "background-color", "components.pageHeader", "background.color"},
	{".bar.header", "border-color", "components.pageHeader", "borderColor"},
	{".bar.footer", "background-color", "components.pageFooter", "background.color"},
	{".bar.footer", "border-color", "components.pageFooter", "borderColor"},
}

// corners say which radius of the settings a part has.
var corners = []struct{ selector, setting string }{
	{"main", "components.form.borderRadius"},
	{"input,textarea", "componentClasses.input.borderRadius"},
	{"button,.provider", "componentClasses.buttons.borderRadius"},
	{".problem", "components.alert.borderRadius"},
}

// brandLook dresses the pages in a client's style. graphic is the category of the image that the page shows; empty: none.
func (v *visit) brandLook(b *pool.Branding, graphic string) (look, error) {
	shown, err := b.Shown(true)
	if err != nil {
		return look{}, err
	}
	s := &brand{assets: shown.Assets, folder: "/" + v.Pool.ID + "/branding/" + v.Client.ID + "/"}
	if err := wire.Unmarshal(shown.Settings, &s.settings); err != nil {
		return look{}, fmt.Errorf("read branding %s: %w", b.ID, err)
	}
	s.scheme = s.word("categories.global.colorSchemeMode")
	l := look{Favicons: s.favicons(), Tongues: s.on("categories.form.languageSelector.enabled"), Order: s.words("categories.auth.federation.order")}
	l.Style = template.CSS(s.sheet(v.Client.Settings.SupportedIdentityProviders)) //nolint:gosec // colours, numbers and addresses of our own making
	if s.on("components.form.logo.enabled") {
		l.Logo = s.picture("FORM_LOGO")
		l.Outside = s.word("components.form.logo.formInclusion") == "OUT"
		l.Below = s.word("components.form.logo.position") == "BOTTOM"
	}
	l.Header, l.Footer = s.bar("pageHeader", "PAGE_HEADER_LOGO"), s.bar("pageFooter", "PAGE_FOOTER_LOGO")
	if graphic != "" && s.on("categories.form.displayGraphics") {
		l.Graphic = s.picture(graphic)
	}
	return l, nil
}

// at returns a setting by its path; nil when there is none.
func (s *brand) at(path string) any {
	var value any = s.settings
	for name := range strings.SplitSeq(path, ".") {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

func (s *brand) on(path string) bool { on, _ := s.at(path).(bool); return on }

func (s *brand) word(path string) string { word, _ := s.at(path).(string); return word }

// words returns a list of words.
func (s *brand) words(path string) []string {
	var out []string
	items, _ := s.at(path).([]any)
	for _, item := range items {
		if word, ok := item.(string); ok {
			out = append(out, word)
		}
	}
	return out
}

// sheet writes the style as CSS, for a page with buttons for the providers.
func (s *brand) sheet(providers []string) string {
	var b strings.Builder
	schemes := map[string]string{"LIGHT": "light", "DARK": "dark"}
	if scheme := schemes[s.scheme]; scheme != "" {
		b.WriteString(":root{color-scheme:" + scheme + "}\n")
	}
	for _, p := range paints {
		s.paint(&b, p.selector, p.property, p.component, p.setting)
	}
	b.WriteString(".problem{color:inherit;border:1px solid}button:hover,.provider:hover{filter:none}.link,.link:hover,.link:active{background:none}\n")
	s.button(&b, ".quiet,.known button", "components.secondaryButton")
	s.button(&b, ".provider", "components.idpButton.standard")
	custom, _ := s.at("components.idpButton.custom").(map[string]any)
	for i, name := range providers {
		if style, ok := custom[name].(map[string]any); ok {
			s.settings["provider"] = style // names may have dots, which paths must not
			s.button(&b, ".provider-"+strconv.Itoa(i), "provider")
		}
	}
	for _, c := range corners {
		if n, ok := s.at(c.setting).(float64); ok {
			b.WriteString(c.selector + "{border-radius:" + strconv.FormatFloat(n, 'f', -1, 64) + "px}")
		}
	}
	s.place(&b)
	s.background(&b, "body", "components.pageBackground.image", "PAGE_BACKGROUND")
	s.background(&b, "main", "components.form.backgroundImage", "FORM_BACKGROUND")
	s.background(&b, ".bar.header", "components.pageHeader.backgroundImage", "PAGE_HEADER_BACKGROUND")
	s.background(&b, ".bar.footer", "components.pageFooter.backgroundImage", "PAGE_FOOTER_BACKGROUND")
	return b.String()
}

// button writes the colours of a kind of buttons in each state.
func (s *brand) button(b *strings.Builder, selectors, component string) {
	for _, state := range []struct{ name, pseudo string }{{"defaults", ""}, {"hover", ":hover"}, {"active", ":active"}} {
		selector := strings.ReplaceAll(selectors, ",", state.pseudo+",") + state.pseudo
		for property, setting := range map[string]string{"background-color": "backgroundColor", "border-color": "borderColor", "color": "textColor"} {
			s.paint(b, selector, property, component, state.name+"."+setting)
		}
	}
}

// paint writes one colour.
func (s *brand) paint(b *strings.Builder, selector, property, component, setting string) {
	light, dark := cssColor(s.word(component+".lightMode."+setting)), cssColor(s.word(component+".darkMode."+setting))
	if light != "" && dark != "" {
		b.WriteString(selector + "{" + property + ":light-dark(" + light + "," + dark + ")}\n")
	}
}

// cssColor returns a colour as CSS writes it; "" when it is none.
func cssColor(text string) string {
	if raw, err := hex.DecodeString(text); err != nil || len(raw) != 4 {
		return ""
	}
	return "#" + text
}

// place writes where the form is, and how dense the page.
func (s *brand) place(b *strings.Builder) {
	sides := map[string]string{"START": "start", "CENTER": "center", "END": "end"}
	horizontal, vertical := sides[s.word("categories.form.location.horizontal")], sides[s.word("categories.form.location.vertical")]
	if horizontal != "" && vertical != "" {
		b.WriteString("@media (min-width:48rem){body{place-items:" + vertical + " " + horizontal + "}}\n")
	}
	if s.word("categories.global.spacingDensity") == "COMPACT" {
		b.WriteString("main{padding:1.25rem 1.25rem}form{gap:.2rem}label{margin-top:.3rem}h1{margin-bottom:.75rem}input,button,.provider{min-height:2.25rem;padding-block:.3rem}\n")
	}
	for selector, setting := range map[string]string{
		".logo": "components.form.logo.location", ".bar.header": "components.pageHeader.logo.location", ".bar.footer": "components.pageFooter.logo.location",
	} {
		if side := sides[s.word(setting)]; side != "" {
			b.WriteString(selector + "{text-align:" + side + "}\n")
		}
	}
}

// background writes the image behind a part of the page.
func (s *brand) background(b *strings.Builder, selector, setting, category string) {
	p := s.picture(category)
	if p == nil || !s.on(setting+".enabled") {
		return
	}
	rule := func(address string) string {
		return selector + `{background:center/cover no-repeat url("` + address + `")}`
	}
	b.WriteString(rule(p.Light))
	if p.Dark != p.Light {
		b.WriteString("@media (prefers-color-scheme:dark){" + rule(p.Dark) + "}")
	}
}

// bar returns the strip above or below the page; nil when the style has none.
func (s *brand) bar(component, logo string) *bar {
	if !s.on("categories.global." + component + ".enabled") {
		return nil
	}
	strip := &bar{}
	if s.on("components." + component + ".logo.enabled") {
		strip.Logo = s.picture(logo)
	}
	return strip
}

// picture returns the images of a category, each mode's own or else the other's; nil when there is none.
func (s *brand) picture(category string) *picture {
	found := map[string]string{}
	for i := range s.assets {
		if a := &s.assets[i]; a.Category == category && mediaTypes[a.Extension] != "" {
			found[a.ColorMode] = s.folder + imageName(a)
		}
	}
	first := func(modes ...string) string {
		for _, mode := range modes {
			if found[mode] != "" {
				return found[mode]
			}
		}
		return ""
	}
	p := &picture{Light: first("LIGHT", "DYNAMIC", "DARK"), Dark: first("DARK", "DYNAMIC", "LIGHT")}
	switch {
	case p.Light == "":
		return nil
	case s.scheme == "LIGHT":
		p.Dark = p.Light
	case s.scheme == "DARK":
		p.Light = p.Dark
	}
	return p
}

func (s *brand) favicons() []favicon {
	var out []favicon
	for _, name := range s.words("components.favicon.enabledTypes") {
		if p := s.picture("FAVICON_" + name); p != nil {
			out = append(out, favicon{Address: p.Light, Type: mediaTypes[name]})
		}
	}
	return out
}
