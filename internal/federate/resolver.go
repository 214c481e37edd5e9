package federate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/outbound"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// Resolver finds out at a provider what its details leave out.
type Resolver struct {
	reach  outbound.Reach
	client *http.Client
	now    func() time.Time
}

// How long a call to a provider takes at most, and how large its answer may be.
const (
	callTime  = 10 * time.Second
	maxAnswer = 1 << 20
)

// NewResolver returns a resolver that calls servers within the reach.
func NewResolver(reach outbound.Reach, now func() time.Time) *Resolver {
	return &Resolver{
		reach:  reach,
		client: outbound.NewClient(outbound.Options{Reach: reach, Timeout: callTime, MaxBody: maxAnswer, Redirects: 5}),
		now:    now,
	}
}

// Complete fills in the details of a provider that are found out: the addresses in a SAML provider's metadata, and the endpoints of an
// OpenID Connect provider that the caller did not name. It answers InvalidParameter when the provider cannot be reached or what it
// publishes cannot be used.
func (r *Resolver) Complete(ctx context.Context, v *pool.Provider) error {
	switch v.Settings.ProviderType {
	case "SAML":
		return r.completeSAML(ctx, v)
	case "OIDC":
		return r.completeOIDC(ctx, v)
	}
	return nil
}

func (r *Resolver) completeSAML(ctx context.Context, v *pool.Provider) error {
	d := v.Settings.ProviderDetails
	v.Metadata, v.Fetched = d["MetadataFile"], time.Time{}
	if address := d["MetadataURL"]; address != "" {
		document, err := get(ctx, r.client, address)
		if err != nil {
			return fault.New(fault.InvalidParameter, "Error retrieving metadata from "+address).Because(err)
		}
		v.Metadata, v.Fetched = string(document), r.now()
	}
	m, err := ParseMetadata([]byte(v.Metadata))
	if err != nil {
		return fault.Newf(fault.InvalidParameter, "The metadata document is not valid: %v", err)
	}
	for name, value := range map[string]string{"SSORedirectBindingURI": m.SSORedirect, "SLORedirectBindingURI": m.SLORedirect} {
		if delete(d, name); value != "" {
			d[name] = value
		}
	}
	return nil
}

// discovery is the part of an OpenID Connect discovery document that is used (OpenID Connect Discovery 1.0, section 3).
type discovery struct {
	Issuer        string `json:"issuer"`
	Authorization string `json:"authorization_endpoint"`
	Token         string `json:"token_endpoint"`
	UserInfo      string `json:"userinfo_endpoint"`
	Keys          string `json:"jwks_uri"`
}

func (r *Resolver) completeOIDC(ctx context.Context, v *pool.Provider) error {
	d := v.Settings.ProviderDetails
	if v.Discovers() {
		found, err := r.discover(ctx, d["oidc_issuer"])
		if err != nil {
			return fault.New(fault.InvalidParameter, "Unable to contact well-known endpoint of "+d["oidc_issuer"]).Because(err)
		}
		for name, value := range map[string]string{
			"authorize_url": found.Authorization, "token_url": found.Token, "attributes_url": found.UserInfo, "jwks_uri": found.Keys,
		} {
			if d[name] == "" && value != "" {
				d[name] = value
			}
		}
	}
	for _, name := range []string{"oidc_issuer", "authorize_url", "token_url", "attributes_url", "jwks_uri"} {
		if d[name] == "" {
			continue
		}
		u, err := url.Parse(d[name])
		if err == nil {
			err = r.reach.CheckURL(u)
		}
		if err != nil {
			return fault.New(fault.InvalidParameter, "Invalid ProviderDetails: "+name+" must be an https address.").Because(err)
		}
	}
	return nil
}

func (r *Resolver) discover(ctx context.Context, issuer string) (*discovery, error) {
	document, err := get(ctx, r.client, issuer+"/.well-known/openid-configuration")
	if err != nil {
		return nil, err
	}
	found := &discovery{}
	if err := wire.Unmarshal(document, found); err != nil {
		return nil, fmt.Errorf("discovery document: %w", err)
	}
	switch {
	case !sameIssuer(found.Issuer, issuer):
		return nil, fmt.Errorf("the discovery document is that of %q", found.Issuer)
	case found.Authorization == "" || found.Token == "" || found.Keys == "":
		return nil, errors.New("the discovery document lacks an endpoint")
	}
	return found, nil
}

// get returns the body of a page that is there.
func get(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, outbound.Cause(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", res.StatusCode)
	}
	return io.ReadAll(res.Body)
}
