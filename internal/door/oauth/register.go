package oauth

import (
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/door"
	"github.com/cenote-id/cenote/internal/limit"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// registered is the answer to an application that became a client (RFC 7591, section 3.2.1).
type registered struct {
	ID            string `json:"client_id"`
	Secret        string `json:"client_secret,omitempty"`
	IssuedAt      int64  `json:"client_id_issued_at"`
	SecretExpires *int64 `json:"client_secret_expires_at,omitempty"` // 0: never
	authorize.Registration
}

// register makes an app client of an application, in a pool whose administrators let applications register themselves.
func (d *Door) register(w http.ResponseWriter, r *http.Request) error {
	poolID, err := d.pool(r)
	if err != nil {
		return answerError(w, http.StatusNotFound, err)
	}
	if named := r.PathValue("pool"); named != "" {
		if poolID != "" && poolID != named {
			return answerError(w, http.StatusNotFound, errNoHost)
		}
		poolID = named
	}
	if !d.Limits.Allow(r.Context(), limit.Registration, "", "") {
		return answerError(w, http.StatusTooManyRequests, tooMany)
	}
	scheme, initial, once := door.Authorization(r)
	if !once || scheme != "" && (scheme != "bearer" || initial == "") {
		return d.refuseRegistration(w, &authorize.Refusal{Code: authorize.InvalidToken, Text: "The initial access token is not valid."})
	}
	asked, err := readRegistration(w, r)
	if err != nil {
		return d.refuseRegistration(w, err)
	}
	c, made, err := d.Authorize.Register(r.Context(), poolID, initial, *asked)
	if err != nil {
		return d.refuseRegistration(w, err)
	}
	return answer(w, http.StatusCreated, describe(c, made))
}

func describe(c *pool.Client, made *authorize.Registration) registered {
	out := registered{ID: c.ID, IssuedAt: c.Settings.CreationDate.Unix(), Registration: *made}
	if len(c.Secrets) > 0 {
		out.Secret, out.SecretExpires = c.Secrets[0].Value, wire.Ptr(int64(0))
	}
	return out
}

// readRegistration reads the metadata of a client.
func readRegistration(w http.ResponseWriter, r *http.Request) (*authorize.Registration, error) {
	invalid := &authorize.Refusal{Code: authorize.InvalidMetadata, Text: "The request is not a JSON object of client metadata."}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, invalid
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if err != nil {
		return nil, invalid
	}
	var asked *authorize.Registration
	if err := wire.Unmarshal(body, &asked); err != nil || asked == nil {
		return nil, invalid
	}
	return asked, nil
}

// refuseRegistration tells the application what is wrong; where it lacks a token, by the header of RFC 6750, section 3, too.
func (d *Door) refuseRegistration(w http.ResponseWriter, err error) error {
	switch codeOf(err) {
	case authorize.NotFound:
		return answerError(w, http.StatusNotFound, err)
	case authorize.InvalidToken:
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		return answerError(w, http.StatusUnauthorized, err)
	}
	return answerError(w, http.StatusBadRequest, err)
}

// codeOf returns the code of a refusal; empty for a failure of ours.
func codeOf(err error) string {
	var no *authorize.Refusal
	if errors.As(err, &no) {
		return no.Code
	}
	return ""
}
