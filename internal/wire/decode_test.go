package wire_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

func operation(t testing.TB, name string) *wire.Operation {
	t.Helper()
	for _, prefix := range []string{"AWSCognitoIdentityProviderService.", "AWSCognitoIdentityService."} {
		if o, ok := wire.Lookup(prefix + name); ok {
			return o
		}
	}
	t.Fatalf("no operation %s", name)
	return nil
}

func TestDecodeFillsInputs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		operation, body string
		want            any
	}{
		"a sign-in with its parameters": {
			"InitiateAuth",
			`{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":"abc123","AuthParameters":{"USERNAME":"ann","PASSWORD":"p w"}}`,
			&wire.InitiateAuthInput{
				AuthFlow: wire.AuthFlowUserPasswordAuth, ClientId: "abc123",
				AuthParameters: map[string]string{"USERNAME": "ann", "PASSWORD": "p w"},
			},
		},
		"null is absence, in members, lists and maps": {
			"SignUp",
			`{"ClientId":"c","Username":"u","Password":null,"UserAttributes":[null,{"Name":"email","Value":null}],"ClientMetadata":{"a":null,"b":"2"}}`,
			&wire.SignUpInput{
				ClientId: "c", Username: "u",
				UserAttributes: []wire.AttributeType{{Name: "email"}}, ClientMetadata: map[string]string{"b": "2"},
			},
		},
		"unknown members are ignored at any depth": {
			"SignUp",
			`{"New":{"a":[1,{"b":null}]},"ClientId":"c","Username":"u","UserAttributes":[{"Name":"email","X":1.5e9,"Value":"v"}]}`,
			&wire.SignUpInput{ClientId: "c", Username: "u", UserAttributes: []wire.AttributeType{{Name: "email", Value: "v"}}},
		},
		"an empty list and an empty map are not absent": {
			"AdminUpdateUserAttributes",
			`{"UserPoolId":"p_1","Username":"u","UserAttributes":[],"ClientMetadata":{}}`,
			&wire.AdminUpdateUserAttributesInput{
				UserPoolId: "p_1", Username: "u", UserAttributes: []wire.AttributeType{}, ClientMetadata: map[string]string{},
			},
		},
		"false and zero are not absent": {
			"CreateUserPoolClient",
			`{"UserPoolId":"p_1","ClientName":"c","GenerateSecret":false,"RefreshTokenValidity":0,"EnableTokenRevocation":true}`,
			&wire.CreateUserPoolClientInput{
				UserPoolId: "p_1", ClientName: "c",
				GenerateSecret: wire.Ptr(false), RefreshTokenValidity: wire.Ptr(int64(0)), EnableTokenRevocation: wire.Ptr(true),
			},
		},
		"whole numbers may be written with a fraction or an exponent": {
			"ListUsers", `{"UserPoolId":"p_1","Limit":2.0e1}`,
			&wire.ListUsersInput{UserPoolId: "p_1", Limit: wire.Ptr(int64(20))},
		},
		"nested structures": {
			"CreateUserPool", `{"PoolName":"p","Policies":{"PasswordPolicy":{"MinimumLength":12,"RequireSymbols":false}}}`,
			&wire.CreateUserPoolInput{
				PoolName: "p",
				Policies: &wire.UserPoolPolicyType{
					PasswordPolicy: &wire.PasswordPolicyType{MinimumLength: wire.Ptr(int64(12)), RequireSymbols: wire.Ptr(false)},
				},
			},
		},
		"members with a small first letter": {
			"AdminInitiateAuth",
			`{"UserPoolId":"p_1","ClientId":"c","AuthFlow":"USER_AUTH","ContextData":{"IpAddress":"127.0.0.1","ServerName":"s","ServerPath":"/","HttpHeaders":[{"headerName":"a","headerValue":"b"}]}}`,
			&wire.AdminInitiateAuthInput{
				UserPoolId: "p_1", ClientId: "c", AuthFlow: wire.AuthFlowUserAuth,
				ContextData: &wire.ContextDataType{
					IpAddress: "127.0.0.1", ServerName: "s", ServerPath: "/",
					HttpHeaders: []wire.HttpHeader{{HeaderName: "a", HeaderValue: "b"}},
				},
			},
		},
		"blobs and documents": {
			"CreateManagedLoginBranding",
			`{"UserPoolId":"p_1","ClientId":"c","Settings":{"a":[1,2]},"Assets":[{"Category":"FORM_LOGO","ColorMode":"DARK","Extension":"PNG","Bytes":"AQID"}]}`,
			&wire.CreateManagedLoginBrandingInput{
				UserPoolId: "p_1", ClientId: "c", Settings: wire.Document(`{"a":[1,2]}`),
				Assets: []wire.AssetType{{Category: "FORM_LOGO", ColorMode: "DARK", Extension: "PNG", Bytes: []byte{1, 2, 3}}},
			},
		},
		"a map of structures": {
			"SetIdentityPoolRoles",
			`{"IdentityPoolId":"us-east-1:0a","Roles":{"authenticated":"arn:aws:iam::000000000000:role/x"},"RoleMappings":{"p":{"Type":"Token"}}}`,
			&wire.SetIdentityPoolRolesInput{
				IdentityPoolId: "us-east-1:0a", Roles: map[string]string{"authenticated": "arn:aws:iam::000000000000:role/x"},
				RoleMappings: map[string]wire.RoleMapping{"p": {Type: "Token"}},
			},
		},
		"escaped names are names": {
			"GetUser", `{"Access\u0054oken":"a.b"}`, &wire.GetUserInput{AccessToken: "a.b"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := operation(t, c.operation).Decode([]byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodeRefusesMalformedBodies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, message string }{
		"an empty body":                     {"", ""},
		"white space":                       {" \n", ""},
		"null":                              {"null", ""},
		"a string":                          {`"x"`, ""},
		"a number":                          {"1", ""},
		"an array":                          {"[]", "Start of list found where not expected"},
		"half an object":                    {`{"ClientId":"c"`, ""},
		"half a string":                     {`{"ClientId":"c`, ""},
		"two objects":                       {`{"ClientId":"c","Username":"u"}{}`, ""},
		"a trailing comma":                  {`{"ClientId":"c","Username":"u",}`, ""},
		"a missing value":                   {`{"ClientId":}`, ""},
		"a name without quotes":             {`{ClientId:"c"}`, ""},
		"a half-written list":               {`{"UserAttributes":[{"Name":"a"},`, ""},
		"a half-written map":                {`{"ClientMetadata":{"a":"b"`, ""},
		"a wrong bracket":                   {`{"UserAttributes":[}`, ""},
		"a name that occurs twice":          {`{"ClientId":"c","ClientId":"d"}`, ""},
		"an unknown name that occurs twice": {`{"x":1,"x":2}`, ""},
		"text that is not UTF-8":            {"{\"ClientId\":\"\xff\"}", ""},
		"half a surrogate pair":             {`{"ClientId":"\ud800"}`, ""},
		"deep nesting in what is unknown":   {`{"x":` + strings.Repeat("[", 65) + strings.Repeat("]", 65) + `}`, ""},
		"deeper nesting":                    {`{"x":` + strings.Repeat(`{"a":`, 100_000), ""},
		"a number for a string":             {`{"ClientId":1}`, "NUMBER_VALUE can not be converted to a String"},
		"true for a string":                 {`{"ClientId":true}`, "TRUE_VALUE can not be converted to a String"},
		"false for a string":                {`{"ClientId":false}`, "FALSE_VALUE can not be converted to a String"},
		"an object for a string":            {`{"ClientId":{}}`, "Start of structure or map found where not expected."},
		"a list for a string":               {`{"ClientId":[]}`, "Start of list found where not expected"},
		"a string for a list":               {`{"UserAttributes":"a"}`, "Unexpected field type"},
		"an object for a list":              {`{"UserAttributes":{}}`, "Start of structure or map found where not expected."},
		"a list for a structure":            {`{"AnalyticsMetadata":[]}`, "Start of list found where not expected"},
		"a number for a map":                {`{"ClientMetadata":1}`, "Unexpected field type"},
		"a number in a map of strings":      {`{"ClientMetadata":{"a":1}}`, "NUMBER_VALUE can not be converted to a String"},
		"a string in a list of structures":  {`{"UserAttributes":["a"]}`, "Unexpected field type"},
		"a wrong type beside a violation":   {`{"Username":"","ClientId":1}`, "NUMBER_VALUE can not be converted to a String"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := operation(t, "SignUp").Decode([]byte(c.body))
			wantFault(t, err, fault.Serialization, c.message)
		})
	}
	for name, c := range map[string]struct{ operation, body, message string }{
		"a string for a number":          {"ListUsers", `{"Limit":"1"}`, "STRING_VALUE can not be converted to an Integer"},
		"a fraction for a number":        {"ListUsers", `{"Limit":1.5}`, "NUMBER_VALUE can not be converted to an Integer"},
		"a number past 32 bits":          {"ListUsers", `{"Limit":4294967297}`, "NUMBER_VALUE can not be converted to an Integer"},
		"a huge number":                  {"ListUsers", `{"Limit":1e999}`, "NUMBER_VALUE can not be converted to an Integer"},
		"a string for a boolean":         {"CreateUserPoolClient", `{"GenerateSecret":"true"}`, "STRING_VALUE can not be converted to a Boolean"},
		"a number for a boolean":         {"CreateUserPoolClient", `{"GenerateSecret":1}`, "NUMBER_VALUE can not be converted to a Boolean"},
		"a number in a list of strings":  {"ListUsers", `{"AttributesToGet":[1]}`, "NUMBER_VALUE can not be converted to a String"},
		"a list in a list of strings":    {"ListUsers", `{"AttributesToGet":[[]]}`, "Start of list found where not expected"},
		"a blob that is not base64":      {"SetUICustomization", `{"ImageFile":"%"}`, "STRING_VALUE can not be converted to a Blob"},
		"a document that is cut off":     {"CreateManagedLoginBranding", `{"Settings":{"a":`, ""},
		"a document that nests too deep": {"CreateManagedLoginBranding", `{"Settings":` + strings.Repeat("[", 65) + strings.Repeat("]", 65) + `}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := operation(t, c.operation).Decode([]byte(c.body))
			wantFault(t, err, fault.Serialization, c.message)
		})
	}
}

func TestDecodeTellsEveryViolation(t *testing.T) {
	t.Parallel()
	const username = `[\p{L}\p{M}\p{S}\p{N}\p{P}]+`
	long := strings.Repeat("é", 2049)
	for name, c := range map[string]struct{ operation, body, message string }{
		"one violation": {
			"DescribeUserPool", `{"UserPoolId":"YOUR_POOL!"}`,
			`1 validation error detected: Value 'YOUR_POOL!' at 'userPoolId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w-]+_[0-9a-zA-Z]+`,
		},
		"several, in the order of the model and not of the body": {
			"SignUp", `{"Username":"","ClientId":"c d"}`,
			`3 validation errors detected: Value at 'clientId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+]+; ` +
				`Value at 'username' failed to satisfy constraint: Member must have length greater than or equal to 1; ` +
				`Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: ` + username,
		},
		"required members that are missing or null; a sensitive one says nothing of its value": {
			"AdminGetUser", `{"Username":null}`,
			`2 validation errors detected: Value null at 'userPoolId' failed to satisfy constraint: Member must not be null; ` +
				`Value at 'username' failed to satisfy constraint: Member must not be null`,
		},
		"a password is not repeated": {
			"SignUp", `{"ClientId":"c","Username":"u","Password":"a b "}`,
			`1 validation error detected: Value at 'password' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[\S]+.*[\S]+$`,
		},
		"a confirmation code is": {
			"ConfirmSignUp", `{"ClientId":"c","Username":"u","ConfirmationCode":""}`,
			`2 validation errors detected: Value '' at 'confirmationCode' failed to satisfy constraint: Member must have length greater than or equal to 1; ` +
				`Value '' at 'confirmationCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [\S]+`,
		},
		"a number out of range": {
			"CreateUserPool", `{"PoolName":"p","Policies":{"PasswordPolicy":{"MinimumLength":5}}}`,
			`1 validation error detected: Value '5' at 'policies.passwordPolicy.minimumLength' failed to satisfy constraint: Member must have value greater than or equal to 6`,
		},
		"a value outside of its enumeration": {
			"InitiateAuth", `{"ClientId":"c","AuthFlow":"X"}`,
			`1 validation error detected: Value 'X' at 'authFlow' failed to satisfy constraint: Member must satisfy enum value set: [USER_SRP_AUTH, REFRESH_TOKEN_AUTH, REFRESH_TOKEN, CUSTOM_AUTH, ADMIN_NO_SRP_AUTH, USER_PASSWORD_AUTH, ADMIN_USER_PASSWORD_AUTH, USER_AUTH]`,
		},
		"a wrong element is told of its list": {
			"CreateUserPoolClient", `{"UserPoolId":"p_1","ClientName":"c","AllowedOAuthFlows":["x"]}`,
			`1 validation error detected: Value '[x]' at 'allowedOAuthFlows' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [implicit, client_credentials, code]]`,
		},
		"and with all rules of the element": {
			"ListUsers", `{"UserPoolId":"p_1","AttributesToGet":["email",""]}`,
			`1 validation error detected: Value '[email, ]' at 'attributesToGet' failed to satisfy constraint: Member must satisfy constraint: ` +
				`[Member must have length less than or equal to 32, Member must have length greater than or equal to 1, ` +
				`Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r ]+]`,
		},
		"a blob is shown as the buffer it is in": {
			"SetUICustomization", `{"UserPoolId":"p_1","ImageFile":"` + strings.Repeat("AAAA", 131073/3+1) + `"}`,
			`1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=131076 cap=131076]' at 'imageFile' failed to satisfy constraint: ` +
				`Member must have length less than or equal to 131072`,
		},
		"a structure in a list is counted from one": {
			"AdminUpdateUserAttributes", `{"UserPoolId":"p_1","Username":"u","UserAttributes":[{"Name":"a"},{"Name":""}]}`,
			`2 validation errors detected: Value '' at 'userAttributes.2.member.name' failed to satisfy constraint: Member must have length greater than or equal to 1; ` +
				`Value '' at 'userAttributes.2.member.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r ]+`,
		},
		"the value of an attribute is not repeated": {
			"SignUp", `{"ClientId":"c","Username":"u","UserAttributes":[{"Name":"a","Value":"` + long + `"}]}`,
			`1 validation error detected: Value at 'userAttributes.1.member.value' failed to satisfy constraint: Member must have length less than or equal to 2048`,
		},
		"too few elements": {
			"CreateUserPool", `{"PoolName":"p","Schema":[]}`,
			`1 validation error detected: Value '[]' at 'schema' failed to satisfy constraint: Member must have length greater than or equal to 1`,
		},
		"a wrong value in a map": {
			"TagResource", `{"ResourceArn":"arn:aws:cognito-idp:us-east-1:000000000000:userpool/p_1","Tags":{"b":"2","a":"` + strings.Repeat("x", 257) + `"}}`,
			`1 validation error detected: Value '{a=` + strings.Repeat("x", 257) + `, b=2}' at 'tags' failed to satisfy constraint: Map value must satisfy constraint: ` +
				`[Member must have length less than or equal to 256, Member must have length greater than or equal to 0]`,
		},
		"a wrong key in a map": {
			"TagResource", `{"ResourceArn":"arn:aws:cognito-idp:us-east-1:000000000000:userpool/p_1","Tags":{"":"2"}}`,
			`1 validation error detected: Value '{=2}' at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: ` +
				`[Member must have length less than or equal to 128, Member must have length greater than or equal to 1]`,
		},
		"a structure in a map": {
			"SetIdentityPoolRoles", `{"IdentityPoolId":"us-east-1:0a","Roles":{},"RoleMappings":{"p":{}}}`,
			`1 validation error detected: Value null at 'roleMappings.p.member.type' failed to satisfy constraint: Member must not be null`,
		},
		"what is inside of something sensitive is not repeated": {
			"ConfirmDevice", `{"AccessToken":"a","DeviceKey":"x","DeviceSecretVerifierConfig":{"Salt":"` + strings.Repeat("x", 131073) + `"}}`,
			`2 validation errors detected: Value 'x' at 'deviceKey' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w-]+_[0-9a-f-]+; ` +
				`Value at 'deviceSecretVerifierConfig.salt' failed to satisfy constraint: Member must have length less than or equal to 131072`,
		},
		"a long value is cut": {
			"ListUsers", `{"UserPoolId":"p_1","Filter":"` + strings.Repeat("é", 300) + `"}`,
			`1 validation error detected: Value '` + strings.Repeat("é", 256) + `...' at 'filter' failed to satisfy constraint: Member must have length less than or equal to 256`,
		},
		"a structure in a list in a structure": {
			"SetLogDeliveryConfiguration",
			`{"UserPoolId":"p_1","LogConfigurations":[{"LogLevel":"INFO","EventSource":"userAuthEvents","S3Configuration":{"BucketArn":"nope"}}]}`,
			`1 validation error detected: Value 'nope' at 'logConfigurations.1.member.s3Configuration.bucketArn' failed to satisfy constraint: ` +
				`Member must satisfy regular expression pattern: arn:[\w+=/,.@-]+:[\w+=/,.@-]+:::[\w+=/,.@-]+(:[\w+=/,.@-]+)?(:[\w+=/,.@-]+)?`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := operation(t, c.operation)
			_, err := o.Decode([]byte(c.body))
			code := fault.InvalidParameter
			if o.Service == wire.IdentityPools {
				code = fault.Validation // observed; the text has the same form
			}
			wantFault(t, err, code, c.message)
		})
	}
}

func TestDecodeCountsAsTheServiceDoes(t *testing.T) {
	t.Parallel()
	const pool = "eu-west-1_Abc123XyZ"
	for name, c := range map[string]struct {
		operation, body string
		good            bool
	}{
		"128 letters are good":                       {"AdminGetUser", `{"UserPoolId":"` + pool + `","Username":"` + strings.Repeat("é", 128) + `"}`, true},
		"129 letters are not":                        {"AdminGetUser", `{"UserPoolId":"` + pool + `","Username":"` + strings.Repeat("é", 129) + `"}`, false},
		"64 characters of two units are good":        {"AdminGetUser", `{"UserPoolId":"` + pool + `","Username":"` + strings.Repeat("😀", 64) + `"}`, true},
		"65 of them are not":                         {"AdminGetUser", `{"UserPoolId":"` + pool + `","Username":"` + strings.Repeat("😀", 65) + `"}`, false},
		"a name with a space is not good":            {"AdminGetUser", `{"UserPoolId":"` + pool + `","Username":"a b"}`, false},
		"a name with a line feed at the end is not":  {"AdminGetUser", `{"UserPoolId":"` + pool + `","Username":"a\n"}`, false},
		"a pool id ends in letters and digits":       {"AdminGetUser", `{"UserPoolId":"` + pool + `-","Username":"a"}`, false},
		"a pool id may have several underscores":     {"AdminGetUser", `{"UserPoolId":"a_b_c","Username":"a"}`, true},
		"a pool id needs something before it":        {"AdminGetUser", `{"UserPoolId":"_c","Username":"a"}`, false},
		"a pool id has no other letters":             {"AdminGetUser", `{"UserPoolId":"é_c","Username":"a"}`, false},
		"Java counts a vertical tab as white space":  {"ConfirmSignUp", `{"ClientId":"c","Username":"u","ConfirmationCode":"1\u000b2"}`, false},
		"a no-break space is not white space there":  {"ConfirmSignUp", `{"ClientId":"c","Username":"u","ConfirmationCode":"1\u00a02"}`, true},
		"a dot does not match a line separator":      {"CreateUserPool", `{"PoolName":"p","SmsVerificationMessage":"a\u2028{####}"}`, false},
		"a message needs the place of the code":      {"CreateUserPool", `{"PoolName":"p","SmsVerificationMessage":"your code"}`, false},
		"a message with it is good":                  {"CreateUserPool", `{"PoolName":"p","SmsVerificationMessage":"code {####}."}`, true},
		"empty parameters reach the operation":       {"InitiateAuth", `{"ClientId":"c","AuthFlow":"USER_AUTH","AuthParameters":{"USERNAME":""}}`, true},
		"a flow that only the documentation names":   {"CreateUserPoolClient", `{"UserPoolId":"a_b","ClientName":"c","ExplicitAuthFlows":["ALLOW_CLIENT_TOKEN_AUTH"]}`, true},
		"blobs are measured in bytes, not in base64": {"SetUICustomization", `{"UserPoolId":"a_b","ImageFile":"` + strings.Repeat("AAAA", 131072/3) + `"}`, true},
		"and have a limit":                           {"SetUICustomization", `{"UserPoolId":"a_b","ImageFile":"` + strings.Repeat("AAAA", 131072/3+1) + `"}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := operation(t, c.operation).Decode([]byte(c.body))
			if c.good && err != nil {
				t.Errorf("got %v, want none", err)
			}
			if !c.good && !fault.Is(err, fault.InvalidParameter) {
				t.Errorf("got %v, want %s", err, fault.InvalidParameter)
			}
		})
	}
}

func TestDecodeKeepsMessagesShort(t *testing.T) {
	t.Parallel()
	var body strings.Builder
	body.WriteString(`{"UserPoolId":"p_1","Username":"u","UserAttributes":[{}`)
	for range 399 {
		body.WriteString(`,{}`)
	}
	body.WriteString(`]}`)
	_, err := operation(t, "AdminUpdateUserAttributes").Decode([]byte(body.String()))
	var f *fault.Error
	if !errors.As(err, &f) {
		t.Fatalf("got %v, want a fault", err)
	}
	if !strings.HasPrefix(f.Message, "400 validation errors detected: Value null at 'userAttributes.1.member.name'") || len(f.Message) > 8000 {
		t.Errorf("got %d bytes: %.200s", len(f.Message), f.Message)
	}

	_, err = operation(t, "CreateUserPool").Decode([]byte(`{"PoolName":"p","EmailVerificationMessage":"` + strings.Repeat("é", 500_000) + `"}`))
	if !errors.As(err, &f) || len(f.Message) > 2000 {
		t.Errorf("got %d bytes: %.200s", len(f.Message), f.Message)
	}
}

func wantFault(t *testing.T, err error, code fault.Code, message string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) {
		t.Fatalf("got %v, want a fault", err)
	}
	if f.Code != code || f.Message != message {
		t.Errorf("got  %s: %s\nwant %s: %s", f.Code, f.Message, code, message)
	}
}
