package trigger

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// Groups are the groups of a user as the claims know them.
type Groups struct {
	GroupsToOverride   []string `json:"groupsToOverride"`
	IAMRolesToOverride []string `json:"iamRolesToOverride"`
	PreferredRole      *string  `json:"preferredRole"`
}

// PreTokenGenerationRequest is the request of a PreTokenGeneration event.
type PreTokenGenerationRequest struct {
	UserAttributes     map[string]string `json:"userAttributes"`
	GroupConfiguration *Groups           `json:"groupConfiguration"` // nil is null: machines have no groups
	ClientMetadata     map[string]string `json:"clientMetadata,omitempty"`
	Scopes             []string          `json:"scopes,omitzero"` // not shown to V1
}

// HasPreToken reports whether the pool has a PreTokenGeneration trigger that fires for the source: tokens of machines
// (TokenGenerationClientCredentials) are shown to V3 only.
func (r *Runner) HasPreToken(p *pool.Pool, s Source) bool {
	return r.Has(p, PreTokenGeneration) && (s != TokenGenerationClientCredentials || PreTokenVersion(p) == V3)
}

// PreTokenGeneration asks what to change in the tokens that are about to be signed. The changes are applied with their methods
// ID and Access.
func (r *Runner) PreTokenGeneration(ctx context.Context, c Call, req PreTokenGenerationRequest) (TokenChanges, error) {
	if !r.HasPreToken(c.Pool, c.Source) {
		return TokenChanges{}, nil
	}
	req.UserAttributes = filled(req.UserAttributes)
	if g := req.GroupConfiguration; g != nil {
		req.GroupConfiguration = &Groups{present(g.GroupsToOverride), present(g.IAMRolesToOverride), g.PreferredRole}
	}
	version := PreTokenVersion(c.Pool)
	if version == V1 {
		req.Scopes = nil
		var res v1Response
		if err := r.ask(ctx, PreTokenGeneration, c, "1", req, `{"claimsOverrideDetails":null}`, &res); err != nil {
			return TokenChanges{}, err
		}
		return res.changes()
	}
	req.Scopes = present(req.Scopes)
	number, _, _ := strings.Cut(strings.TrimPrefix(version, "V"), "_") // V2_0 is version 2 of the event
	var res v2Response
	if err := r.ask(ctx, PreTokenGeneration, c, number, req, `{"claimsAndScopeOverrideDetails":null}`, &res); err != nil {
		return TokenChanges{}, err
	}
	return res.changes()
}

// present returns an empty list for a nil one.
func present(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// v1Response knows the ID token only, and claims that are texts.
type v1Response struct {
	Details *struct {
		Add      map[string]*string `json:"claimsToAddOrOverride"`
		Suppress []string           `json:"claimsToSuppress"`
		Groups   *Groups            `json:"groupOverrideDetails"`
	} `json:"claimsOverrideDetails"`
}

func (v v1Response) changes() (TokenChanges, error) {
	if v.Details == nil {
		return TokenChanges{}, nil
	}
	set := make(map[string]any, len(v.Details.Add))
	for name, value := range v.Details.Add {
		if value != nil {
			set[name] = *value
		}
	}
	c := TokenChanges{IDToken: ClaimChanges{set, v.Details.Suppress}, Groups: v.Details.Groups}
	return c, c.check()
}

// v2Response is the response of V2 and V3, with claims of any type.
type v2Response struct {
	Details *struct {
		ID     *v2Token `json:"idTokenGeneration"`
		Access *v2Token `json:"accessTokenGeneration"`
		Groups *Groups  `json:"groupOverrideDetails"`
	} `json:"claimsAndScopeOverrideDetails"`
}

type v2Token struct {
	Add            map[string]wire.Document `json:"claimsToAddOrOverride"`
	Suppress       []string                 `json:"claimsToSuppress"`
	ScopesToAdd    []string                 `json:"scopesToAdd"`
	ScopesSuppress []string                 `json:"scopesToSuppress"`
}

func (v v2Response) changes() (TokenChanges, error) {
	if v.Details == nil {
		return TokenChanges{}, nil
	}
	c := TokenChanges{Groups: v.Details.Groups}
	if t := v.Details.ID; t != nil {
		c.IDToken = t.claims()
	}
	if t := v.Details.Access; t != nil {
		c.AccessToken, c.ScopesToAdd, c.ScopesToSuppress = t.claims(), t.ScopesToAdd, t.ScopesSuppress
	}
	return c, c.check()
}

// claims keeps texts and truth values as such and everything else as the JSON it came in, so that no digit of a number is lost.
func (t *v2Token) claims() ClaimChanges {
	set := make(map[string]any, len(t.Add))
	for name, raw := range t.Add {
		var value any = json.RawMessage(raw)
		switch raw[0] {
		case 'n': // null sets nothing
			continue
		case '"', 't', 'f':
			var plain any
			if err := wire.Unmarshal(raw, &plain); err != nil {
				continue // cannot happen: it has been read as JSON before
			}
			value = plain
		}
		set[name] = value
	}
	return ClaimChanges{set, t.Suppress}
}

// maxChanges is the service's quota of claims and scopes added, overridden and suppressed in one token operation.
const maxChanges = 5000

// check refuses what cannot be applied. The service documents the rules; the texts are ours.
func (c TokenChanges) check() error {
	n := len(c.IDToken.Set) + len(c.IDToken.Suppress) + len(c.AccessToken.Set) + len(c.AccessToken.Suppress) +
		len(c.ScopesToAdd) + len(c.ScopesToSuppress)
	if n > maxChanges {
		return fault.Newf(fault.InvalidLambdaResponse, "Invalid lambda function output : more than %d claims and scopes", maxChanges)
	}
	for _, scope := range c.ScopesToAdd {
		if scope == "" || strings.ContainsAny(scope, " \t\r\n") {
			return fault.New(fault.InvalidLambdaResponse, "Invalid lambda function output : scopesToAdd must not contain spaces")
		}
	}
	return nil
}
