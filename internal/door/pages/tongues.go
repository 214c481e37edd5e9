package pages

import (
	"maps"
	"net/url"
	"slices"
)

// tongues is the choice of a language, which a style of managed login may have on the pages that a sign-in begins with. Another language for the
// pages behind them would lose what was done so far.
type tongues struct {
	Path   string // of the page
	Hidden []parameter
	Names  []tongue
}

type parameter struct{ Name, Value string }

type tongue struct{ Tag, Name string }

// tongueNames are the languages of the pages as their speakers write them, in the order of tags.
var tongueNames = []string{
	"English", "Deutsch", "Espa\u00f1ol", "Fran\u00e7ais", "Bahasa Indonesia", "Italiano", "\u65e5\u672c\u8a9e", "\ud55c\uad6d\uc5b4", "Nederlands",
	"Portugu\u00eas (Brasil)", "\u7b80\u4f53\u4e2d\u6587", "\u7e41\u9ad4\u4e2d\u6587",
}

// tongues returns the choice for a page; nil where there is none.
func (v *visit) tongues(page string) *tongues {
	path, ok := map[string]string{"sign_in": "/login", "sign_up": "/signup", "forgot_password": "/forgotPassword"}[page]
	if !ok {
		return nil
	}
	t := &tongues{Path: path}
	query, err := url.ParseQuery(string(v.Query))
	if err != nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if name != "lang" {
			t.Hidden = append(t.Hidden, parameter{name, query.Get(name)})
		}
	}
	for i, tag := range tags {
		t.Names = append(t.Names, tongue{tag, tongueNames[i]})
	}
	return t
}
