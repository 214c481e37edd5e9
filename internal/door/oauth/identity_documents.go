package oauth

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/cenote-id/cenote/internal/token"
)

// IdentityDocuments serves what a security token service needs to know of the OpenID tokens of identities, whose issuer is the server
// itself: a discovery document, and the keys.
type IdentityDocuments struct {
	Keys   func(context.Context) (token.IdentityKeys, error)
	Now    func() time.Time
	Issuer string
	Base   string // the main address, without a trailing slash
	Log    *slog.Logger
}

// Routes mounts the documents, at the paths of the service:
//
//	GET /.well-known/openid-configuration
//	GET /.well-known/jwks_uri
func (d IdentityDocuments) Routes(mux *http.ServeMux) {
	for path, handle := range map[string]http.HandlerFunc{
		"/.well-known/openid-configuration": d.configuration, "/.well-known/jwks_uri": d.keys,
	} {
		sharing.Mount(mux, path, map[string]http.HandlerFunc{http.MethodGet: handle})
	}
}

func (d IdentityDocuments) configuration(w http.ResponseWriter, r *http.Request) {
	sharing.Open(w.Header())
	publish(w, r, d.Log, map[string]any{
		"issuer": d.Issuer, "jwks_uri": d.Base + "/.well-known/jwks_uri", "response_types_supported": []string{"token"},
		"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS512"},
	})
}

func (d IdentityDocuments) keys(w http.ResponseWriter, r *http.Request) {
	sharing.Open(w.Header())
	keys, err := d.Keys(r.Context())
	if err != nil {
		d.Log.ErrorContext(r.Context(), "document not served", "path", r.URL.Path, "error", err)
		refuse(w, http.StatusInternalServerError, "Something went wrong")
		return
	}
	publish(w, r, d.Log, keys.JWKS(d.Now()))
}
