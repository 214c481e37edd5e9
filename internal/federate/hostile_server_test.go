package federate_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/federate"
	"github.com/cenote-id/cenote/internal/outbound"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// endless writes for as long as somebody reads.
func endless(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	line := []byte(`{"access_token":"` + strings.Repeat("x", 1<<16))
	for r.Context().Err() == nil {
		if _, err := w.Write(line); err != nil {
			return
		}
	}
}

// silent never answers.
func silent(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // or nobody notices that the client has gone
	<-r.Context().Done()
}

// serve starts a server that ends with the test, whatever it still does.
func serve(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	ctx, cancel := context.WithCancel(t.Context())
	server.Config.BaseContext = func(net.Listener) context.Context { return ctx }
	server.Start()
	t.Cleanup(func() {
		cancel()
		server.Close()
	})
	return server
}

func inside(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusTemporaryRedirect)
}

func page(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }

func loop(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }

func samlProvider(details map[string]string) *pool.Provider {
	return &pool.Provider{Name: "Corp", Settings: wire.IdentityProviderType{ProviderType: "SAML", ProviderDetails: details}}
}

func oidcProvider(base string) *pool.Provider {
	return &pool.Provider{Name: "Corp", Settings: wire.IdentityProviderType{
		ProviderType: "OIDC", AttributeMapping: map[string]string{"username": "sub"}, ProviderDetails: map[string]string{
			"client_id": "cenote", "client_secret": "s", "oidc_issuer": base, "authorize_url": base + "/authorize", "token_url": base + "/token",
			"attributes_url": base + "/userinfo", "jwks_uri": base + "/jwks",
		},
	}}
}

func TestHostileMetadataAddresses(t *testing.T) {
	t.Parallel()
	public := federate.NewResolver(outbound.Public, func() time.Time { return now })
	for _, address := range []string{
		"http://idp.example.com/metadata", "https://idp.example.com:8443/metadata", "file:///etc/passwd", "ftp://idp.example.com/", "gopher://127.0.0.1:6379/_",
		"https://127.0.0.1/metadata", "https://localhost/metadata", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://10.0.0.1/", "https://2130706433/",
		"https://169.254.169.254/latest/meta-data/", "https://0.0.0.0/", "https://user@/", "//", "metadata",
	} {
		v := samlProvider(map[string]string{"MetadataURL": address})
		if err := public.Complete(t.Context(), v); !fault.Is(err, fault.InvalidParameter) {
			t.Errorf("%s: %v", address, err)
		}
	}
	private := federate.NewResolver(outbound.Private, func() time.Time { return now })
	for name, answer := range map[string]http.HandlerFunc{
		"a redirect to a metadata service": inside, "redirects without an end": loop, "an endless document": endless, "no answer": silent,
		"a redirect to a file": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		},
		"not found": http.NotFound,
		"an entity bomb": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><EntityDescriptor entityID="&b;"/>`)
		},
	} {
		server := serve(t, answer)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		for kind, v := range map[string]*pool.Provider{
			"metadata": samlProvider(map[string]string{"MetadataURL": server.URL + "/metadata"}),
			"discovery": {Settings: wire.IdentityProviderType{ProviderType: "OIDC", ProviderDetails: map[string]string{
				"client_id": "cenote", "client_secret": "s", "oidc_issuer": server.URL,
			}}},
		} {
			if err := private.Complete(ctx, v); !fault.Is(err, fault.InvalidParameter) || strings.Contains(err.Error(), "root:") {
				t.Errorf("%s of %s: %v", name, kind, err)
			}
		}
		cancel()
	}
}

func TestHostileAnswersOfAProvider(t *testing.T) {
	t.Parallel()
	const tokens = `{"access_token":"a","token_type":"Bearer","id_token":"eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.eyJpc3MiOiJ4In0.AAAA"}`
	for name, c := range map[string]struct {
		path   string
		answer http.HandlerFunc
		want   string
	}{
		"an endless answer of the token endpoint": {"/token", endless, "Corp Error - error getting token"},
		"a silent token endpoint":                 {"/token", silent, "Timeout occurred in calling IdP token endpoint"},
		"a token endpoint that leads inside":      {"/token", inside, "Corp Error - error getting token"},
		"a token endpoint with a page":            {"/token", page, "Corp Error - error getting token"},
		"endless keys":                            {"/jwks", endless, "Invalid id_token"},
		"silent keys":                             {"/jwks", silent, "error_description=Timeout in calling jwks uri"},
		"keys that lead inside":                   {"/jwks", inside, "Invalid id_token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mux := http.NewServeMux()
			mux.HandleFunc(c.path, c.answer)
			if c.path != "/token" {
				mux.HandleFunc("/token", func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", "application/json")
					_, _ = io.WriteString(w, tokens)
				})
			}
			server := serve(t, mux)
			v := oidcProvider(server.URL)
			v.Settings.ProviderDetails["oidc_issuer"] = "x"
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			party := federate.NewRelyingParty(outbound.Private, nil, func() time.Time { return now })
			_, err := party.Account(ctx, v, federate.Visit{Callback: "https://auth.example.com/oauth2/idpresponse", Nonce: "n"}, url.Values{"code": {"c"}})
			if no := new(federate.Refusal); !errors.As(err, &no) || no.Text != c.want {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// TestHostileUserInfo asks a provider that signs nothing who has come, as Facebook.
func TestHostileUserInfo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"silent": {silent, "Read timed out"},
		"cut off": {func(w http.ResponseWriter, _ *http.Request) {
			c, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = c.Close()
			}
		}, "Connection reset"},
		"leads inside": {inside, "Connection reset"},
		"endless":      {endless, "Corp Error - error getting user info"},
		"a page":       {page, "Corp Error - error getting user info"},
		"an error":     {http.NotFound, "Corp Error - error getting user info"},
		"a list":       {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "[1]") }, "Corp Error - error getting user info"},
		"nobody":       {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }, "username attribute mapping required"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mux := http.NewServeMux()
			mux.HandleFunc("/userinfo", c.answer)
			mux.HandleFunc("/token", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, `{"access_token":"a","token_type":"Bearer"}`)
			})
			v := oidcProvider(serve(t, mux).URL)
			delete(v.Settings.ProviderDetails, "oidc_issuer")
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			party := federate.NewRelyingParty(outbound.Private, nil, func() time.Time { return now })
			_, err := party.Account(ctx, v, federate.Visit{Callback: "https://auth.example.com/oauth2/idpresponse"}, url.Values{"code": {"c"}})
			if no := new(federate.Refusal); !errors.As(err, &no) || no.Text != c.want {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}
