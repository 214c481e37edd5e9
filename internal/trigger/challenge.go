package trigger

import (
	"context"
	"maps"
	"slices"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/seal"
)

// ChallengeResult is one element of the session that the challenge triggers see: a step of the sign-in and how it went.
type ChallengeResult struct {
	ChallengeName     string  `json:"challengeName"`
	ChallengeResult   bool    `json:"challengeResult"`
	ChallengeMetadata *string `json:"challengeMetadata"` // what CreateAuthChallenge gave; null for other challenges
}

// DefineAuthChallengeRequest is the request of a DefineAuthChallenge event.
type DefineAuthChallengeRequest struct {
	UserAttributes map[string]string `json:"userAttributes"`
	Session        []ChallengeResult `json:"session"` // oldest first
	ClientMetadata map[string]string `json:"clientMetadata,omitempty"`
	UserNotFound   *bool             `json:"userNotFound,omitempty"` // only for clients that hide user existence
}

// DefineAuthChallengeResponse is the next step of a custom sign-in. Exactly one member is set.
type DefineAuthChallengeResponse struct {
	ChallengeName      string `json:"challengeName"`
	IssueTokens        bool   `json:"issueTokens"`
	FailAuthentication bool   `json:"failAuthentication"`
}

// DefineAuthChallenge asks for the next step. A function that sets several members at once is understood with caution: to fail
// goes before to issue tokens, and that before a challenge. One that sets none answers nothing, which is a fault; so is a pool
// without the trigger.
func (r *Runner) DefineAuthChallenge(ctx context.Context, c Call, req DefineAuthChallengeRequest) (DefineAuthChallengeResponse, error) {
	var res DefineAuthChallengeResponse
	if !r.Has(c.Pool, DefineAuthChallenge) {
		return res, fault.New(fault.InvalidParameter, "Custom auth lambda trigger is not configured for the user pool.")
	}
	req.UserAttributes = filled(req.UserAttributes)
	if req.Session == nil {
		req.Session = []ChallengeResult{}
	}
	const neutral = `{"challengeName":null,"issueTokens":null,"failAuthentication":null}`
	if err := r.ask(ctx, DefineAuthChallenge, c, "1", req, neutral, &res); err != nil {
		return DefineAuthChallengeResponse{}, err
	}
	switch {
	case res.FailAuthentication:
		return DefineAuthChallengeResponse{FailAuthentication: true}, nil
	case res.IssueTokens:
		return DefineAuthChallengeResponse{IssueTokens: true}, nil
	case res.ChallengeName == "":
		return res, errUnrecognizable
	}
	return res, nil
}

// CreateAuthChallengeRequest is the request of a CreateAuthChallenge event.
type CreateAuthChallengeRequest struct {
	UserAttributes map[string]string `json:"userAttributes"`
	ChallengeName  string            `json:"challengeName"`
	Session        []ChallengeResult `json:"session"`
	ClientMetadata map[string]string `json:"clientMetadata,omitempty"`
	UserNotFound   *bool             `json:"userNotFound,omitempty"`
}

// CreateAuthChallengeResponse is a challenge. Its private part is for VerifyAuthChallenge only.
type CreateAuthChallengeResponse struct {
	seal.Hidden
	PublicChallengeParameters  map[string]string `json:"publicChallengeParameters"`
	PrivateChallengeParameters map[string]string `json:"privateChallengeParameters"`
	ChallengeMetadata          *string           `json:"challengeMetadata"`
}

// CreateAuthChallenge asks for a CUSTOM_CHALLENGE. A pool without the trigger gives an empty challenge.
func (r *Runner) CreateAuthChallenge(ctx context.Context, c Call, req CreateAuthChallengeRequest) (CreateAuthChallengeResponse, error) {
	var res CreateAuthChallengeResponse
	if !r.Has(c.Pool, CreateAuthChallenge) {
		return res, nil
	}
	req.UserAttributes = filled(req.UserAttributes)
	if req.Session == nil {
		req.Session = []ChallengeResult{}
	}
	const neutral = `{"publicChallengeParameters":null,"privateChallengeParameters":null,"challengeMetadata":null}`
	if err := r.ask(ctx, CreateAuthChallenge, c, "1", req, neutral, &res); err != nil {
		return CreateAuthChallengeResponse{}, err
	}
	return res, nil
}

// VerifyAuthChallengeRequest is the request of a VerifyAuthChallengeResponse event.
type VerifyAuthChallengeRequest struct {
	seal.Hidden                `json:"-"`
	UserAttributes             map[string]string `json:"userAttributes"`
	PrivateChallengeParameters map[string]string `json:"privateChallengeParameters"`
	ChallengeAnswer            string            `json:"challengeAnswer"`
	ClientMetadata             map[string]string `json:"clientMetadata,omitempty"`
	UserNotFound               *bool             `json:"userNotFound,omitempty"`
}

// VerifyAuthChallenge asks whether the answer to a challenge is right. Without the trigger no answer is.
func (r *Runner) VerifyAuthChallenge(ctx context.Context, c Call, req VerifyAuthChallengeRequest) (correct bool, err error) {
	if !r.Has(c.Pool, VerifyAuthChallenge) {
		return false, nil
	}
	req.UserAttributes = filled(req.UserAttributes)
	req.PrivateChallengeParameters = filled(req.PrivateChallengeParameters)
	var res struct {
		AnswerCorrect bool `json:"answerCorrect"`
	}
	if err := r.ask(ctx, VerifyAuthChallenge, c, "1", req, `{"answerCorrect":null}`, &res); err != nil {
		return false, confide(err, slices.AppendSeq([]string{req.ChallengeAnswer}, maps.Values(req.PrivateChallengeParameters))...)
	}
	return res.AnswerCorrect, nil
}
