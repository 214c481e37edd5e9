package audit

import (
	"reflect"
	"strings"
	"testing"
)

func TestNoticesSpeakTheLanguageOfTheUser(t *testing.T) {
	t.Parallel()
	for locale, want := range map[string]string{
		"": "en", "de": "de", "de-CH": "de", "de_AT": "de", "pt_BR": "pt-BR", "pt": "pt-BR", "zh-Hant": "zh-TW", "zh_CN": "zh-CN", "tlh": "en", "sv": "en",
		"x": "en", "<script>": "en", strings.Repeat("a", 2048): "en",
	} {
		if got := wordsFor(locale).Language; got != want {
			t.Errorf("%q: %s, want %s", locale, got, want)
		}
	}
}

func TestEveryLanguageHasWholeNotices(t *testing.T) {
	t.Parallel()
	all := allNoticeWords()
	if len(all) != 12 || all[0].Language != "en" {
		t.Fatalf("%d languages, the first is %s", len(all), all[0].Language)
	}
	for _, words := range all {
		v := reflect.ValueOf(words)
		for i := range v.NumField() {
			if text := v.Field(i).String(); strings.TrimSpace(text) == "" || strings.ContainsAny(text, "<>&") {
				t.Errorf("%s: %s is %q", words.Language, v.Type().Field(i).Name, text)
			}
		}
		for _, name := range []string{"{username}", "{login-time}", "{ip-address}", "{device-name}"} {
			if strings.Count(words.What, name) != 1 {
				t.Errorf("%s does not tell %s", words.Language, name)
			}
		}
		for _, done := range []string{"BLOCK", "MFA_REQUIRED", "NO_ACTION"} {
			n := words.notice(done)
			for _, link := range []string{"{one-click-link-valid}", "{one-click-link-invalid}"} {
				if !strings.Contains(n.HtmlBody, `"`+link+`"`) || !strings.Contains(n.TextBody, link) {
					t.Errorf("%s, %s: no %s", words.Language, done, link)
				}
			}
		}
	}
}
