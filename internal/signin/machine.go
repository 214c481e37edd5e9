// Package signin is the sign-in of a user: a machine that moves from challenge to challenge until tokens are due.
//
// The state of a sign-in is an Attempt. It is not stored: the session string that the client sends back (or the secret block of
// SRP) is the sealed Attempt itself, bound to pool and client, with its own expiry. What is stored is only that an attempt
// succeeded, so that each succeeds once. Which challenge comes next is decided in one place, the pure function Next. Each
// challenge_*.go can pose and check one challenge and knows no other. Start with Machine.Start, Machine.Answer and Next.
package signin

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
)

// Machine runs sign-ins.
type Machine struct {
	Store  *store.Store
	Tokens *token.Issuer
	Now    func() time.Time
}

// Start is a request that begins a sign-in.
type Start struct {
	Pool   *pool.Pool
	Client *pool.Client
	Flow   string            // AuthFlow as sent
	Params map[string]string // AuthParameters
	Admin  bool              // AdminInitiateAuth
}

// Answer is a request that answers a challenge.
type Answer struct {
	Pool      *pool.Pool
	Client    *pool.Client
	Challenge Challenge
	Session   string
	Responses map[string]string
}

// Outcome is a challenge or the tokens, never both.
type Outcome struct {
	Challenge  Challenge
	Parameters map[string]string
	Session    string
	Tokens     *token.Tokens
}

// Start begins a sign-in by the flow.
func (m *Machine) Start(ctx context.Context, s Start) (*Outcome, error) {
	switch s.Flow {
	case "USER_PASSWORD_AUTH":
		if s.Admin {
			return nil, flowUnsupported()
		}
		if !s.Client.AllowsFlow("USER_PASSWORD_AUTH") {
			return nil, flowClosed("USER_PASSWORD_AUTH flow not enabled for this client")
		}
		return m.startPassword(ctx, s)
	case "ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH":
		if !s.Admin {
			return nil, flowUnsupported()
		}
		if !s.Client.AllowsFlow("ADMIN_USER_PASSWORD_AUTH") {
			return nil, flowClosed("Auth flow not enabled for this client")
		}
		return m.startPassword(ctx, s)
	case "USER_SRP_AUTH":
		if !s.Client.AllowsFlow("USER_SRP_AUTH") {
			return nil, flowClosed("USER_SRP_AUTH is not enabled for the client.")
		}
		return m.startSRP(ctx, s)
	case "CUSTOM_AUTH", "USER_AUTH":
		if !s.Client.AllowsFlow(s.Flow) {
			return nil, flowClosed(s.Flow + " is not enabled for the client.")
		}
	case "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN":
		return m.startRefresh(ctx, s)
	}
	return nil, flowUnsupported()
}

// Answer checks the answer to a challenge.
func (m *Machine) Answer(ctx context.Context, a Answer) (*Outcome, error) {
	username, err := required(a.Responses, "USERNAME")
	if err != nil {
		return nil, err
	}
	if err := a.Client.CheckSecretHash(username, a.Responses["SECRET_HASH"]); err != nil {
		return nil, err
	}
	if a.Challenge == PasswordVerifier {
		return m.answerSRP(ctx, a)
	}
	if a.Session == "" {
		return nil, missing("Session")
	}
	attempt, err := m.open(a.Pool, a.Client, a.Session)
	if err != nil {
		return nil, err
	}
	if attempt.Challenge != a.Challenge {
		return nil, errInvalidSession
	}
	switch a.Challenge {
	case NewPasswordRequired:
		return m.answerNewPassword(ctx, a, attempt)
	}
	return nil, errInvalidSession
}

// The refusals of a flow, word for word as the service gives them (observed many times).
func flowClosed(message string) error { return fault.New(fault.InvalidParameter, message) }

func flowUnsupported() error {
	return fault.New(fault.InvalidParameter, "Initiate Auth method not supported.")
}

// required returns a parameter that a flow or challenge cannot do without. An empty one counts as absent, as on the service.
func required(params map[string]string, name string) (string, error) {
	if v := params[name]; v != "" {
		return v, nil
	}
	return "", missing(name)
}

func missing(name string) error {
	return fault.Newf(fault.InvalidParameter, "Missing required parameter %s", name)
}
