package oauth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/door"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/token"
)

// sharing lets pages of any origin read the documents.
var sharing = door.Sharing{MaxAge: 24 * time.Hour}

// Documents serves what verifiers of tokens need to know of a pool: its discovery document and its public keys. Both lie under the pool's
// issuer, so that a library that is told the issuer finds them by itself. They are public, and pages of any origin may read them.
type Documents struct {
	Pool   func(ctx context.Context, id string) (*pool.Pool, error) // pool.NotFound when there is none
	Base   func(*pool.Pool) string                                  // address of the pool's endpoints, without a trailing slash
	Tokens *token.Issuer
	Now    func() time.Time
	Log    *slog.Logger
}

// Routes mounts the documents:
//
//	GET /{pool}/.well-known/openid-configuration
//	GET /{pool}/.well-known/jwks.json
func (d *Documents) Routes(mux *http.ServeMux) {
	for name, document := range map[string]func(*pool.Pool) any{
		"openid-configuration": func(p *pool.Pool) any { return discover(d.Tokens, d.Base(p), p) },
		"jwks.json":            func(p *pool.Pool) any { return token.JWKS(p, d.Now()) },
	} {
		sharing.Mount(mux, "/{pool}/.well-known/"+name, map[string]http.HandlerFunc{http.MethodGet: d.serve(document)})
	}
}

// serve answers with a document about the pool in the path.
func (d *Documents) serve(document func(*pool.Pool) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		sharing.Open(w.Header())
		p, err := d.Pool(r.Context(), r.PathValue("pool"))
		switch {
		case fault.Is(err, fault.ResourceNotFound):
			refuse(w, http.StatusBadRequest, "User pool "+r.PathValue("pool")+" does not exist.")
			return
		case err != nil:
			d.Log.ErrorContext(r.Context(), "document not served", "path", r.URL.Path, "error", err)
			refuse(w, http.StatusInternalServerError, "Something went wrong")
			return
		}
		publish(w, r, d.Log, document(p))
	}
}

// publish answers with a document. A key signs soon after it is made, so a copy must be asked about before each use; an unchanged one costs no
// transfer.
func publish(w http.ResponseWriter, r *http.Request, log *slog.Logger, document any) {
	body, err := json.Marshal(document)
	if err != nil {
		log.ErrorContext(r.Context(), "document not served", "path", r.URL.Path, "error", err)
		refuse(w, http.StatusInternalServerError, "Something went wrong")
		return
	}
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	w.Header().Set("Cache-Control", "public, no-cache")
	w.Header().Set("ETag", tag)
	if known(r.Header.Values("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	write(w, http.StatusOK, body)
}

// known reports whether If-None-Match names the tag. A proxy that compresses makes a weak one of it, which counts as well (RFC 9110, section 13.1.2).
func known(fields []string, tag string) bool {
	for _, field := range fields {
		for asked := range strings.SplitSeq(field, ",") {
			if asked = strings.TrimPrefix(strings.TrimSpace(asked), "W/"); asked == tag || asked == "*" {
				return true
			}
		}
	}
	return false
}

// refuse answers {"message":"..."}, as the service does for a pool that it does not have (status 400, observed).
func refuse(w http.ResponseWriter, status int, message string) {
	body, err := json.Marshal(map[string]string{"message": message})
	if err != nil { // a map of strings always encodes
		body = []byte("{}")
	}
	w.Header().Set("Cache-Control", "no-store")
	write(w, status, body)
}

func write(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	door.Secure(w.Header())
	w.WriteHeader(status)
	_, _ = w.Write(body) // fails only when the client is gone
}
