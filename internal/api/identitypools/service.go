// Package identitypools holds the operations of the Cognito identity pools API: one file and one method of Service for each, named as the
// operation is.
//
// What several share is in files named after their noun: logins.go verifies what a caller shows, link.go finds the identity behind it,
// openid_token.go and credentials.go give what follows. operations.go is the table of contents.
package identitypools

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/federate"
	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
)

// Service is what the operations work with. All fields are set at start and never change.
type Service struct {
	Store     *store.Store
	Tokens    *token.Issuer // of user pools
	OpenID    *OpenIDKeys
	Providers Verifier // of logins from elsewhere
	STS       STS      // nil: this server vends credentials of its own
	Master    *seal.Master
	Now       func() time.Time
	Region    string
	AccountID string
}

// Verifier verifies tokens of providers outside this server. Its errors are faults with the service's words.
type Verifier interface {
	// OIDC verifies an ID token of an issuer (an https URL) and returns its claims. audiences, if any, are the clients it may be for.
	OIDC(ctx context.Context, issuer, raw string, audiences []string) (map[string]any, error)
	// Social verifies a token of a public provider, by its key in Logins, for the application with the id, and returns the claims, with the
	// subject as sub.
	Social(ctx context.Context, provider, application, raw string) (map[string]any, error)
	// SAML verifies a response of the SAML provider with the ARN.
	SAML(ctx context.Context, arn, raw string) (*federate.SAMLLogin, error)
}

// STS exchanges an OpenID token for credentials of a role.
type STS interface {
	AssumeRole(ctx context.Context, roleARN, token string) (identity.Credentials, error)
}

func (s *Service) paging() api.Paging { return api.Paging{Master: s.Master, Now: s.Now} }

// pool loads an identity pool.
func (s *Service) pool(ctx context.Context, id string) (p *identity.Pool, err error) {
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) { p, err = tx.IdentityPool(id); return err })
	return p, err
}

// change changes an identity pool and saves it, in one transaction.
func (s *Service) change(ctx context.Context, id string, change func(*identity.Pool) error) (p *identity.Pool, err error) {
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		if p, err = tx.IdentityPool(id); err != nil {
			return err
		}
		if err := change(p); err != nil {
			return err
		}
		return tx.SaveIdentityPool(p)
	})
	return p, err
}
