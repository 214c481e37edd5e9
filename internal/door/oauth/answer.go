package oauth

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/cenote-id/cenote/internal/authorize"
)

// answer writes a JSON document.
func answer(w http.ResponseWriter, status int, document any) error {
	body, err := json.Marshal(document)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write(body) // fails only when the client is gone
	return nil
}

// answerError tells a program what went wrong (RFC 6749, section 5.2), with the status for refusals.
func answerError(w http.ResponseWriter, status int, err error) error {
	document := struct {
		Error       string `json:"error"`
		Description string `json:"error_description,omitempty"`
	}{Error: authorize.ServerError}
	var no *authorize.Refusal
	if errors.As(err, &no) {
		document.Error, document.Description = no.Code, no.Text
		if no == tooMany {
			status = http.StatusTooManyRequests
		}
	} else {
		status = http.StatusInternalServerError
	}
	return errors.Join(err, answer(w, status, document))
}
