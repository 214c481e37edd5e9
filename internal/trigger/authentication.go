package trigger

import "context"

// PreAuthenticationRequest is the request of a PreAuthentication event.
type PreAuthenticationRequest struct {
	UserAttributes map[string]string `json:"userAttributes"`
	ValidationData map[string]string `json:"validationData"`         // the ClientMetadata of InitiateAuth; nil is null
	UserNotFound   *bool             `json:"userNotFound,omitempty"` // only for clients that hide user existence
}

// PreAuthentication asks whether a sign-in may begin, before any proof is checked. An error denies it.
func (r *Runner) PreAuthentication(ctx context.Context, c Call, req PreAuthenticationRequest) error {
	if !r.Has(c.Pool, PreAuthentication) {
		return nil
	}
	req.UserAttributes = filled(req.UserAttributes)
	return r.ask(ctx, PreAuthentication, c, "1", req, `{}`, new(struct{}))
}

// PostAuthenticationRequest is the request of a PostAuthentication event.
type PostAuthenticationRequest struct {
	UserAttributes map[string]string `json:"userAttributes"`
	NewDeviceUsed  bool              `json:"newDeviceUsed"`
	ClientMetadata map[string]string `json:"clientMetadata,omitempty"` // of RespondToAuthChallenge, never of InitiateAuth
}

// PostAuthentication tells that a user has proved who they are, before tokens are made. An error means that there will be none.
func (r *Runner) PostAuthentication(ctx context.Context, c Call, req PostAuthenticationRequest) error {
	if !r.Has(c.Pool, PostAuthentication) {
		return nil
	}
	req.UserAttributes = filled(req.UserAttributes)
	return r.ask(ctx, PostAuthentication, c, "1", req, `{}`, new(struct{}))
}
