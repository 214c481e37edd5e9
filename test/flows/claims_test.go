package flows

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// A function that copies what a user typed into the name of a claim makes nobody somebody else, neither here nor at a verifier that reads
// claims without regard to case.
func TestAFunctionCannotMakeATokenOfAnotherUser(t *testing.T) {
	t.Parallel()
	a := newHooked(t, func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
		p.LambdaConfig.PreTokenGenerationConfig = &types.PreTokenGenerationVersionConfigType{LambdaArn: aws.String(hookARN), LambdaVersion: "V2_0"}
	})
	a.addUser(t, "ann")
	a.addUser(t, "victim")
	victim, err := a.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &a.pool, Username: aws.String("victim")})
	hookMust(t, err)
	sub := ""
	for _, attribute := range victim.UserAttributes {
		if *attribute.Name == "sub" {
			sub = *attribute.Value
		}
	}
	forged := map[string]any{
		"\u017fub": sub, "SUB": sub, "Sub": sub, "USERNAME": "victim", "SCOPE": "everything", "to\u212aen_use": "id", "EXP": 1 << 40,
		"Cognito:groups": []string{"admins"}, "Email_Verified": true, "mine": "yes",
	}
	a.always("PreTokenGeneration", map[string]any{"claimsAndScopeOverrideDetails": map[string]any{
		"idTokenGeneration": map[string]any{"claimsToAddOrOverride": forged}, "accessTokenGeneration": map[string]any{"claimsToAddOrOverride": forged},
	}})
	out, err := a.password(t, "ann", hookPassword)
	hookMust(t, err)
	for kind, token := range map[string]*string{"ID": out.AuthenticationResult.IdToken, "access": out.AuthenticationResult.AccessToken} {
		claims := hookClaims(t, token)
		if claims["mine"] != "yes" {
			t.Errorf("the %s token lacks the function's own claim: %v", kind, claims)
		}
		for name := range forged {
			if _, ok := claims[name]; ok && name != "mine" {
				t.Errorf("the %s token has the claim %q", kind, name)
			}
		}
	}
	me, err := a.GetUser(t.Context(), &idp.GetUserInput{AccessToken: out.AuthenticationResult.AccessToken})
	hookMust(t, err)
	if *me.Username != "ann" {
		t.Errorf("the token opens the data of %s", *me.Username)
	}
}
