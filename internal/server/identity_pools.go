package server

import (
	"time"

	"github.com/cenote-id/cenote/internal/api/identitypools"
	"github.com/cenote-id/cenote/internal/federate"
	"github.com/cenote-id/cenote/internal/outbound"
	"github.com/cenote-id/cenote/internal/sts"
	"github.com/cenote-id/cenote/internal/token"
)

// providerPatience bounds each call of an identity provider.
const providerPatience = 10 * time.Second

// identityPools makes the operations of identity pools.
func (s *Server) identityPools(issuer *token.Issuer) (*identitypools.Service, error) {
	c := s.options.Config
	registered, err := s.registry()
	if err != nil {
		return nil, err
	}
	private := c.AllowPrivateProviders || s.Dev != nil
	client := outbound.NewClient(outbound.Options{Reach: outbound.Providers(private), Timeout: providerPatience, Redirects: 3})
	service := &identitypools.Service{
		Store: s.data.Store, Tokens: issuer, OpenID: &identitypools.OpenIDKeys{Store: s.data.Store, Now: s.now},
		Providers: &federate.Verifier{HTTP: client, Private: private, Now: s.now, Registered: registered, PublicURL: s.URL},
		Master:    s.data.Master, Now: s.now, Region: c.Region, AccountID: c.AccountID,
	}
	if c.STSEndpoint != "" {
		service.STS = sts.New(c.STSEndpoint)
	}
	return service, nil
}

// registry has the SAML providers of the settings.
func (s *Server) registry() (*federate.Registry, error) {
	r, err := federate.NewRegistry(s.options.Config.SAMLProviders, s.now)
	if err != nil {
		return nil, s.options.Config.Wrong("saml-providers", err)
	}
	return r, nil
}
