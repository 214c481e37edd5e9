// Package userpools holds the operations of the Cognito user pools API: one file and one method of Service for each, named as the operation is.
//
// An operation gets input whose shape has been validated and whose caller's signature has been verified. It loads, decides by a
// method of the domain, saves and answers; it knows nothing of HTTP. operations.go is the table of contents.
package userpools

import (
	"log/slog"
	"time"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/federate"
	"github.com/cenote-id/cenote/internal/notify"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/trigger"
)

// Service is what the operations work with. All fields are set at start and never change.
type Service struct {
	Store     *store.Store
	Tokens    *token.Issuer
	Keys      *token.KeyMaker
	Providers *federate.Resolver
	SignIn    *signin.Machine
	Notify    *notify.Notifier
	Audit     *audit.Guard
	Triggers  *trigger.Runner // nil: no function is ever asked
	Master    *seal.Master    // seals paging tokens
	Now       func() time.Time
	Region    string
	AccountID string
	PublicURL string // without a trailing slash: where files are uploaded
	Log       *slog.Logger

	// ProviderExtensions lets identity providers have details that the service does not know (pool.ProviderExtension).
	ProviderExtensions bool
	// ExtendedFilters lets ListUsers take filters that the service does not know (user.ParseSearch).
	ExtendedFilters bool
}
