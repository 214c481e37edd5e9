package oauth

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/cenote-id/cenote/internal/token"
)

// IdentityDocuments serves what a security token service needs to know of the OpenID tokens of identities, whose issuer is the server
// itself: a discovery document, and the key.
type IdentityDocuments struct {
	Keys   func(context.Context) (*token.SharedKey, error)
	Issuer string
	Base   string // the main address, without a trailing slash
	Log    *slog.Logger
}

// Routes mounts the documents, at the paths of the service:
//
//	GET /.well-known/openid-configuration
//	GET /.well-known/jwks_uri
func (d IdentityDocuments) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		sharing.Open(w.Header())
		d.answer(w, map[string]any{
			"issuer": d.Issuer, "jwks_uri": d.Base + "/.well-known/jwks_uri", "response_types_supported": []string{"token"},
			"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS512"},
		})
	})
	mux.HandleFunc("GET /.well-known/jwks_uri", func(w http.ResponseWriter, r *http.Request) {
		sharing.Open(w.Header())
		key, err := d.Keys(r.Context())
		if err != nil {
			d.Log.ErrorContext(r.Context(), "document not served", "path", r.URL.Path, "error", err)
			refuse(w, http.StatusInternalServerError, "Something went wrong")
			return
		}
		d.answer(w, key.JWKS())
	})
}

func (d IdentityDocuments) answer(w http.ResponseWriter, document any) {
	w.Header().Set("Cache-Control", "public, max-age=3600")
	if err := answer(w, http.StatusOK, document); err != nil {
		d.Log.Error("document not served", "error", err)
	}
}
