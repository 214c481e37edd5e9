package rpc

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

const mismatch = "The request signature we calculated does not match the signature you provided. " +
	"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."

func TestDoorVerifiesSignatures(t *testing.T) {
	t.Parallel()
	url, _ := open(t, Config{Operations: calls(answering(nil, nil), "AdminGetUser")})
	root := aws.Credentials{AccessKeyID: "ROOT", SecretAccessKey: "secret of ROOT"}
	signed := func(c aws.Credentials, service string, at time.Time) *http.Request {
		return signWith(t, request(t, url, idpTarget+"AdminGetUser", getUserBody), getUserBody, c, service, at)
	}
	malformed := signed(root, "cognito-idp", testNow)
	malformed.Header.Set("Authorization", "Bearer abc")
	changed := signed(root, "cognito-idp", testNow)
	changed.Header.Set("Content-Type", "text/plain")
	tests := []struct {
		name          string
		r             *http.Request
		code, message string // none for a success
	}{
		{"a right signature", signed(root, "cognito-idp", testNow), "", ""},
		{
			"no signature", request(t, url, idpTarget+"AdminGetUser", getUserBody),
			"MissingAuthenticationTokenException", "Missing Authentication Token",
		},
		{
			"an unknown key", signed(aws.Credentials{AccessKeyID: "NOBODY", SecretAccessKey: "x"}, "cognito-idp", testNow),
			"UnrecognizedClientException", "The security token included in the request is invalid.",
		},
		{"a session token nobody gave", signed(aws.Credentials{AccessKeyID: "ROOT", SecretAccessKey: "secret of ROOT", SessionToken: "x"},
			"cognito-idp", testNow), "UnrecognizedClientException", "The security token included in the request is invalid."},
		{"temporary credentials that ended", signed(aws.Credentials{
			AccessKeyID: "TEMPORARY", SecretAccessKey: "secret of TEMPORARY",
			SessionToken: "session",
		}, "cognito-idp", testNow), "ExpiredTokenException", "The security token included in the request is expired"},
		{
			"a wrong secret", signed(aws.Credentials{AccessKeyID: "ROOT", SecretAccessKey: "x"}, "cognito-idp", testNow),
			"InvalidSignatureException", mismatch,
		},
		{"a changed header", changed, "InvalidSignatureException", mismatch},
		{
			"a slow clock", signed(root, "cognito-idp", testNow.Add(-6*time.Minute)), "InvalidSignatureException",
			"Signature expired: 20260314T150326Z is now earlier than 20260314T150426Z (20260314T150926Z - 5 min.)",
		},
		{
			"a fast clock", signed(root, "cognito-idp", testNow.Add(6*time.Minute)), "InvalidSignatureException",
			"Signature not yet current: 20260314T151526Z is still later than 20260314T151426Z (20260314T150926Z + 5 min.)",
		},
		{"a malformed header", malformed, "IncompleteSignatureException", "Authorization header requires 'Credential' parameter. " +
			"Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter."},
		{
			"the other service", signed(root, "cognito-identity", testNow), "InvalidSignatureException",
			"Credential should be scoped to correct service: 'cognito-idp'.",
		},
		{
			"keys that can't be looked up", signed(aws.Credentials{AccessKeyID: "BROKEN", SecretAccessKey: "x"}, "cognito-idp", testNow),
			"InternalErrorException", "Something went wrong",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			resp := send(t, tt.r)
			switch tt.code {
			case "":
				if resp.StatusCode != http.StatusOK {
					t.Errorf("got %d %s", resp.StatusCode, resp.body)
				}
			case "InternalErrorException":
				resp.wantFault(t, 500, tt.code, tt.message)
			default:
				resp.wantFault(t, 400, tt.code, tt.message)
			}
		})
	}
}

func TestDoorVerifiesBeforeItDecodes(t *testing.T) {
	t.Parallel()
	url, _ := open(t, Config{Operations: calls(answering(nil, nil), "AdminGetUser")})
	send(t, request(t, url, idpTarget+"AdminGetUser", "[]")).
		wantFault(t, 400, "MissingAuthenticationTokenException", "Missing Authentication Token")
}

func TestDoorTakesAnyCredentialsWhereItIsToldTo(t *testing.T) {
	t.Parallel()
	url, _ := open(t, Config{AnyCredentials: true, Operations: calls(answering(nil, nil), "AdminGetUser")})
	unsigned := request(t, url, idpTarget+"AdminGetUser", getUserBody)
	nonsense := request(t, url, idpTarget+"AdminGetUser", getUserBody)
	nonsense.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=fake")
	limited := sign(t, request(t, url, idpTarget+"AdminGetUser", getUserBody), getUserBody, "NOBODY")
	for name, r := range map[string]*http.Request{"unsigned": unsigned, "nonsense": nonsense, "an unknown key": limited} {
		if resp := send(t, r); resp.StatusCode != http.StatusOK {
			t.Errorf("%s: got %d %s", name, resp.StatusCode, resp.body)
		}
	}
}

func TestDoorAsksThePolicyOfTheKey(t *testing.T) {
	t.Parallel()
	url, _ := open(t, Config{Operations: table(answering(nil, nil), idpTarget+"AdminGetUser", idpTarget+"AdminDeleteUser", idpTarget+"ListUserPools",
		idpTarget+"ListTagsForResource", idpTarget+"TagResource", identityTarget+"DescribeIdentityPool")})
	const otherPool = "us-east-1_zzzzzzzzz"
	arn := func(pool string) string { return "arn:aws:cognito-idp:us-east-1:000000000000:userpool/" + pool }
	tests := []struct {
		name, key, target, body string
		action, resource        string // of the refusal; none for a success
	}{
		{"a key without limits", "ROOT", idpTarget + "AdminDeleteUser", getUserBody, "", ""},
		{"an operation that is allowed", "READER", idpTarget + "AdminGetUser", getUserBody, "", ""},
		{"an operation allowed by a pattern", "READER", idpTarget + "ListUserPools", `{"MaxResults":10}`, "", ""},
		{"an operation that is not", "READER", idpTarget + "AdminDeleteUser", getUserBody, "cognito-idp:AdminDeleteUser", arn(testPool)},
		{"the pool that is allowed", "TENANT", idpTarget + "AdminDeleteUser", getUserBody, "", ""},
		{
			"another pool", "TENANT", idpTarget + "AdminGetUser", strings.Replace(getUserBody, testPool, otherPool, 1),
			"cognito-idp:AdminGetUser", arn(otherPool),
		},
		{"all pools", "TENANT", idpTarget + "ListUserPools", `{"MaxResults":10}`, "cognito-idp:ListUserPools", "*"},
		{"the ARN of the pool that is allowed", "TENANT", idpTarget + "ListTagsForResource", `{"ResourceArn":"` + arn(testPool) + `"}`, "", ""},
		{
			"the ARN of another pool", "TENANT", idpTarget + "TagResource", `{"ResourceArn":"` + arn(otherPool) + `","Tags":{}}`,
			"cognito-idp:TagResource", arn(otherPool),
		},
		{
			"the ARN of something else", "TENANT", idpTarget + "ListTagsForResource",
			`{"ResourceArn":"arn:aws:s3:us-east-1:000000000000:userpool/` + testPool + `"}`, "cognito-idp:ListTagsForResource", "*",
		},
		{
			"an identity pool", "TENANT", identityTarget + "DescribeIdentityPool",
			`{"IdentityPoolId":"us-east-1:11111111-2222-3333-4444-555555555555"}`, "cognito-identity:DescribeIdentityPool",
			"arn:aws:cognito-identity:us-east-1:000000000000:identitypool/us-east-1:11111111-2222-3333-4444-555555555555",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			service := "cognito-idp"
			if strings.HasPrefix(tt.target, identityTarget) {
				service = "cognito-identity"
			}
			resp := send(t, signWith(t, request(t, url, tt.target, tt.body), tt.body,
				aws.Credentials{AccessKeyID: tt.key, SecretAccessKey: "secret of " + tt.key}, service, testNow))
			if tt.action == "" {
				if resp.StatusCode != http.StatusOK {
					t.Errorf("got %d %s", resp.StatusCode, resp.body)
				}
				return
			}
			resp.wantFault(t, 400, "AccessDeniedException", "User: arn:aws:iam::000000000000:user/"+strings.ToLower(tt.key)+
				" is not authorized to perform: "+tt.action+" on resource: "+tt.resource+
				" because no identity-based policy allows the "+tt.action+" action")
		})
	}
}
