package dev

import (
	"net/http"
	"time"
)

// ProviderLog is what an identity provider has lately been to its pool. Its members are a contract.
type ProviderLog struct {
	PoolID   string          `json:"poolId"`
	Provider string          `json:"provider"`
	Type     string          `json:"type"`
	Fetched  *time.Time      `json:"metadataFetched,omitempty"`
	Fault    string          `json:"metadataFault,omitempty"` // why metadata could not be fetched since
	SignIns  []ProviderVisit `json:"signIns"`                 // newest first
}

// ProviderVisit is what became of one sign-in by a provider.
type ProviderVisit struct {
	Time       time.Time         `json:"time"`
	Client     string            `json:"client"`
	Outcome    string            `json:"outcome"` // OK, a challenge, or an OAuth error code
	Text       string            `json:"text,omitempty"`
	Cause      string            `json:"cause,omitempty"`
	Request    string            `json:"request"`
	Subject    string            `json:"subject,omitempty"`
	User       string            `json:"user,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

// providers shows the last sign-ins by identity providers.
func (d Door) providers(w http.ResponseWriter, r *http.Request) {
	logs, err := d.Visits(r.Context())
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	if wantsJSON(r) {
		answer(w, http.StatusOK, logs)
		return
	}
	render(w, "providers.html", logs)
}
