package audit

import (
	_ "embed"
	"strings"
	"sync"

	xlanguage "golang.org/x/text/language"

	"github.com/cenote-id/cenote/internal/wire"
)

//go:embed notices.json
var noticesJSON []byte

// noticeWords are what users are told about an unusual sign-in where the operator has no words for it, in one of the languages of the pages.
type noticeWords struct {
	Language string `json:"language"` // BCP 47
	Subject  string `json:"subject"`
	What     string `json:"what"`
	Blocked  string `json:"blocked"`
	Asked    string `json:"asked"`
	Allowed  string `json:"allowed"`
	Me       string `json:"me"`
	NotMe    string `json:"notMe"`
}

// allNoticeWords returns the words of all languages, English first, which are read with the first notice. A test holds that none is broken.
var allNoticeWords = sync.OnceValue(func() []noticeWords {
	var all []noticeWords
	if err := wire.Unmarshal(noticesJSON, &all); err != nil {
		panic("audit: notices.json: " + err.Error())
	}
	return all
})

// noticeMatcher finds the best language for a user.
var noticeMatcher = sync.OnceValue(func() xlanguage.Matcher {
	var supported []xlanguage.Tag
	for _, words := range allNoticeWords() {
		supported = append(supported, xlanguage.MustParse(words.Language))
	}
	return xlanguage.NewMatcher(supported)
})

// wordsFor returns the words in the language of a locale attribute, such as de or pt_BR; in English for any other.
func wordsFor(locale string) noticeWords {
	all := allNoticeWords()
	tag, err := xlanguage.Parse(locale)
	if err != nil {
		return all[0]
	}
	_, i, _ := noticeMatcher().Match(tag)
	return all[i]
}

// notice returns the mail about a sign-in with which that was done. Its placeholders are those of the operator's own notices.
func (w noticeWords) notice(done string) *wire.NotifyEmailType {
	did := w.Allowed
	switch {
	case done == "BLOCK":
		did = w.Blocked
	case strings.HasPrefix(done, "MFA"):
		did = w.Asked
	}
	return &wire.NotifyEmailType{
		Subject: w.Subject,
		HtmlBody: `<p>` + w.What + ` ` + did + `</p>` +
			`<p><a href="{one-click-link-valid}">` + w.Me + `</a></p><p><a href="{one-click-link-invalid}">` + w.NotMe + `</a></p>`,
		TextBody: w.What + " " + did + "\n\n" + w.Me + ": {one-click-link-valid}\n" + w.NotMe + ": {one-click-link-invalid}\n",
	}
}
