package flows

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
	"github.com/cenote-id/cenote/internal/wire"
)

// A tool that keeps settings as code applies, reads, and compares. It sees differences for ever when what is read back is not what it
// expects, and destroys settings when a member that it does not send is lost. So each member of each operation that changes settings is
// applied, read, changed, left out of a change of something else, and reset, and the answer is compared with a model at each step.

// settingsMember says what becomes of one member of an update.
type settingsMember struct {
	first, second any // what is sent
	shownFirst    any // what is read when first was sent, where it differs
	shownSecond   any
	absent        any                        // what is read when it was never sent
	resets        bool                       // leaving it out of an update resets it
	reset         any                        // what resets it; nil where nothing does
	shownReset    any                        // what is read then, where it is not what was read at first
	with          doc                        // what has to be sent with it
	also          func(model doc, shown any) // what else shows it
}

// settingsClient calls operations as any HTTP client does.
type settingsClient struct{ url string }

func (c settingsClient) call(t *testing.T, operation string, in doc) doc {
	t.Helper()
	status, out := c.try(t, operation, in)
	if status != http.StatusOK {
		t.Fatalf("%s %v: %d %v", operation, in, status, out)
	}
	return out
}

func (c settingsClient) try(t *testing.T, operation string, in doc) (int, doc) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var out doc
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatalf("%s: %s: %v", operation, text, err)
	}
	return res.StatusCode, out
}

const (
	settingsFunction = "arn:aws:lambda:us-east-1:000000000000:function:judge"
	settingsRole     = "arn:aws:iam::000000000000:role/sender"
	settingsSES      = "arn:aws:ses:us-east-1:000000000000:identity/example.com"
)

// poolMembers has every member of UpdateUserPool but the id.
var poolMembers = map[string]settingsMember{
	"PoolName":               {first: "first", second: "second", absent: "first"},
	"DeletionProtection":     {first: "ACTIVE", second: "INACTIVE", absent: "INACTIVE", reset: "INACTIVE"},
	"AutoVerifiedAttributes": {first: []any{"email"}, second: []any{"phone_number"}, resets: true, reset: []any{}},
	"LambdaConfig": {
		first: doc{"PreSignUp": settingsFunction}, second: doc{"PostConfirmation": settingsFunction}, absent: doc{}, resets: true, reset: doc{},
	},
	"DeviceConfiguration": {
		first: doc{"ChallengeRequiredOnNewDevice": true}, shownFirst: doc{"ChallengeRequiredOnNewDevice": true, "DeviceOnlyRememberedOnUserPrompt": false},
		second: doc{"DeviceOnlyRememberedOnUserPrompt": true}, shownSecond: doc{"ChallengeRequiredOnNewDevice": false, "DeviceOnlyRememberedOnUserPrompt": true},
		resets: true, reset: doc{},
	},
	"UserPoolAddOns": {first: doc{"AdvancedSecurityMode": "OFF"}, second: doc{"AdvancedSecurityMode": "OFF"}, resets: true},
	"Policies": {
		first: doc{"PasswordPolicy": doc{
			"MinimumLength": 14.0, "RequireSymbols": true, "RequireUppercase": true, "RequireLowercase": true,
			"RequireNumbers": true, "TemporaryPasswordValidityDays": 3.0,
		}, "SignInPolicy": doc{"AllowedFirstAuthFactors": []any{"PASSWORD"}}},
		second: doc{"PasswordPolicy": doc{
			"MinimumLength": 9.0, "RequireSymbols": false, "RequireUppercase": false, "RequireLowercase": true,
			"RequireNumbers": false, "TemporaryPasswordValidityDays": 7.0,
		}, "SignInPolicy": doc{"AllowedFirstAuthFactors": []any{"PASSWORD", "WEB_AUTHN"}}},
		absent: defaultPolicies, reset: defaultPolicies,
		also: func(model doc, shown any) { // the life of temporary passwords is shown under two names
			config := maps.Clone(model["AdminCreateUserConfig"].(doc))
			config["UnusedAccountValidityDays"] = shown.(doc)["PasswordPolicy"].(doc)["TemporaryPasswordValidityDays"]
			model["AdminCreateUserConfig"] = config
		},
	},
	"AdminCreateUserConfig": {
		first: doc{"AllowAdminCreateUserOnly": true}, shownFirst: doc{"AllowAdminCreateUserOnly": true, "UnusedAccountValidityDays": 7.0},
		second:      doc{"AllowAdminCreateUserOnly": false, "InviteMessageTemplate": doc{"EmailSubject": "Hi"}},
		shownSecond: doc{"AllowAdminCreateUserOnly": false, "UnusedAccountValidityDays": 7.0, "InviteMessageTemplate": doc{"EmailSubject": "Hi"}},
		absent:      doc{"AllowAdminCreateUserOnly": false, "UnusedAccountValidityDays": 7.0}, reset: doc{},
	},
	"VerificationMessageTemplate": {
		first:      doc{"EmailMessage": "{####} first", "EmailSubject": "first", "SmsMessage": "{####} first"},
		shownFirst: doc{"EmailMessage": "{####} first", "EmailSubject": "first", "SmsMessage": "{####} first", "DefaultEmailOption": "CONFIRM_WITH_CODE"},
		second:     doc{"DefaultEmailOption": "CONFIRM_WITH_LINK", "EmailMessageByLink": "{##here##}"},
		absent:     doc{"DefaultEmailOption": "CONFIRM_WITH_CODE"}, reset: doc{},
		also: func(model doc, shown any) {
			for older, name := range olderTexts {
				setOrDelete(model, older, shown.(doc)[name])
			}
		},
	},
	"EmailVerificationMessage": {first: "{####} older", second: "{####} newer", also: mirrored("EmailMessage")},
	"EmailVerificationSubject": {first: "older", second: "newer", also: mirrored("EmailSubject")},
	"SmsVerificationMessage":   {first: "{####} older", second: "{####} newer", also: mirrored("SmsMessage")},
	"SmsAuthenticationMessage": {first: "{####} opens", second: "{####} signs in"},
	"UserAttributeUpdateSettings": {
		first: doc{"AttributesRequireVerificationBeforeUpdate": []any{}}, second: doc{"AttributesRequireVerificationBeforeUpdate": []any{}},
		reset: doc{"AttributesRequireVerificationBeforeUpdate": []any{}}, shownReset: doc{"AttributesRequireVerificationBeforeUpdate": []any{}},
	},
	"MfaConfiguration": {
		first: "OPTIONAL", second: "OFF", absent: "OFF", reset: "OFF",
		with: doc{"SmsConfiguration": doc{"SnsCallerArn": settingsRole, "SnsRegion": "us-east-1"}},
	},
	"EmailConfiguration": {
		first:  doc{"EmailSendingAccount": "DEVELOPER", "SourceArn": settingsSES, "From": "a@example.com"},
		second: doc{"EmailSendingAccount": "COGNITO_DEFAULT", "ReplyToEmailAddress": "b@example.com"},
		absent: doc{"EmailSendingAccount": "COGNITO_DEFAULT"}, reset: doc{},
	},
	"SmsConfiguration": {
		first: doc{"SnsCallerArn": settingsRole}, shownFirst: doc{"SnsCallerArn": settingsRole, "SnsRegion": "us-east-1"},
		second: doc{"SnsCallerArn": settingsRole + "2", "ExternalId": "x", "SnsRegion": "eu-west-1"},
	},
	"UserPoolTags": {first: doc{"a": "1"}, second: doc{"b": "2"}, absent: doc{}, reset: doc{}},
	"AccountRecoverySetting": {
		first:  doc{"RecoveryMechanisms": []any{doc{"Name": "admin_only", "Priority": 1.0}}},
		second: doc{"RecoveryMechanisms": []any{doc{"Name": "verified_phone_number", "Priority": 1.0}}},
		absent: defaultRecovery, reset: defaultRecovery,
	},
	"UserPoolTier":        {first: "PLUS", second: "ESSENTIALS", absent: "ESSENTIALS", reset: "ESSENTIALS"},
	"KeyConfiguration":    {first: doc{"KeyType": "AWS_OWNED_KEY"}, second: doc{"KeyType": "AWS_OWNED_KEY"}},
	"IssuerConfiguration": {first: doc{"Type": "UPDATED"}, second: doc{"Type": "ORIGINAL"}},
	"DcrConfiguration": {
		first:  doc{"EnableStatus": "Disabled", "OpenDcrEnabled": false, "AuthenticatedGrantTypes": []any{"code"}, "OpenDcrGrantTypes": []any{"code"}},
		second: doc{"EnableStatus": "Enabled", "OpenDcrEnabled": true, "AuthenticatedGrantTypes": []any{"code"}, "OpenDcrGrantTypes": []any{"code"}},
	},
	"AcrConfiguration": {first: acrNames("a"), second: acrNames("b"), absent: acrNames("urn:cognito:loa:"), reset: doc{}},
}

var (
	defaultPolicies = doc{
		"PasswordPolicy": doc{
			"MinimumLength": 8.0, "RequireSymbols": true, "RequireUppercase": true, "RequireLowercase": true, "RequireNumbers": true,
			"TemporaryPasswordValidityDays": 7.0,
		},
		"SignInPolicy": doc{"AllowedFirstAuthFactors": []any{"PASSWORD"}},
	}
	defaultRecovery = doc{"RecoveryMechanisms": []any{
		doc{"Name": "verified_email", "Priority": 1.0}, doc{"Name": "verified_phone_number", "Priority": 2.0},
	}}
	olderTexts = map[string]string{
		"EmailVerificationMessage": "EmailMessage", "EmailVerificationSubject": "EmailSubject", "SmsVerificationMessage": "SmsMessage",
	}
)

func acrNames(prefix string) doc {
	d := doc{}
	for i := 1; i <= 4; i++ {
		d[fmt.Sprintf("Level%d", i)] = doc{"AcrValue": fmt.Sprintf("%s%d", prefix, i)}
	}
	return d
}

// mirrored is for a text that the template shows under its newer name.
func mirrored(name string) func(doc, any) {
	return func(model doc, shown any) {
		template := maps.Clone(model["VerificationMessageTemplate"].(doc))
		setOrDelete(template, name, shown)
		model["VerificationMessageTemplate"] = template
	}
}

func setOrDelete(d doc, name string, value any) {
	if value == nil {
		delete(d, name)
		return
	}
	d[name] = value
}

// settingsModel is what a resource is expected to show, member by member.
type settingsModel struct {
	members   map[string]settingsMember
	read      func(t *testing.T) doc
	update    func(t *testing.T, in doc)
	unrelated []doc // updates of something else
	shown     doc
}

// walk takes each member through its life: applied, applied again, left out of updates of something else, changed and reset.
func (m *settingsModel) walk(t *testing.T) {
	t.Helper()
	m.shown = doc{}
	for name, member := range m.members {
		setOrDelete(m.shown, name, member.absent)
	}
	m.look(t, "after creation")
	for _, name := range slices.Sorted(maps.Keys(m.members)) {
		member := m.members[name]
		with := func(value any) doc {
			in := doc{name: value}
			maps.Copy(in, member.with)
			return in
		}
		first, second := orElse(member.shownFirst, member.first), orElse(member.shownSecond, member.second)
		m.send(t, name+" applied", with(member.first), doc{name: first})
		m.send(t, name+" applied again", with(member.first), doc{name: first})
		for _, other := range m.unrelated {
			if _, same := other[name]; !same {
				m.send(t, name+" left out of another update", other, nil)
			}
		}
		m.send(t, name+" changed", with(member.second), doc{name: second})
		if member.reset != nil {
			m.send(t, name+" reset", with(member.reset), doc{name: orElse(member.shownReset, member.absent)})
		}
	}
}

// send updates the resource and the model, and compares them. Shown says how a value that is sent is shown, where that differs.
func (m *settingsModel) send(t *testing.T, when string, in, shown doc) {
	t.Helper()
	m.update(t, maps.Clone(in))
	for name, member := range m.members {
		if member.resets {
			setOrDelete(m.shown, name, member.absent)
		}
	}
	for name, value := range in {
		if v, ok := shown[name]; ok {
			value = v
		}
		setOrDelete(m.shown, name, value)
		if also := m.members[name].also; also != nil {
			also(m.shown, value)
		}
	}
	m.look(t, when)
}

func (m *settingsModel) look(t *testing.T, when string) {
	t.Helper()
	got := m.read(t)
	for name := range got {
		if _, ok := m.members[name]; !ok {
			delete(got, name)
		}
	}
	if diff := cmp.Diff(m.shown, got); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", when, diff)
	}
}

func orElse(v, other any) any {
	if v == nil {
		return other
	}
	return v
}

// plainServer starts a server whose pool has no settings of its own, unlike the one that a development server makes.
func plainServer(t *testing.T, database string) *cenotetest.Server {
	t.Helper()
	srv := cenotetest.Start(t, cenotetest.Options{Database: database})
	c := settingsClient{srv.URL}
	srv.PoolID = c.call(t, "CreateUserPool", doc{"PoolName": "plain"})["UserPool"].(doc)["Id"].(string)
	srv.ClientID = c.call(t, "CreateUserPoolClient", doc{
		"UserPoolId": srv.PoolID, "ClientName": "plain", "ExplicitAuthFlows": []any{"ALLOW_USER_PASSWORD_AUTH"},
	})["UserPoolClient"].(doc)["ClientId"].(string)
	return srv
}

func onBothDatabases(t *testing.T, run func(t *testing.T, srv *cenotetest.Server)) {
	for name, database := range map[string]func(t *testing.T) string{
		"SQLite": func(*testing.T) string { return "" }, "PostgreSQL": func(t *testing.T) string { return pgtest.Start(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, plainServer(t, database(t)))
		})
	}
}

func TestEverySettingOfAPoolIsReadAsItWasApplied(t *testing.T) {
	t.Parallel()
	everyMember(t, wire.UpdateUserPoolInput{}, poolMembers, "UserPoolId")
	onBothDatabases(t, func(t *testing.T, srv *cenotetest.Server) {
		c := settingsClient{srv.URL}
		pool := c.call(t, "CreateUserPool", doc{"PoolName": "first"})["UserPool"].(doc)["Id"].(string)
		(&settingsModel{
			members: poolMembers,
			read: func(t *testing.T) doc {
				got := c.call(t, "DescribeUserPool", doc{"UserPoolId": pool})["UserPool"].(doc)
				got["PoolName"] = got["Name"]
				return got
			},
			update: func(t *testing.T, in doc) {
				in["UserPoolId"] = pool
				c.call(t, "UpdateUserPool", in)
			},
			unrelated: []doc{{}, {"PoolName": "other"}, {"SmsAuthenticationMessage": "{####} other"}},
		}).walk(t)
	})
}

// clientMembers has every member of UpdateUserPoolClient but the ids. All but the name are reset by an update that leaves them out, as
// reported of the service and documented by it.
var clientMembers = map[string]settingsMember{
	"ClientName":           {first: "first", second: "second", absent: "app"},
	"RefreshTokenValidity": {first: 7.0, second: 9.0, absent: 30.0, resets: true, reset: 0.0},
	"AccessTokenValidity":  {first: 2.0, second: 3.0, resets: true},
	"IdTokenValidity":      {first: 2.0, second: 3.0, resets: true},
	"TokenValidityUnits": {
		first: doc{"AccessToken": "minutes"}, second: doc{"RefreshToken": "days", "IdToken": "hours"}, resets: true, reset: doc{},
	},
	"ReadAttributes":             {first: []any{"email"}, second: []any{"name"}, resets: true, reset: []any{}},
	"WriteAttributes":            {first: []any{"email"}, second: []any{"name"}, resets: true, reset: []any{}},
	"ExplicitAuthFlows":          {first: []any{"ALLOW_USER_AUTH"}, second: []any{"USER_PASSWORD_AUTH"}, resets: true, reset: []any{}},
	"SupportedIdentityProviders": {first: []any{"COGNITO"}, second: []any{"COGNITO"}, resets: true, reset: []any{}},
	"CallbackURLs": {
		first: []any{"https://a.example.com"}, second: []any{"https://b.example.com"}, resets: true, reset: []any{},
	},
	"LogoutURLs": {first: []any{"https://a.example.com"}, second: []any{"app://out"}, resets: true, reset: []any{}},
	"DefaultRedirectURI": {
		first: "https://a.example.com", second: "https://b.example.com", resets: true,
		with: doc{"CallbackURLs": []any{"https://a.example.com", "https://b.example.com"}},
	},
	"AllowedOAuthFlows": {
		first: []any{"code"}, second: []any{"implicit"}, resets: true, reset: []any{}, with: doc{"CallbackURLs": []any{"https://a.example.com"}},
	},
	"AllowedOAuthScopes": {first: []any{"openid"}, second: []any{"openid", "email"}, resets: true, reset: []any{}},
	"AllowedOAuthFlowsUserPoolClient": {
		first: true, second: false, absent: false, resets: true, reset: false,
		with: doc{"AllowedOAuthFlows": []any{"code"}, "AllowedOAuthScopes": []any{"openid"}, "CallbackURLs": []any{"https://a.example.com"}},
	},
	"AnalyticsConfiguration": {
		first: doc{"ApplicationArn": settingsPinpoint}, shownFirst: doc{
			"ApplicationArn": settingsPinpoint, "UserDataShared": false,
			"RoleArn": "arn:aws:iam::000000000000:role/aws-service-role/cognito-idp.amazonaws.com/AWSServiceRoleForAmazonCognitoIdp",
		},
		second:      doc{"ApplicationId": "a1", "ExternalId": "x", "RoleArn": settingsRole, "UserDataShared": true},
		shownSecond: doc{"ApplicationId": "a1", "ExternalId": "x", "RoleArn": settingsRole, "UserDataShared": true},
		resets:      true, reset: doc{},
	},
	"PreventUserExistenceErrors":               {first: "ENABLED", second: "LEGACY", resets: true},
	"EnableTokenRevocation":                    {first: false, second: true, absent: true, resets: true, reset: true},
	"EnablePropagateAdditionalUserContextData": {first: true, second: false, absent: false, resets: true, reset: false},
	"AuthSessionValidity":                      {first: 5.0, second: 15.0, absent: 3.0, resets: true},
	"RefreshTokenRotation": {
		first: doc{"Feature": "ENABLED"}, shownFirst: doc{"Feature": "ENABLED", "RetryGracePeriodSeconds": 0.0},
		second: doc{"Feature": "DISABLED", "RetryGracePeriodSeconds": 60.0}, resets: true,
	},
}

const settingsPinpoint = "arn:aws:mobiletargeting:us-east-1:000000000000:apps/a1"

func TestEverySettingOfAClientIsReadAsItWasApplied(t *testing.T) {
	t.Parallel()
	everyMember(t, wire.UpdateUserPoolClientInput{}, clientMembers, "UserPoolId", "ClientId")
	onBothDatabases(t, func(t *testing.T, srv *cenotetest.Server) {
		c := settingsClient{srv.URL}
		made := c.call(t, "CreateUserPoolClient", doc{"UserPoolId": srv.PoolID, "ClientName": "app", "GenerateSecret": true})["UserPoolClient"].(doc)
		ids := doc{"UserPoolId": srv.PoolID, "ClientId": made["ClientId"]}
		(&settingsModel{
			members: clientMembers,
			read: func(t *testing.T) doc {
				got := c.call(t, "DescribeUserPoolClient", ids)["UserPoolClient"].(doc)
				if got["ClientSecret"] != made["ClientSecret"] || got["CreationDate"] != made["CreationDate"] {
					t.Errorf("an update changed the secret or the time of creation: %v", got)
				}
				return got
			},
			update: func(t *testing.T, in doc) {
				maps.Copy(in, ids)
				answer := c.call(t, "UpdateUserPoolClient", in)["UserPoolClient"]
				if diff := cmp.Diff(answer, any(c.call(t, "DescribeUserPoolClient", ids)["UserPoolClient"])); diff != "" {
					t.Errorf("the answer and what is read afterwards (-answer +read):\n%s", diff)
				}
			},
			unrelated: []doc{{}, {"ClientName": "other"}},
		}).walk(t)
	})
}

// groupMembers has every member of UpdateGroup but the names.
var groupMembers = map[string]settingsMember{
	"Description": {first: "first", second: "second", reset: ""},
	"RoleArn":     {first: settingsRole, second: settingsRole + "2"},
	"Precedence":  {first: 0.0, second: 5.0},
}

func TestEverySettingOfAGroupIsReadAsItWasApplied(t *testing.T) {
	t.Parallel()
	everyMember(t, wire.UpdateGroupInput{}, groupMembers, "UserPoolId", "GroupName")
	onBothDatabases(t, func(t *testing.T, srv *cenotetest.Server) {
		c := settingsClient{srv.URL}
		names := doc{"UserPoolId": srv.PoolID, "GroupName": "group"}
		c.call(t, "CreateGroup", names)
		(&settingsModel{
			members: groupMembers,
			read:    func(t *testing.T) doc { return c.call(t, "GetGroup", names)["Group"].(doc) },
			update: func(t *testing.T, in doc) {
				maps.Copy(in, names)
				c.call(t, "UpdateGroup", in)
			},
			unrelated: []doc{{}, {"Precedence": 7.0}, {"Description": "other"}},
		}).walk(t)
	})
}

// resourceServerMembers has every member of UpdateResourceServer but the names of the pool and the server.
var resourceServerMembers = map[string]settingsMember{
	"Name": {first: "first", second: "second", absent: "server"},
	"Scopes": {
		first: []any{doc{"ScopeName": "read", "ScopeDescription": "Reads"}}, second: []any{doc{"ScopeName": "write", "ScopeDescription": "Writes"}},
		absent: []any{}, resets: true, reset: []any{},
	},
}

func TestEverySettingOfAResourceServerIsReadAsItWasApplied(t *testing.T) {
	t.Parallel()
	everyMember(t, wire.UpdateResourceServerInput{}, resourceServerMembers, "UserPoolId", "Identifier")
	onBothDatabases(t, func(t *testing.T, srv *cenotetest.Server) {
		c := settingsClient{srv.URL}
		names := doc{"UserPoolId": srv.PoolID, "Identifier": "https://api.example.com"}
		c.call(t, "CreateResourceServer", doc{"UserPoolId": srv.PoolID, "Identifier": "https://api.example.com", "Name": "server"})
		read := func(t *testing.T) doc { return c.call(t, "DescribeResourceServer", names)["ResourceServer"].(doc) }
		(&settingsModel{
			members: resourceServerMembers,
			read:    read,
			update: func(t *testing.T, in doc) {
				maps.Copy(in, names)
				if in["Name"] == nil { // it is required
					in["Name"] = read(t)["Name"]
				}
				c.call(t, "UpdateResourceServer", in)
			},
			unrelated: []doc{{}, {"Name": "other"}},
		}).walk(t)
	})
}

// replaced are the operations that replace a configuration as a whole: each step is sent, answered and read.
var replaced = []struct {
	set, get string
	shown    func(answer doc) any // the part of an answer that is compared
	with     func(srv *cenotetest.Server) doc
	steps    []replacedStep
}{
	{
		set: "SetUserPoolMfaConfig", get: "GetUserPoolMfaConfig", shown: func(answer doc) any { return answer },
		with: func(srv *cenotetest.Server) doc { return doc{"UserPoolId": srv.PoolID} },
		steps: []replacedStep{
			{in: doc{"MfaConfiguration": "OFF"}},
			{in: doc{"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": doc{"Enabled": true}}},
			{in: doc{"MfaConfiguration": "OFF"}}, // and no word of software tokens
			{in: doc{"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": doc{"Enabled": false}}},
			{in: doc{"MfaConfiguration": "OPTIONAL", "SmsMfaConfiguration": doc{
				"SmsAuthenticationMessage": "{####}!", "SmsConfiguration": doc{"SnsCallerArn": settingsRole, "SnsRegion": "us-east-1", "ExternalId": "x"},
			}}},
			{in: doc{"MfaConfiguration": "ON", "SmsMfaConfiguration": doc{
				"SmsAuthenticationMessage": "{####}?", "SmsConfiguration": doc{"SnsCallerArn": settingsRole, "SnsRegion": "eu-west-1"},
			}}},
			{in: doc{"MfaConfiguration": "OFF", "WebAuthnConfiguration": doc{"RelyingPartyId": "example.com", "UserVerification": "required"}}},
			{in: doc{"MfaConfiguration": "OFF"}},
			{in: doc{}, want: doc{"MfaConfiguration": "OFF"}},
		},
	},
	{
		set: "SetRiskConfiguration", get: "DescribeRiskConfiguration",
		shown: func(answer doc) any {
			r, found := answer["RiskConfiguration"].(doc)
			if !found {
				return answer
			}
			delete(r, "UserPoolId")
			if r["LastModifiedDate"] != nil {
				delete(r, "LastModifiedDate")
			} else if len(r) > 0 {
				r["LastModifiedDate"] = "missing"
			}
			return r
		},
		with: func(srv *cenotetest.Server) doc { return doc{"UserPoolId": srv.PoolID} },
		steps: []replacedStep{
			{in: doc{}},
			{in: doc{"CompromisedCredentialsRiskConfiguration": doc{"EventFilter": []any{"SIGN_UP"}, "Actions": doc{"EventAction": "BLOCK"}}}},
			{
				in: doc{"CompromisedCredentialsRiskConfiguration": doc{"Actions": doc{"EventAction": "NO_ACTION"}}},
				want: doc{"CompromisedCredentialsRiskConfiguration": doc{
					"EventFilter": []any{"SIGN_IN", "PASSWORD_CHANGE", "SIGN_UP"}, "Actions": doc{"EventAction": "NO_ACTION"},
				}},
			},
			{in: doc{"RiskExceptionConfiguration": doc{"BlockedIPRangeList": []any{"192.0.2.0/24"}}}},
			{in: doc{"RiskExceptionConfiguration": doc{"SkippedIPRangeList": []any{"192.0.2.0/24"}}}},
			{in: doc{"AccountTakeoverRiskConfiguration": doc{"Actions": doc{"HighAction": doc{"EventAction": "BLOCK", "Notify": false}}}}},
			{in: doc{"RiskExceptionConfiguration": doc{}}, want: doc{}},
			{in: doc{"RiskExceptionConfiguration": doc{"BlockedIPRangeList": []any{"192.0.2.0/24"}}}},
			{in: doc{}},
		},
	},
	{
		set: "SetUserPoolSessionConfiguration", get: "GetUserPoolSessionConfiguration", shown: func(answer doc) any {
			delete(answer, "UserPoolId")
			return answer
		},
		with: func(srv *cenotetest.Server) doc { return doc{"UserPoolId": srv.PoolID} },
		steps: []replacedStep{
			{in: doc{"UserSessionTracking": "DISABLED", "TokenSession": doc{"MaxPerUser": 9.0}}},
			{in: doc{"UserSessionTracking": "ENABLED", "TokenSession": doc{"MaxPerUser": 7.0}}},
		},
	},
	{
		set: "SetUserPoolClientSessionConfiguration", get: "GetUserPoolClientSessionConfiguration",
		shown: func(answer doc) any {
			delete(answer, "UserPoolId")
			delete(answer, "ClientId")
			return answer
		},
		with:  func(srv *cenotetest.Server) doc { return doc{"UserPoolId": srv.PoolID, "ClientId": srv.ClientID} },
		steps: []replacedStep{{in: doc{"SSOSession": doc{"MaxValidityMinutes": 0.0}}}, {in: doc{"SSOSession": doc{"MaxValidityMinutes": 90.0}}}},
	},
}

type replacedStep struct{ in, want doc } // want is nil where it is what was sent

func TestConfigurationsAreReplacedAsAWhole(t *testing.T) {
	t.Parallel()
	onBothDatabases(t, func(t *testing.T, srv *cenotetest.Server) {
		c := settingsClient{srv.URL}
		c.call(t, "UpdateUserPool", doc{"UserPoolId": srv.PoolID, "UserPoolAddOns": doc{"AdvancedSecurityMode": "AUDIT"}})
		for _, o := range replaced {
			for i, step := range o.steps {
				want := step.want
				if want == nil {
					want = step.in
				}
				in := o.with(srv)
				maps.Copy(in, step.in)
				answer := o.shown(c.call(t, o.set, in))
				if diff := cmp.Diff(any(want), answer); diff != "" {
					t.Errorf("%s, step %d, answer (-want +got):\n%s", o.set, i+1, diff)
				}
				if diff := cmp.Diff(any(want), o.shown(c.call(t, o.get, o.with(srv)))); diff != "" {
					t.Errorf("%s, step %d, read (-want +got):\n%s", o.get, i+1, diff)
				}
			}
		}
	})
}

// An update of something else leaves MFA as SetUserPoolMfaConfig has set it.
func TestAnUnrelatedUpdateDoesNotSwitchMFAOff(t *testing.T) {
	t.Parallel()
	onBothDatabases(t, func(t *testing.T, srv *cenotetest.Server) {
		c := settingsClient{srv.URL}
		pool := doc{"UserPoolId": srv.PoolID}
		want := c.call(t, "SetUserPoolMfaConfig", doc{
			"UserPoolId": srv.PoolID, "MfaConfiguration": "ON",
			"SoftwareTokenMfaConfiguration": doc{"Enabled": true},
			"SmsMfaConfiguration":           doc{"SmsAuthenticationMessage": "{####}!", "SmsConfiguration": doc{"SnsCallerArn": settingsRole}},
		})
		for _, in := range []doc{
			{},
			{"LambdaConfig": doc{}},
			{"UserPoolTags": doc{"a": "b"}},
			{"Policies": doc{"PasswordPolicy": doc{"MinimumLength": 12}}},
			{"EmailConfiguration": doc{}},
			{"AutoVerifiedAttributes": []any{"email"}},
			{"MfaConfiguration": "ON"},
		} {
			maps.Copy(in, pool)
			c.call(t, "UpdateUserPool", in)
			if diff := cmp.Diff(want, c.call(t, "GetUserPoolMfaConfig", pool)); diff != "" {
				t.Errorf("after %v (-want +got):\n%s", in, diff)
			}
		}
	})
}

// A software token that is named but not enabled makes a pool whose MFA nobody can pass; the service allows that. Sign-ins fail closed.
func TestAFactorThatIsNamedAndNotEnabledOpensNothing(t *testing.T) {
	t.Parallel()
	srv := plainServer(t, "")
	c := settingsClient{srv.URL}
	c.call(t, "SetUserPoolMfaConfig", doc{
		"UserPoolId": srv.PoolID, "MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": doc{"Enabled": false},
	})
	c.call(t, "AdminCreateUser", doc{"UserPoolId": srv.PoolID, "Username": "ann", "MessageAction": "SUPPRESS"})
	c.call(t, "AdminSetUserPassword", doc{"UserPoolId": srv.PoolID, "Username": "ann", "Password": factorPassword, "Permanent": true})
	status, answer := c.try(t, "InitiateAuth", doc{
		"ClientId": srv.ClientID, "AuthFlow": "USER_PASSWORD_AUTH",
		"AuthParameters": doc{"USERNAME": "ann", "PASSWORD": factorPassword},
	})
	if answer["AuthenticationResult"] != nil || status >= 500 {
		t.Errorf("a sign-in without a second factor: %d %v", status, answer)
	}
}

func TestListUserPoolsNeedsNoMaxResults(t *testing.T) {
	t.Parallel()
	c := settingsClient{cenotetest.Start(t, cenotetest.Options{}).URL}
	for _, in := range []doc{{}, {"MaxResults": nil}, {"MaxResults": 60}} {
		if pools := c.call(t, "ListUserPools", in)["UserPools"].([]any); len(pools) != 1 {
			t.Errorf("%v lists %d pools, want 1", in, len(pools))
		}
	}
	for _, size := range []int{0, 61} {
		if status, answer := c.try(t, "ListUserPools", doc{"MaxResults": size}); status != http.StatusBadRequest || answer["__type"] != "InvalidParameterException" {
			t.Errorf("MaxResults %d is answered %d %v", size, status, answer)
		}
	}
}

// The service lists the values of an enumeration in an order of its own.
func TestEnumerationsAreListedInTheServicesOrder(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{})
	c := settingsClient{srv.URL}
	for _, tc := range []struct {
		operation string
		in        doc
		want      string
	}{
		{
			"SetUserPoolMfaConfig",
			doc{"MfaConfiguration": "X"},
			"1 validation error detected: Value 'X' at 'mfaConfiguration' failed to satisfy constraint: Member must satisfy enum value set: [OPTIONAL, OFF, ON]",
		},
		{
			"CreateUserPoolClient",
			doc{"ClientName": "a", "AllowedOAuthFlows": []any{"x"}},
			"1 validation error detected: Value '[x]' at 'allowedOAuthFlows' failed to satisfy constraint: Member must satisfy constraint: " +
				"[Member must satisfy enum value set: [implicit, client_credentials, code]]",
		},
	} {
		tc.in["UserPoolId"] = srv.PoolID
		if status, answer := c.try(t, tc.operation, tc.in); status != http.StatusBadRequest || answer["message"] != tc.want {
			t.Errorf("%s: got %d %v, want %s", tc.operation, status, answer, tc.want)
		}
	}
}

// everyMember fails where the table lacks a member of an input.
func everyMember(t *testing.T, in any, members map[string]settingsMember, but ...string) {
	t.Helper()
	for f := range reflect.TypeOf(in).Fields() {
		if _, ok := members[f.Name]; !ok && !slices.Contains(but, f.Name) {
			t.Errorf("the table has no %s", f.Name)
		}
	}
}
