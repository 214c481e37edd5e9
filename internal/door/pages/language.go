package pages

import (
	"embed"
	"fmt"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	xlanguage "golang.org/x/text/language"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

//go:embed locales/*.json
var locales embed.FS

// language is one language of the pages: texts by key.
type language struct {
	Tag   string // BCP 47, for the lang attribute
	texts map[string]string
	own   []map[string]string // the operator's, which come before
}

// tags are the service's languages, English first: it is what people get whose own is none of them.
var tags = []string{"en", "de", "es", "fr", "id", "it", "ja", "ko", "nl", "pt-BR", "zh-CN", "zh-TW"}

// languages returns the catalogues by tag, which are read when the first page is shown. A test holds that none is broken or lacks a text.
var languages = sync.OnceValue(func() map[string]language {
	all := map[string]language{}
	for _, tag := range tags {
		content, err := locales.ReadFile(path.Join("locales", tag+".json"))
		if err != nil {
			panic(err)
		}
		l := language{Tag: tag}
		if err := wire.Unmarshal(content, &l.texts); err != nil {
			panic(fmt.Sprintf("pages: %s: %v", tag, err))
		}
		all[tag] = l
	}
	return all
})

// matcher returns what finds the best of the tags for a reader.
var matcher = sync.OnceValue(func() xlanguage.Matcher {
	var supported []xlanguage.Tag
	for _, tag := range tags {
		supported = append(supported, xlanguage.MustParse(tag))
	}
	return xlanguage.NewMatcher(supported)
})

// langCookie keeps the language that a request asked for (documented), for keptLanguage.
const (
	langCookie   = "lang"
	keptLanguage = 365 * 24 * time.Hour
)

// languageOf returns the language that the request asks for, the one that the browser chose before, or the best that it accepts.
func (d *Door) languageOf(w http.ResponseWriter, r *http.Request, asked string) language {
	if tag := tagFor(asked); tag != "" {
		l := languages()[tag]
		d.Cookies.Set(w, r, http.Cookie{Name: langCookie, Value: tag, MaxAge: int(keptLanguage.Seconds()), SameSite: http.SameSiteLaxMode})
		return l
	}
	if c, err := r.Cookie(langCookie); err == nil {
		if l, ok := languages()[c.Value]; ok {
			return l
		}
	}
	accepted, _, err := xlanguage.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		return languages()[tags[0]]
	}
	_, i, _ := matcher().Match(accepted...)
	return languages()[tags[i]]
}

// tagFor returns the tag of the language that an application asks for: in any case, and of any country where its people read ours (de-at, pt-PT);
// "" for others.
func tagFor(asked string) string {
	if _, ok := languages()[asked]; ok {
		return asked
	}
	tag, err := xlanguage.Parse(asked)
	if err != nil || len(asked) > len("zh-Hant-TW") {
		return ""
	}
	_, i, _ := matcher().Match(tag)
	wanted, sure := tag.Base()
	if found, _ := xlanguage.MustParse(tags[i]).Base(); found != wanted || sure != xlanguage.Exact {
		return ""
	}
	return tags[i]
}

// noticeLanguage returns the language of a page that stands outside a sign-in, with the operator's texts for the pool of the host and the client
// that the address names. Where these cannot be read, the texts for all pools do: the page may be about that.
func (d *Door) noticeLanguage(w http.ResponseWriter, r *http.Request) language {
	q := r.URL.Query()
	l := d.languageOf(w, r, q.Get("lang"))
	if len(d.Texts) == 0 {
		return l
	}
	poolID, _, err := d.PoolOf(r.Context(), r.Host)
	if id := q.Get("client_id"); err == nil && id != "" {
		if p, c, err := d.Authorize.Store.Client(r.Context(), id); err == nil && (poolID == "" || poolID == p.ID) {
			return l.with(d.Texts, p.ID, c.ID)
		}
	}
	return l.with(d.Texts, poolID, "")
}

// text returns a text of the language, with its placeholders filled in: {name} by the value behind "name".
func (l language) text(key string, values ...string) string {
	text, ok := l.find(key)
	if !ok {
		return key
	}
	for i := 0; i+1 < len(values); i += 2 {
		text = strings.ReplaceAll(text, "{"+values[i]+"}", values[i+1])
	}
	return text
}

// sameWords names the text whose words serve for a fault, by its code or by its code and message.
var sameWords = map[string]string{
	"EnableSoftwareTokenMFAException": "fault.CodeMismatchException",
	"TooManyRequestsException":        "fault.LimitExceededException",
	"TooManyFailedAttemptsException":  "fault.LimitExceededException",

	"LimitExceededException." + strings.TrimSuffix(user.TooManyPasskeys().Message, "."): "passkeys.full",

	"NotAuthorizedException.Attempt limit exceeded, please try after some time":        "fault.LimitExceededException",
	"NotAuthorizedException.User password cannot be reset in the current state":        "fault.NotAuthorizedException.Contact administrator to reset password",
	"EnableSoftwareTokenMFAException.Code mismatch and fail enable Software Token MFA": "fault.CodeMismatchException.Code mismatch and fail enable Software Token MFA",
}

// fault returns the words for a fault: by its code and message where the language's catalogue has them, else the service's own words. The English
// catalogue has few, since most of the service's words are English that people understand; what is wrong with a passkey is none of them.
func (l language) fault(f *fault.Error) string {
	code := string(f.Code)
	for _, name := range []string{code + "." + strings.TrimSuffix(f.Message, "."), code} {
		for _, key := range []string{"fault." + name, sameWords[name]} {
			if text, ok := l.find(key); ok {
				return text
			}
		}
	}
	switch f.Code {
	case fault.WebAuthnChallengeNotFound, fault.WebAuthnClientMismatch, fault.WebAuthnCredentialNotSupported,
		fault.WebAuthnOriginNotAllowed, fault.WebAuthnRelyingPartyMismatch:
		return l.text("passkey.failed")
	}
	return f.Message
}

// quote returns the words for a fault, and the tag of their language where that is not the page's: English for what the service says about the shape
// of a request, undetermined for what a function says. What else there are no words for is for developers.
func (l language) quote(f *fault.Error) (words, lang string) {
	words = l.fault(f)
	switch {
	case words != f.Message:
		return words, ""
	case f.Code == fault.UserLambdaValidation:
		return words, "und"
	case f.Code == fault.InvalidParameter || l.Tag == tags[0]:
		return words, "en"
	}
	return l.text("error.failed"), ""
}
