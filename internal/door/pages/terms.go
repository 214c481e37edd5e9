package pages

import (
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/store"
)

// termsLanguages are the service's names of the languages of terms documents.
var termsLanguages = map[string]string{
	"de": "german", "en": "english", "es": "spanish", "fr": "french", "id": "bahasa-indonesia", "it": "italian", "ja": "japanese", "ko": "korean",
	"nl": "dutch", "pt-BR": "portuguese-brazil", "zh-CN": "chinese-simplified", "zh-TW": "chinese-traditional",
}

// document is a link to what people agree to when they sign up.
type document struct{ Name, Address string }

// terms returns the links of the visit's client. There are none before it has both documents (documented).
func (v *visit) terms() ([]document, error) {
	var out []document
	err := v.Door.SignIn.Store.View(v.ctx(), func(tx *store.Tx) error {
		out = nil
		for _, name := range []string{"terms-of-use", "privacy-policy"} {
			found, err := tx.TermsOf(v.Pool, v.Client.ID, name)
			if err != nil {
				return err
			}
			links := found.Settings.Links
			address := links["cognito:"+termsLanguages[v.Language.Tag]]
			if address == "" {
				address = links["cognito:default"]
			}
			if address != "" {
				out = append(out, document{Name: v.Language.text("terms." + name), Address: address})
			}
		}
		return nil
	})
	if fault.Is(err, fault.ResourceNotFound) {
		return nil, nil
	}
	return out, err
}
