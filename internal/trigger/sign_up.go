package trigger

import "context"

// PreSignUpRequest is the request of a PreSignUp event.
type PreSignUpRequest struct {
	UserAttributes map[string]string `json:"userAttributes"` // as the caller sent them: neither sub nor status
	ValidationData map[string]string `json:"validationData"` // nil is null; empty, not nil, for external providers
	ClientMetadata map[string]string `json:"clientMetadata,omitempty"`
}

// PreSignUpResponse is what a function may decide about a sign-up. For users that administrators create it means nothing.
type PreSignUpResponse struct {
	AutoConfirmUser bool `json:"autoConfirmUser"`
	AutoVerifyEmail bool `json:"autoVerifyEmail"`
	AutoVerifyPhone bool `json:"autoVerifyPhone"`
}

// PreSignUp asks before a user is created. An error means that there will be no user.
func (r *Runner) PreSignUp(ctx context.Context, c Call, req PreSignUpRequest) (PreSignUpResponse, error) {
	var res PreSignUpResponse
	if !r.Has(c.Pool, PreSignUp) {
		return res, nil
	}
	req.UserAttributes = filled(req.UserAttributes)
	err := r.ask(ctx, PreSignUp, c, "1", req, `{"autoConfirmUser":false,"autoVerifyEmail":false,"autoVerifyPhone":false}`, &res)
	if err != nil || c.Source == PreSignUpAdminCreateUser {
		return PreSignUpResponse{}, err
	}
	return res, nil
}

// PostConfirmationRequest is the request of a PostConfirmation event.
type PostConfirmationRequest struct {
	UserAttributes map[string]string `json:"userAttributes"`
	ClientMetadata map[string]string `json:"clientMetadata,omitempty"`
}

// PostConfirmation tells that a user has been confirmed, or has a new password after a forgotten one. An error goes to the caller,
// but does not undo what happened.
func (r *Runner) PostConfirmation(ctx context.Context, c Call, req PostConfirmationRequest) error {
	if !r.Has(c.Pool, PostConfirmation) {
		return nil
	}
	req.UserAttributes = filled(req.UserAttributes)
	return r.ask(ctx, PostConfirmation, c, "1", req, `{}`, new(struct{}))
}
