package trigger

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// TestTokens goes from the answer of a function to the claims of both tokens.
func TestTokens(t *testing.T) {
	t.Parallel()
	const (
		baseID = `"sub":"u1","aud":"c1","token_use":"id","cognito:username":"alice","email":"a@example.com","email_verified":true,` +
			`"cognito:groups":["g1"],"cognito:roles":["arn:r"],"cognito:preferred_role":"arn:r"`
		baseAccess = `"sub":"u1","client_id":"c1","token_use":"access","username":"alice","scope":"openid email","cognito:groups":["g1"]`
		noGroupsID = `"sub":"u1","aud":"c1","token_use":"id","cognito:username":"alice","email":"a@example.com","email_verified":true`
		noGroups   = `"sub":"u1","client_id":"c1","token_use":"access","username":"alice","scope":"openid email"`
	)
	v1 := func(details string) string { return `{"response":{"claimsOverrideDetails":` + details + `}}` }
	v2 := func(details string) string { return `{"response":{"claimsAndScopeOverrideDetails":` + details + `}}` }
	id := func(changes string) string { return v2(`{"idTokenGeneration":` + changes + `}`) }
	access := func(changes string) string { return v2(`{"accessTokenGeneration":` + changes + `}`) }
	tests := []struct {
		name, version, answer string
		id, access            string // the members of the tokens
	}{
		{"an untouched event changes nothing", V1, v1(`null`), baseID, baseAccess},
		{"an untouched event of V2 changes nothing", V2, v2(`null`), baseID, baseAccess},
		{"an empty response changes nothing", V2, `{"response":{}}`, baseID, baseAccess},
		{"V1 adds to the ID token only", V1, v1(`{"claimsToAddOrOverride":{"tier":"gold"}}`), baseID + `,"tier":"gold"`, baseAccess},
		{
			"V1 overrides and suppresses", V1, v1(`{"claimsToAddOrOverride":{"email":"b@example.com"},"claimsToSuppress":["email_verified"]}`),
			strings.Replace(strings.Replace(baseID, "a@", "b@", 1), `,"email_verified":true`, "", 1), baseAccess,
		},
		{
			"suppression wins", V1, v1(`{"claimsToAddOrOverride":{"email":"b@example.com"},"claimsToSuppress":["email"]}`),
			strings.Replace(baseID, `,"email":"a@example.com"`, "", 1), baseAccess,
		},
		{"null sets nothing", V1, v1(`{"claimsToAddOrOverride":{"tier":null}}`), baseID, baseAccess},
		{
			"what is fixed stays", V2, v2(`{"idTokenGeneration":{"claimsToAddOrOverride":{"sub":"x","iss":"x","aud":"x","exp":1,"cognito:username":"x",` +
				`"cognito:x":"x","identities":[],"version":2},"claimsToSuppress":["sub","aud","token_use","cognito:groups"]},` +
				`"accessTokenGeneration":{"claimsToAddOrOverride":{"sub":"x","client_id":"x","device_key":"x","cognito:groups":["x"]},` +
				`"claimsToSuppress":["sub","client_id","event_id"]}}`), baseID, baseAccess,
		},
		{
			"nor can a name that reads like a fixed one be set", V2, v2(`{"idTokenGeneration":{"claimsToAddOrOverride":{"SUB":"x","\u017fub":"x","AUD":"x",` +
				`"Cognito:username":"x","\u0063OGNITO:groups":["x"],"Email":"x","EMAIL_VERIFIED":true,"DEV:x":"y"}},` +
				`"accessTokenGeneration":{"claimsToAddOrOverride":{"\u017fub":"x","SCOPE":"x","\u017fcope":"x","Username":"x","to\u212aen_use":"id","EXP":1,` +
				`"Client_ID":"x","Origin_JTI":"x"}}}`), baseID, baseAccess,
		},
		{"a username is a text", V2, access(`{"claimsToAddOrOverride":{"username":7}}`), baseID, baseAccess},
		{
			"a claim of the function's own may have any case", V2, access(`{"claimsToAddOrOverride":{"Tier":"gold","SUBS":1}}`), baseID,
			baseAccess + `,"Tier":"gold","SUBS":1`,
		},
		{
			"V2 adds values of all types to each token", V2, v2(`{"idTokenGeneration":{"claimsToAddOrOverride":{"n":12345678901234567890,"b":false}},` +
				`"accessTokenGeneration":{"claimsToAddOrOverride":{"o":{"a":[1,"x"]},"s":"x","z":null}}}`),
			baseID + `,"n":12345678901234567890,"b":false`, baseAccess + `,"o":{"a":[1,"x"]},"s":"x"`,
		},
		{
			"some claims of the ID token take no objects", V2,
			id(`{"claimsToAddOrOverride":{"address":{"street":"x"},"email_verified":[],"updated_at":{},"phone_number_verified":true}}`),
			baseID + `,"phone_number_verified":true`, baseAccess,
		},
		{"the access token does", V2, access(`{"claimsToAddOrOverride":{"address":{"street":"x"}}}`), baseID, baseAccess + `,"address":{"street":"x"}`},
		{"aud of an access token is the client", V2, access(`{"claimsToAddOrOverride":{"aud":"c1"}}`), baseID, baseAccess + `,"aud":"c1"`},
		{"and nothing else", V2, access(`{"claimsToAddOrOverride":{"aud":"c2"}}`), baseID, baseAccess},
		{"nor a list", V2, access(`{"claimsToAddOrOverride":{"aud":["c1"]}}`), baseID, baseAccess},
		{
			"developer attributes cannot be set", V2, id(`{"claimsToAddOrOverride":{"dev:x":"y"},"claimsToSuppress":["dev:z"]}`), baseID, baseAccess,
		},
		{
			"scopes are added and suppressed", V2, access(`{"scopesToAdd":["photos/read","openid"],"scopesToSuppress":["email"]}`),
			baseID, strings.Replace(baseAccess, "openid email", "openid photos/read", 1),
		},
		{
			"a scope both added and suppressed is suppressed", V3, access(`{"scopesToAdd":["a"],"scopesToSuppress":["a","email"]}`),
			baseID, strings.Replace(baseAccess, "openid email", "openid", 1),
		},
		{
			"without a scope there is no claim", V3, access(`{"scopesToSuppress":["openid","email"]}`),
			baseID, strings.Replace(baseAccess, `"scope":"openid email",`, "", 1),
		},
		{"a scope claim is a text", V2, access(`{"claimsToAddOrOverride":{"scope":["x"]}}`), baseID, baseAccess},
		{
			"groups are replaced in both tokens", V2,
			v2(`{"groupOverrideDetails":{"groupsToOverride":["a","b"],"iamRolesToOverride":["arn:x"],"preferredRole":"arn:x"}}`),
			noGroupsID + `,"cognito:groups":["a","b"],"cognito:roles":["arn:x"],"cognito:preferred_role":"arn:x"`,
			noGroups + `,"cognito:groups":["a","b"]`,
		},
		{
			"nameless groups and roles are none", V2, v2(`{"groupOverrideDetails":{"groupsToOverride":[null,"a",""],"iamRolesToOverride":[null]}}`),
			noGroupsID + `,"cognito:groups":["a"]`, noGroups + `,"cognito:groups":["a"]`,
		},
		{"a list of nameless ones removes the claim", V1, v1(`{"groupOverrideDetails":{"groupsToOverride":[null]}}`), noGroupsID, noGroups},
		{"empty details remove them", V1, v1(`{"groupOverrideDetails":{}}`), noGroupsID, noGroups},
		{
			"empty lists remove them", V3,
			v2(`{"groupOverrideDetails":{"groupsToOverride":[],"iamRolesToOverride":[],"preferredRole":""}}`), noGroupsID, noGroups,
		},
		{"null details keep them", V2, v2(`{"groupOverrideDetails":null}`), baseID, baseAccess},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			changes, err := tokenChanges(t, tt.version, tt.answer)
			if err != nil {
				t.Fatal(err)
			}
			for _, token := range []struct {
				base, want string
				apply      func(map[string]any) map[string]any
			}{{baseID, tt.id, changes.ID}, {baseAccess, tt.access, changes.Access}} {
				before, _ := decode(t, "{"+token.base+"}").(map[string]any)
				text, err := wire.Encode(token.apply(before))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(decode(t, "{"+token.want+"}"), decode(t, string(text))); diff != "" {
					t.Errorf("claims (-want +got):\n%s", diff)
				}
				if strings.Contains(token.want, "12345678901234567890") != strings.Contains(string(text), "12345678901234567890") {
					t.Errorf("a large number lost digits: %s", text)
				}
				if diff := cmp.Diff(decode(t, "{"+token.base+"}"), any(before)); diff != "" {
					t.Errorf("the given claims were changed (-want +got):\n%s", diff)
				}
			}
			if changes.ID(nil) != nil || changes.Access(nil) != nil {
				t.Error("a token that is not made has claims")
			}
		})
	}
}

func TestDeveloperAttributesCanBeSuppressed(t *testing.T) {
	t.Parallel()
	c := TokenChanges{IDToken: ClaimChanges{Suppress: []string{"dev:custom:x"}}}
	if got := c.ID(map[string]any{"sub": "u1", "dev:custom:x": "y"}); len(got) != 1 {
		t.Errorf("got %v, want sub alone", got)
	}
}

func TestTokensRefused(t *testing.T) {
	t.Parallel()
	many := make([]string, maxChanges+1)
	for i := range many {
		many[i] = fmt.Sprintf(`"c%d"`, i)
	}
	tests := []struct{ name, version, answer, want string }{
		{"V1 takes texts only", V1, `{"response":{"claimsOverrideDetails":{"claimsToAddOrOverride":{"n":1}}}}`, errInvalidJSON.Message},
		{"a list where an object is due", V2, `{"response":{"claimsAndScopeOverrideDetails":[]}}`, errInvalidJSON.Message},
		{
			"a scope with a space", V2, `{"response":{"claimsAndScopeOverrideDetails":{"accessTokenGeneration":{"scopesToAdd":["a b"]}}}}`,
			"Invalid lambda function output : scopesToAdd must not contain spaces",
		},
		{
			"more than the quota", V1, `{"response":{"claimsOverrideDetails":{"claimsToSuppress":[` + strings.Join(many, ",") + `]}}}`,
			"Invalid lambda function output : more than 5000 claims and scopes",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := tokenChanges(t, tt.version, tt.answer)
			if !fault.Is(err, fault.InvalidLambdaResponse) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestMachineTokensAreShownToV3Only(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{V1: false, V2: false, V3: true} {
		p := newPool()
		p.Settings.LambdaConfig.PreTokenGenerationConfig = &wire.PreTokenGenerationVersionConfigType{LambdaVersion: version, LambdaArn: arn}
		if got := newRunner(echo).HasPreToken(p, TokenGenerationClientCredentials); got != want {
			t.Errorf("%s: got %t, want %t", version, got, want)
		}
		if !newRunner(echo).HasPreToken(p, TokenGenerationAuthentication) {
			t.Errorf("%s does not fire for users", version)
		}
	}
}

func tokenChanges(t *testing.T, version, answer string) (TokenChanges, error) {
	t.Helper()
	p := newPool()
	p.Settings.LambdaConfig.PreTokenGenerationConfig = &wire.PreTokenGenerationVersionConfigType{LambdaVersion: version, LambdaArn: arn}
	return newRunner(returning(answer)).PreTokenGeneration(t.Context(), call(p, TokenGenerationAuthentication), PreTokenGenerationRequest{})
}
