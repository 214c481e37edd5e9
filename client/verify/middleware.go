package verify

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// VerifyHeader checks the value of a header Authorization: "Bearer" and a token.
func (v *Verifier) VerifyHeader(ctx context.Context, authorization string, more ...Rule) (*Token, error) {
	scheme, jwt, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") || strings.TrimSpace(jwt) == "" {
		return nil, errNoToken
	}
	return v.Verify(ctx, strings.TrimSpace(jwt), more...)
}

var errNoToken = refusal("there is no bearer token")

// Middleware lets only requests through that bear a token which fulfils the rules. The handler finds it with FromContext. Other requests
// are answered as RFC 6750 says: 401 without a valid token, 403 where a scope or a group is missing, 503 when the keys of the issuer cannot be
// had.
func (v *Verifier) Middleware(more ...Rule) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			token, err := v.VerifyHeader(r.Context(), strings.Join(r.Header.Values("Authorization"), ","), more...)
			if err != nil {
				refuse(w, err)
				return
			}
			next.ServeHTTP(w, r.WithContext(NewContext(r.Context(), token)))
		})
	}
}

// refuse answers a request whose token is not accepted. It does not tell why, beyond what the caller needs.
func refuse(w http.ResponseWriter, err error) {
	status, challenge := http.StatusUnauthorized, `Bearer error="invalid_token"`
	switch {
	case errors.Is(err, errNoToken):
		challenge = "Bearer"
	case errors.Is(err, ErrScope), errors.Is(err, ErrGroup):
		status, challenge = http.StatusForbidden, `Bearer error="insufficient_scope"`
	case !errors.Is(err, ErrInvalid):
		status, challenge = http.StatusServiceUnavailable, ""
		w.Header().Set("Retry-After", strconv.Itoa(int(penalty.Seconds())))
	}
	if challenge != "" {
		w.Header().Set("WWW-Authenticate", challenge)
	}
	http.Error(w, http.StatusText(status), status)
}

type contextKey struct{}

// NewContext returns a context that carries a token.
func NewContext(ctx context.Context, t *Token) context.Context {
	return context.WithValue(ctx, contextKey{}, t)
}

// FromContext returns the token that Middleware or NewContext put into a context.
func FromContext(ctx context.Context) (*Token, bool) {
	t, ok := ctx.Value(contextKey{}).(*Token)
	return t, ok
}
