package oauth

import (
	"errors"
	"net/http"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// revoke ends a refresh token and every token that descends from the same sign-in (RFC 7009). A token that means nothing is as good as
// revoked.
func (d *Door) revoke(w http.ResponseWriter, r *http.Request) error {
	poolID, err := d.pool(r)
	if err != nil {
		return answerError(w, http.StatusNotFound, err)
	}
	f, err := readForm(w, r)
	if err != nil {
		return answerError(w, statusOfClient(err), err)
	}
	if _, _, err := d.Authorize.Client(r.Context(), poolID, f.clientID, f.secret); err != nil {
		return answerError(w, statusOfClient(err), err)
	}
	if f.Get("token") == "" {
		return answerError(w, http.StatusBadRequest, &authorize.Refusal{Code: authorize.InvalidRequest})
	}
	params := map[string]string{"Token": f.Get("token"), "ClientId": f.clientID}
	if f.secret != "" {
		params["ClientSecret"] = f.secret
	}
	_, err = api.Do[wire.RevokeTokenOutput](r.Context(), d.Operations, "RevokeToken", params)
	switch fault.CodeOf(err) {
	case "":
	case fault.UnsupportedTokenType:
		err = &authorize.Refusal{Code: "unsupported_token_type"}
	case fault.TooManyRequests:
		err = tooMany
	default:
		err = &authorize.Refusal{Code: authorize.InvalidRequest}
	}
	if err != nil {
		return answerError(w, http.StatusBadRequest, err)
	}
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusOK)
	return nil
}

// statusOfClient is the status of a refusal here: a client that does not authenticate gets another one than at the token endpoint
// (documented).
func statusOfClient(err error) int {
	var no *authorize.Refusal
	if errors.As(err, &no) && no.Code == authorize.InvalidClient {
		return http.StatusUnauthorized
	}
	return http.StatusBadRequest
}
