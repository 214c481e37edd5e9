package oauth

import (
	"errors"
	"net/http"
	"slices"

	"github.com/cenote-id/cenote/internal/door"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/token"
)

// userInfo tells the attributes of the user that the scopes of an access token open (OpenID Connect Core 1.0, section 5.3). All values are
// strings, email_verified too, as on the service: clients were written for that (observed).
func (d *Door) userInfo(w http.ResponseWriter, r *http.Request) error {
	poolID, err := d.pool(r)
	if err != nil {
		return answerError(w, http.StatusNotFound, err)
	}
	scheme, raw, once := door.Authorization(r)
	if !once || scheme != "bearer" || raw == "" {
		return challenge(w, http.StatusBadRequest, "invalid_request", "Bad OAuth2 request at UserInfo Endpoint")
	}
	by, err := d.Authorize.SignIn.Bearer(r.Context(), raw)
	var f *fault.Error
	switch {
	case errors.Is(err, token.WithoutScope()): // a client's own token
		return errors.Join(err, challenge(w, http.StatusUnauthorized, "invalid_token", withoutOpenID))
	case err == nil && poolID != "" && by.Pool.ID != poolID, errors.As(err, &f):
		return errors.Join(err, challenge(w, http.StatusUnauthorized, "invalid_token",
			"Access token is expired, disabled, or deleted, or the user has globally signed out."))
	case err != nil:
		return answerError(w, http.StatusInternalServerError, err)
	case !slices.Contains(by.Token.Scopes, token.OpenID):
		return challenge(w, http.StatusUnauthorized, "invalid_token", withoutOpenID)
	}
	claims := map[string]string{}
	if !by.Token.AttributesSuppressed {
		claims = token.Readable(token.Grant{Pool: by.Pool, Client: by.Client, User: by.User, Scopes: by.Token.Scopes, Hosted: true})
	}
	claims["sub"], claims["username"] = by.User.ID, by.User.Username
	return answer(w, http.StatusOK, claims)
}

// withoutOpenID is the service's text for tokens that do not open this endpoint (observed).
const withoutOpenID = "Access token does not contain openid scope"

// challenge refuses in a header, in the service's form.
func challenge(w http.ResponseWriter, status int, code, text string) error {
	w.Header().Set("WWW-Authenticate", `error="`+code+`", error_description="`+text+`"`)
	return answer(w, status, map[string]string{"error": code, "error_description": text})
}
