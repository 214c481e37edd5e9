package client_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/client"
)

func TestAnAliasSignsInAndTellsTheRealName(t *testing.T) {
	t.Parallel()
	a := live(t, setup{
		pool: func(p *idp.CreateUserPoolInput) { p.AliasAttributes = []types.AliasAttributeType{"email"} },
		app:  func(c *idp.CreateUserPoolClientInput) { c.GenerateSecret = true },
	})
	a.addUser(t, "ann", "email", "ann@example.com", "email_verified", "true")
	for _, flow := range []client.Flow{client.FlowSRP, client.FlowPassword, client.FlowChoice} {
		t.Run(string(flow), func(t *testing.T) {
			u := a.another().User("ann@example.com")
			_, err := u.SignIn(t.Context(), client.SignIn{Flow: flow, Password: "Wr0ng-horse!"})
			refused[*types.NotAuthorizedException](t, err)
			s := signedIn(t)(u.SignIn(t.Context(), client.SignIn{Flow: flow, Password: password}))
			if u.Username() != "ann" || s.AccessToken.Claims()["username"] != "ann" {
				t.Errorf("the user is called %s", u.Username())
			}
			if _, err := u.Session(t.Context()); err != nil {
				t.Errorf("the stored session: %v", err)
			}
			must(t, u.SignOut(t.Context()))
		})
	}
}

func TestANewPasswordIsAskedWithWhatIsRequired(t *testing.T) {
	t.Parallel()
	a := live(t, setup{pool: func(p *idp.CreateUserPoolInput) {
		p.Schema = []types.SchemaAttributeType{{Name: aws.String("given_name"), Required: aws.Bool(true), Mutable: aws.Bool(true)}}
	}})
	_, err := a.admin.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
		UserPoolId: new(a.ID()), Username: new("ann"), TemporaryPassword: new("Temp0rary!"), MessageAction: "SUPPRESS",
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String("ann@example.com")}, {Name: aws.String("email_verified"), Value: aws.String("true")}},
	})
	must(t, err)
	for _, flow := range []client.Flow{client.FlowSRP, client.FlowPassword} {
		c := asked[*client.NewPasswordRequired](t)(a.User("ann").SignIn(t.Context(), client.SignIn{Flow: flow, Password: "Temp0rary!"}))
		if !slices.Equal(c.RequiredAttributes, []string{"given_name"}) || c.UserAttributes["email"] != "ann@example.com" || c.Name() != "NEW_PASSWORD_REQUIRED" {
			t.Errorf("%s: %v required, has %v", flow, c.RequiredAttributes, c.UserAttributes)
		}
	}
	c := asked[*client.NewPasswordRequired](t)(a.User("ann").SignIn(t.Context(), client.SignIn{Password: "Temp0rary!"}))
	_, err = c.Answer(t.Context(), "weak", client.Attribute{Name: "given_name", Value: "Ann"})
	refused[*types.InvalidPasswordException](t, err)
	_, err = c.Answer(t.Context(), password)
	refused[*types.InvalidParameterException](t, err)
	// what the challenge said is sent along by many forms; the service would refuse it
	signedIn(t)(c.Answer(t.Context(), password,
		client.Attribute{Name: "given_name", Value: "Ann"}, client.Attribute{Name: "email", Value: "ann@example.com"}, client.Attribute{Name: "email_verified", Value: "true"},
	))
	attributes, err := a.User("ann").Attributes(t.Context())
	must(t, err)
	if !has(attributes, "given_name", "Ann") {
		t.Errorf("attributes: %v", attributes)
	}
}

func TestASecondFactorIsSetUpDuringTheSignIn(t *testing.T) {
	t.Parallel()
	a := live(t, setup{mfa: &idp.SetUserPoolMfaConfigInput{
		MfaConfiguration: types.UserPoolMfaTypeOn, SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
		EmailMfaConfiguration: &types.EmailMfaConfigType{},
	}, app: func(c *idp.CreateUserPoolClientInput) { c.GenerateSecret = true }})
	a.addUser(t, "ann")
	a.addUser(t, "bob")

	setUp := asked[*client.MFASetup](t)(a.User("ann").SignIn(t.Context(), client.SignIn{Password: password}))
	if !slices.Contains(setUp.CanSetUp, client.MFASoftwareToken) || !slices.Contains(setUp.CanSetUp, client.MFAEmail) {
		t.Errorf("can set up %v", setUp.CanSetUp)
	}
	token, err := setUp.AssociateSoftwareToken(t.Context())
	must(t, err)
	if uri := token.URI("Example Inc", "ann"); uri != "otpauth://totp/Example%20Inc:ann?issuer=Example%20Inc&secret="+token.Secret {
		t.Errorf("the URI is %s", uri)
	}
	picture, err := token.QR("Example Inc", "ann", 200)
	must(t, err)
	if size := picture.Bounds().Size(); size.X != 200 || size.Y != 200 {
		t.Errorf("the QR code has %v", size)
	}
	_, err = token.Verify(t.Context(), wrong(a.code(t, token.Secret)), "")
	refused[*types.EnableSoftwareTokenMFAException](t, err)
	signedIn(t)(token.Verify(t.Context(), a.code(t, token.Secret), "my phone"))

	a.advance(t, 31e9) // a code counts once
	code := asked[*client.CodeRequired](t)(a.User("ann").SignIn(t.Context(), client.SignIn{Password: password}))
	if code.Type != "SOFTWARE_TOKEN_MFA" || code.DeviceName != "my phone" || code.Destination != "" {
		t.Errorf("asked %s of %q", code.Type, code.DeviceName)
	}
	_, err = code.Answer(t.Context(), wrong(a.code(t, token.Secret)))
	refused[*types.CodeMismatchException](t, err)
	signedIn(t)(code.Answer(t.Context(), a.code(t, token.Secret)))

	setUp = asked[*client.MFASetup](t)(a.User("bob").SignIn(t.Context(), client.SignIn{Password: password}))
	code = asked[*client.CodeRequired](t)(setUp.SetEmail(t.Context(), "bob@example.com"))
	if code.Type != "EMAIL_OTP" || code.Medium != "EMAIL" || code.Destination != "b***@e***" {
		t.Errorf("asked %s to %s %s", code.Type, code.Medium, code.Destination)
	}
	signedIn(t)(code.Answer(t.Context(), a.srv.Code(t, "bob@example.com")))
}

// wrong changes the first digit of a code.
func wrong(code string) string { return string('0'+(code[0]-'0'+1)%10) + code[1:] }

func TestTheSecondFactorIsChosen(t *testing.T) {
	t.Parallel()
	a := live(t, setup{mfa: &idp.SetUserPoolMfaConfigInput{
		MfaConfiguration: types.UserPoolMfaTypeOptional, SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
		SmsMfaConfiguration: &types.SmsMfaConfigType{SmsConfiguration: &types.SmsConfigurationType{SnsCallerArn: aws.String("arn:aws:iam::000000000000:role/sms")}},
	}})
	a.addUser(t, "ann", "phone_number", "+15555550100", "phone_number_verified", "true")
	ann := signIn(t, a.Pool, "ann")
	token, err := ann.AssociateSoftwareToken(t.Context())
	must(t, err)
	signedIn(t)(token.Verify(t.Context(), a.code(t, token.Secret), ""))
	must(t, ann.SetMFAPreference(t.Context(), client.MFAPreference{
		SMS: &client.MFASetting{Enabled: true}, SoftwareToken: &client.MFASetting{Enabled: true},
	}))
	data, err := ann.Data(t.Context())
	must(t, err)
	if !slices.Contains(data.MFA, client.MFASMS) || !slices.Contains(data.MFA, client.MFASoftwareToken) || data.PreferredMFA != "" {
		t.Errorf("turned on: %v, preferred: %q", data.MFA, data.PreferredMFA)
	}

	a.advance(t, 31e9)
	choice := asked[*client.SelectMFA](t)(ann.SignIn(t.Context(), client.SignIn{Password: password}))
	if !slices.Contains(choice.Choices, client.MFASMS) || !slices.Contains(choice.Choices, client.MFASoftwareToken) {
		t.Errorf("choices: %v", choice.Choices)
	}
	code := asked[*client.CodeRequired](t)(choice.Choose(t.Context(), client.MFASMS))
	if code.Type != "SMS_MFA" || code.Medium != "SMS" || !strings.HasSuffix(code.Destination, "0100") {
		t.Errorf("asked %s to %s %s", code.Type, code.Medium, code.Destination)
	}
	signedIn(t)(code.Answer(t.Context(), a.srv.Code(t, "+15555550100")))
	choice = asked[*client.SelectMFA](t)(ann.SignIn(t.Context(), client.SignIn{Password: password}))
	code = asked[*client.CodeRequired](t)(choice.Choose(t.Context(), client.MFASoftwareToken))
	signedIn(t)(code.Answer(t.Context(), a.code(t, token.Secret)))

	must(t, ann.SetMFAPreference(t.Context(), client.MFAPreference{SoftwareToken: &client.MFASetting{Enabled: true, Preferred: true}}))
	factors, err := ann.AuthFactors(t.Context())
	must(t, err)
	if factors.PreferredMFA != client.MFASoftwareToken || !slices.Contains(factors.First, client.FactorPassword) {
		t.Errorf("factors: %+v", factors)
	}
	must(t, ann.SetMFAPreference(t.Context(), client.MFAPreference{SoftwareToken: &client.MFASetting{}, SMS: &client.MFASetting{}}))
	signIn(t, a.Pool, "ann")

	must(t, ann.EnableMFA(t.Context()))
	options, err := ann.MFAOptions(t.Context())
	must(t, err)
	if !slices.Equal(options, []client.MFAOption{{DeliveryMedium: "SMS", AttributeName: "phone_number"}}) {
		t.Errorf("options: %v", options)
	}
	must(t, ann.DisableMFA(t.Context()))
	options, err = ann.MFAOptions(t.Context())
	must(t, err)
	if len(options) != 0 {
		t.Errorf("options: %v", options)
	}
}

func TestCustomChallengesAreAskedWithAndWithoutAPassword(t *testing.T) {
	t.Parallel()
	h := newHook(t)
	h.answer("DefineAuthChallenge_Authentication", func(e event) any {
		steps, _ := e.Request["session"].([]any)
		passed := func(name string) bool {
			return slices.ContainsFunc(steps, func(s any) bool {
				step, _ := s.(map[string]any)
				return step["challengeName"] == name && step["challengeResult"] == true
			})
		}
		switch {
		case passed("CUSTOM_CHALLENGE"):
			return map[string]any{"issueTokens": true}
		case len(steps) > 4:
			return map[string]any{"failAuthentication": true}
		case passed("SRP_A") && !passed("PASSWORD_VERIFIER"):
			return map[string]any{"challengeName": "PASSWORD_VERIFIER"}
		}
		return map[string]any{"challengeName": "CUSTOM_CHALLENGE"}
	})
	h.answer("CreateAuthChallenge_Authentication", func(event) any {
		return map[string]any{"publicChallengeParameters": map[string]string{"question": "2+2"}, "privateChallengeParameters": map[string]string{"answer": "4"}}
	})
	h.answer("VerifyAuthChallengeResponse_Authentication", func(e event) any {
		return map[string]any{"answerCorrect": e.Request["challengeAnswer"] == "4"}
	})
	a := live(t, setup{options: h.options(), pool: func(p *idp.CreateUserPoolInput) {
		p.LambdaConfig = &types.LambdaConfigType{DefineAuthChallenge: &hookARN, CreateAuthChallenge: &hookARN, VerifyAuthChallengeResponse: &hookARN}
	}})
	a.addUser(t, "ann")

	c := asked[*client.CustomChallenge](t)(a.User("ann").SignIn(t.Context(), client.SignIn{Flow: client.FlowCustom}))
	if c.Parameters["question"] != "2+2" {
		t.Errorf("parameters: %v", c.Parameters)
	}
	c.ClientMetadata = map[string]string{"try": "first"}
	again := asked[*client.CustomChallenge](t)(c.Answer(t.Context(), "5"))
	if data, _ := h.seen(t, "VerifyAuthChallengeResponse_Authentication").Request["clientMetadata"].(map[string]any); data["try"] != "first" {
		t.Errorf("metadata: %v", data)
	}
	_, err := c.Answer(t.Context(), "4") // the question was replaced
	refused[*types.NotAuthorizedException](t, err)
	signedIn(t)(again.Answer(t.Context(), "4"))

	_, err = a.User("ann").SignIn(t.Context(), client.SignIn{Flow: client.FlowCustom, Password: "Wr0ng-horse!"})
	refused[*types.NotAuthorizedException](t, err)
	c = asked[*client.CustomChallenge](t)(a.User("ann").SignIn(t.Context(), client.SignIn{Flow: client.FlowCustom, Password: password}))
	signedIn(t)(c.Answer(t.Context(), "4"))
}

func TestTheFirstFactorIsChosen(t *testing.T) {
	t.Parallel()
	a := live(t, setup{
		pool: func(p *idp.CreateUserPoolInput) {
			p.Policies = &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{
				AllowedFirstAuthFactors: []types.AuthFactorType{"PASSWORD", "EMAIL_OTP", "SMS_OTP"},
			}}
		},
		app: func(c *idp.CreateUserPoolClientInput) { c.GenerateSecret = true },
	})
	a.addUser(t, "ann", "email", "ann@example.com", "email_verified", "true", "phone_number", "+15555550100", "phone_number_verified", "true")
	choose := func() *client.SelectChallenge {
		return asked[*client.SelectChallenge](t)(a.User("ann").SignIn(t.Context(), client.SignIn{Flow: client.FlowChoice}))
	}
	if c := choose(); !slices.Equal(c.Available, []client.Factor{client.FactorPasswordSRP, client.FactorPassword, client.FactorEmail, client.FactorSMS}) {
		t.Errorf("available: %v", c.Available)
	}
	signedIn(t)(choose().Password(t.Context(), password))
	_, err := choose().Password(t.Context(), "Wr0ng-horse!")
	refused[*types.NotAuthorizedException](t, err)
	for _, factor := range []client.Factor{client.FactorPassword, client.FactorPasswordSRP} {
		signedIn(t)(asked[*client.PasswordRequired](t)(choose().Choose(t.Context(), factor)).Answer(t.Context(), password))
		signedIn(t)(a.User("ann").SignIn(t.Context(), client.SignIn{Flow: client.FlowChoice, Prefer: factor, Password: password}))
		preferred := asked[*client.PasswordRequired](t)(a.User("ann").SignIn(t.Context(), client.SignIn{Flow: client.FlowChoice, Prefer: factor}))
		signedIn(t)(preferred.Answer(t.Context(), password))
	}
	email := asked[*client.CodeRequired](t)(choose().Choose(t.Context(), client.FactorEmail))
	code := a.srv.Code(t, "ann@example.com")
	_, err = email.Answer(t.Context(), wrong(code))
	refused[*types.CodeMismatchException](t, err)
	signedIn(t)(email.Answer(t.Context(), code))
	sms := asked[*client.CodeRequired](t)(a.User("ann").SignIn(t.Context(), client.SignIn{Flow: client.FlowChoice, Prefer: client.FactorSMS}))
	signedIn(t)(sms.Answer(t.Context(), a.srv.Code(t, "+15555550100")))
}

func TestAWrongUseIsRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	configs := map[string]client.Config{
		"Both UserPoolId and ClientId are required.":   {PoolID: "us-east-1_Abc123XyZ"},
		"Both UserPoolId and ClientId are required. ":  {ClientID: "c"},
		"Invalid UserPoolId format.":                   {PoolID: "us-east-1-Abc123XyZ", ClientID: "c"},
		"Invalid UserPoolId format. ":                  {PoolID: "us-east-1_" + strings.Repeat("a", 46), ClientID: "c"},
		`"localhost:4310" is not an http or https URL`: {PoolID: "us-east-1_Abc123XyZ", ClientID: "c", Endpoint: "localhost:4310"},
		`"https://" is not an http or https URL`:       {PoolID: "us-east-1_Abc123XyZ", ClientID: "c", Endpoint: "https://"},
	}
	for text, c := range configs {
		if _, err := client.NewPool(c); !errors.Is(err, client.ErrConfig) || !strings.Contains(err.Error(), strings.TrimSpace(text)) {
			t.Errorf("%+v: got %v, want %s", c.PoolID, err, text)
		}
	}
	p, err := client.NewPool(client.Config{PoolID: "us-east-1_Abc123XyZ", ClientID: "c", Endpoint: "http://127.0.0.1:1"})
	must(t, err)
	if p.ID() != "us-east-1_Abc123XyZ" || p.Name() != "Abc123XyZ" || p.Region() != "us-east-1" || p.ClientID() != "c" {
		t.Errorf("the pool is %s, %s, %s, %s", p.ID(), p.Name(), p.Region(), p.ClientID())
	}
	for _, in := range []client.SignIn{{Flow: client.FlowPassword}, {Flow: "ADMIN_NO_SRP_AUTH", Password: "p"}} {
		if _, err := p.User("ann").SignIn(t.Context(), in); !errors.Is(err, client.ErrConfig) {
			t.Errorf("%s: got %v", in.Flow, err)
		}
	}
	_, err = p.User("ann").SignIn(t.Context(), client.SignIn{Password: "p"})
	if client.Code(err) != client.NetworkError {
		t.Errorf("without a server: %v", err)
	}
	if _, err := p.CurrentUser(t.Context()); !errors.Is(err, client.ErrNoSession) || !errors.Is(err, client.ErrNotAuthenticated) {
		t.Errorf("without a user: %v", err)
	}
	for name, call := range map[string]func(u *client.User) error{
		"Session":    func(u *client.User) error { _, err := u.Session(t.Context()); return err },
		"Attributes": func(u *client.User) error { _, err := u.Attributes(t.Context()); return err },
		"Data":       func(u *client.User) error { _, err := u.Data(t.Context()); return err },
		"Revoke":     func(u *client.User) error { return u.SignOutAndRevoke(t.Context()) },
		"Delete":     func(u *client.User) error { return u.Delete(t.Context()) },
		"Forget":     func(u *client.User) error { return u.ForgetDevice(t.Context()) },
	} {
		if err := call(p.User("ann")); !errors.Is(err, client.ErrNotAuthenticated) || !strings.Contains(err.Error(), "User is not authenticated") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	t.Parallel()
	memory := client.NewMemoryStorage()
	must(t, memory.Set(t.Context(), map[string]string{"k": "s3cret"}))
	for _, v := range []any{
		client.SignIn{Password: "s3cret"},
		&client.SignIn{Password: "s3cret"},
		client.SignUp{Password: "s3cret"},
		client.Config{ClientSecret: "s3cret"},
		client.Session{RefreshToken: "s3cret"},
		&client.Session{RefreshToken: "s3cret"}, memory,
		client.SoftwareToken{Secret: "s3cret"},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			if got := fmt.Sprintf(verb, v); strings.Contains(got, "s3cret") {
				t.Errorf("%s of %T prints %s", verb, v, got)
			}
		}
		var logged bytes.Buffer
		slog.New(slog.NewJSONHandler(&logged, nil)).Info("sign-in", "value", v, "inside", struct{ Inside any }{v})
		slog.New(slog.NewTextHandler(&logged, nil)).Info("sign-in", "value", v, "inside", struct{ Inside any }{v})
		if strings.Contains(logged.String(), "s3cret") {
			t.Errorf("%T is logged as %s", v, logged.String())
		}
	}
}
