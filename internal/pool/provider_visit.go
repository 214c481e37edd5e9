package pool

import "time"

// How many sign-ins by a provider are kept for the operator to look at, and for how long.
const (
	MaxProviderVisits = 50
	ProviderVisitLife = 30 * 24 * time.Hour
)

// ProviderVisit is what became of one sign-in by an identity provider.
type ProviderVisit struct {
	ID         string            `json:"id"`
	Provider   string            `json:"provider"`
	Time       time.Time         `json:"time"`
	Client     string            `json:"client"`
	Outcome    string            `json:"outcome"`              // OK, the challenge that followed, or the OAuth error code
	Text       string            `json:"text,omitempty"`       // what the application or the person was told
	Cause      string            `json:"cause,omitempty"`      // why, for the operator alone
	Request    string            `json:"request"`              // the id that the person can quote
	Subject    string            `json:"subject,omitempty"`    // of the account; masked unless everything is shown
	User       string            `json:"user,omitempty"`       // whom it led to, by sub
	Attributes map[string]string `json:"attributes,omitempty"` // as they were mapped; values masked likewise
}
