package flows

import (
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/message"
)

// newest returns the newest message to somebody, which may still be on its way.
func (a *hooked) newest(t testing.TB, to string) message.Message {
	t.Helper()
	a.srv.Code(t, to)
	return a.srv.Messages(t, to)[0]
}

// wordy sets every template of a pool.
func wordy(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
	p.LambdaConfig = nil
	p.AutoVerifiedAttributes = []types.VerifiedAttributeType{"email", "phone_number"}
	p.VerificationMessageTemplate = &types.VerificationMessageTemplateType{
		DefaultEmailOption: "CONFIRM_WITH_CODE",
		EmailSubject:       aws.String("verify"), EmailMessage: aws.String("<b>verify {####}</b>"), SmsMessage: aws.String("verify sms {####}"),
		EmailSubjectByLink: aws.String("link"), EmailMessageByLink: aws.String("press {##here & now##}"),
	}
	p.AdminCreateUserConfig = &types.AdminCreateUserConfigType{InviteMessageTemplate: &types.MessageTemplateType{
		EmailSubject: aws.String("welcome"), EmailMessage: aws.String("{username}: <i>{####}</i>"), SMSMessage: aws.String("welcome {username} {####}"),
	}}
	p.SmsConfiguration = &types.SmsConfigurationType{SnsCallerArn: aws.String("arn:aws:iam::000000000000:role/sms")}
	p.SmsAuthenticationMessage = aws.String("sign in {####}")
}

func TestEveryMessageIsInThePoolsWords(t *testing.T) {
	t.Parallel()
	a := newHooked(t, wordy)
	ctx := t.Context()
	const phone = "+15550001111"
	check := func(to, subject, body string) {
		t.Helper()
		m := a.newest(t, to)
		want := strings.ReplaceAll(body, "CODE", html.EscapeString(m.Code))
		if m.Medium == message.SMS {
			want = strings.ReplaceAll(body, "CODE", m.Code)
		}
		if m.Subject != subject || m.Body != want {
			t.Errorf("%s %s: subject %q, body %q, want %q, %q", m.Reason, m.Medium, m.Subject, m.Body, subject, want)
		}
	}
	_, err := a.signUp(t, "ann")
	hookMust(t, err)
	check("ann@example.com", "verify", "<b>verify CODE</b>")
	_, err = a.SignUp(ctx, &idp.SignUpInput{
		ClientId: &a.client, Username: aws.String("bob"), Password: aws.String(hookPassword),
		UserAttributes: hookAttributes("email", "bob@example.com", "phone_number", phone),
	})
	hookMust(t, err)
	check(phone, "", "verify sms CODE")

	const temporary = "<Temp0rary&!>"
	_, err = a.AdminCreateUser(ctx, &idp.AdminCreateUserInput{
		UserPoolId: &a.pool, Username: aws.String("<cleo>"), TemporaryPassword: aws.String(temporary),
		DesiredDeliveryMediums: []types.DeliveryMediumType{"EMAIL", "SMS"},
		UserAttributes:         hookAttributes("email", "cleo@example.com", "phone_number", "+15550002222", "email_verified", "true", "phone_number_verified", "true"),
	})
	hookMust(t, err)
	check("cleo@example.com", "welcome", "&lt;cleo&gt;: <i>CODE</i>")
	check("+15550002222", "", "welcome <cleo> CODE")
	if got := a.newest(t, "cleo@example.com").Code; got != temporary {
		t.Errorf("the invitation tells %q", got)
	}

	_, err = a.SetUserPoolMfaConfig(ctx, &idp.SetUserPoolMfaConfigInput{
		UserPoolId: &a.pool, MfaConfiguration: "OPTIONAL",
		SmsMfaConfiguration: &types.SmsMfaConfigType{
			SmsAuthenticationMessage: aws.String("mfa {####}"), SmsConfiguration: &types.SmsConfigurationType{SnsCallerArn: aws.String("arn:aws:iam::000000000000:role/sms")},
		},
		EmailMfaConfiguration: &types.EmailMfaConfigType{Subject: aws.String("mfa"), Message: aws.String("mfa mail {####}")},
	})
	if err == nil {
		t.Fatal("e-mail MFA without an e-mail configuration of the operator is accepted")
	}
	_, err = a.SetUserPoolMfaConfig(ctx, &idp.SetUserPoolMfaConfigInput{
		UserPoolId: &a.pool, MfaConfiguration: "OPTIONAL",
		SmsMfaConfiguration: &types.SmsMfaConfigType{
			SmsAuthenticationMessage: aws.String("mfa {####}"), SmsConfiguration: &types.SmsConfigurationType{SnsCallerArn: aws.String("arn:aws:iam::000000000000:role/sms")},
		},
	})
	hookMust(t, err)
	_, err = a.AdminSetUserPassword(ctx, &idp.AdminSetUserPasswordInput{UserPoolId: &a.pool, Username: aws.String("<cleo>"), Password: aws.String(hookPassword), Permanent: true})
	hookMust(t, err)
	_, err = a.AdminSetUserMFAPreference(ctx, &idp.AdminSetUserMFAPreferenceInput{
		UserPoolId: &a.pool, Username: aws.String("<cleo>"), SMSMfaSettings: &types.SMSMfaSettingsType{Enabled: true, PreferredMfa: true},
	})
	hookMust(t, err)
	out, err := a.password(t, "<cleo>", hookPassword)
	hookMust(t, err)
	if out.ChallengeName != "SMS_MFA" {
		t.Fatalf("challenge %s", out.ChallengeName)
	}
	check("+15550002222", "", "mfa CODE")

	_, err = a.ForgotPassword(ctx, &idp.ForgotPasswordInput{ClientId: &a.client, Username: aws.String("<cleo>")})
	hookMust(t, err)
	check("cleo@example.com", "verify", "<b>verify CODE</b>")
}

func TestCustomMessageReplacesTheWords(t *testing.T) {
	t.Parallel()
	a := newHooked(t, nil)
	ctx := t.Context()
	a.always("CustomMessage", map[string]any{"emailSubject": "Hello", "emailMessage": "<p>{####} is yours</p>", "smsMessage": "sms {####}"})
	_, err := a.signUp(t, "ann")
	hookMust(t, err)
	m := a.newest(t, "ann@example.com")
	if m.Subject != "Hello" || m.Body != "<p>"+m.Code+" is yours</p>" {
		t.Errorf("subject %q, body %q", m.Subject, m.Body)
	}

	invite := func(name string) message.Message {
		t.Helper()
		_, err := a.AdminCreateUser(ctx, &idp.AdminCreateUserInput{
			UserPoolId: &a.pool, Username: &name, DesiredDeliveryMediums: []types.DeliveryMediumType{"EMAIL"},
			UserAttributes: hookAttributes("email", name+"@example.com"),
		})
		hookMust(t, err)
		return a.newest(t, name+"@example.com")
	}
	if m := invite("bob"); m.Subject == "Hello" || !strings.Contains(m.Body, "bob") {
		t.Errorf("an invitation without its placeholders is sent: %q %q", m.Subject, m.Body)
	}
	a.always("CustomMessage", map[string]any{"emailSubject": "Join", "emailMessage": "{username} {####}"})
	if m := invite("cleo"); m.Subject != "Join" || !strings.HasPrefix(m.Body, "cleo ") {
		t.Errorf("invitation: %q %q", m.Subject, m.Body)
	}

	resend := func() error {
		_, err := a.ResendConfirmationCode(ctx, &idp.ResendConfirmationCodeInput{ClientId: &a.client, Username: aws.String("ann")})
		return err
	}
	a.always("CustomMessage", map[string]any{"emailMessage": "no code"})
	hookRefused(t, resend(), "InvalidParameterException", "1 validation error detected: Value 'no code' at 'emailBody' failed to satisfy constraint: "+
		`Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*\{####\}[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*`)
	a.always("CustomMessage", map[string]any{"emailMessage": ""})
	hookRefused(t, resend(), "InvalidParameterException", "The message is empty.")
	a.always("CustomMessage", map[string]any{"emailSubject": "Only the subject"})
	hookMust(t, resend())
	if m := a.newest(t, "ann@example.com"); m.Subject != "Only the subject" || !strings.Contains(m.Body, m.Code) {
		t.Errorf("subject %q, body %q", m.Subject, m.Body)
	}
}

var linkInMail = regexp.MustCompile(`href="([^"]+)"`)

// open opens a page and returns its status and text.
func openPage(t testing.TB, method, address string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, http.NoBody)
	hookMust(t, err)
	res, err := http.DefaultClient.Do(req)
	hookMust(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	hookMust(t, err)
	return res, string(body)
}

func TestALinkConfirmsASignUp(t *testing.T) {
	t.Parallel()
	a := newHooked(t, func(p *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) {
		wordy(p, c)
		p.LambdaConfig = &types.LambdaConfigType{PostConfirmation: aws.String(hookARN)}
		p.AutoVerifiedAttributes = []types.VerifiedAttributeType{"email"}
		p.VerificationMessageTemplate.DefaultEmailOption = "CONFIRM_WITH_LINK"
	})
	ctx := t.Context()
	link := func(name string) string {
		t.Helper()
		m := a.newest(t, name+"@example.com")
		found := linkInMail.FindStringSubmatch(m.Body)
		if m.Subject != "link" || found == nil || !strings.Contains(m.Body, ">here & now</a>") {
			t.Fatalf("subject %q, body %q", m.Subject, m.Body)
		}
		address := html.UnescapeString(found[1])
		if !strings.HasPrefix(address, a.srv.URL+"/confirmUser/?client_id="+a.client+"&confirmation_code=") {
			t.Errorf("link %s", address)
		}
		return address
	}
	_, err := a.signUp(t, "ann")
	hookMust(t, err)
	stale := link("ann")
	_, err = a.ResendConfirmationCode(ctx, &idp.ResendConfirmationCodeInput{ClientId: &a.client, Username: aws.String("ann")})
	hookMust(t, err)
	address := link("ann")

	if res, _ := openPage(t, http.MethodHead, address); res.StatusCode != http.StatusNoContent {
		t.Errorf("HEAD: %s", res.Status)
	}
	if res, text := openPage(t, http.MethodGet, stale); res.StatusCode != http.StatusBadRequest || !strings.Contains(text, "This link is not valid") {
		t.Errorf("the link before: %s %s", res.Status, text)
	}
	res, text := openPage(t, http.MethodGet, address)
	if res.StatusCode != http.StatusOK || !strings.Contains(text, "Your registration has been confirmed!") {
		t.Errorf("the link: %s %s", res.Status, text)
	}
	policy := res.Header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") || !strings.Contains(policy, "frame-ancestors 'none'") ||
		res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("headers %v", res.Header)
	}
	a.wantSources(t, "PostConfirmation_ConfirmSignUp")
	again, _ := openPage(t, http.MethodGet, address)
	if again.StatusCode != http.StatusBadRequest {
		t.Errorf("the link a second time: %s", again.Status)
	}
	_, err = a.password(t, "ann", hookPassword)
	hookMust(t, err)
	_, err = a.ForgotPassword(ctx, &idp.ForgotPasswordInput{ClientId: &a.client, Username: aws.String("ann")})
	hookMust(t, err)
	if m := a.newest(t, "ann@example.com"); m.Body != "<b>verify "+m.Code+"</b>" {
		t.Errorf("a recovery goes by link: %s", m.Body)
	}

	for _, bad := range []string{"", "?client_id=x", "?client_id=nope&user_name=ann&confirmation_code=1", "?client_id=" + a.client + "&user_name=nobody&confirmation_code=123456"} {
		if res, _ := openPage(t, http.MethodGet, a.srv.URL+"/confirmUser/"+bad); res.StatusCode != http.StatusBadRequest {
			t.Errorf("%q: %s", bad, res.Status)
		}
	}
	_, err = a.signUp(t, "bob")
	hookMust(t, err)
	_, err = a.ConfirmSignUp(ctx, &idp.ConfirmSignUpInput{
		ClientId: &a.client, Username: aws.String("bob"), ConfirmationCode: aws.String(a.srv.Code(t, "bob@example.com")),
	})
	hookMust(t, err) // the code in the link is a code
	a.take()

	a.always("PostConfirmation", &hookError{message: "<script>no</script>"})
	_, err = a.signUp(t, "cleo")
	hookMust(t, err)
	if res, text := openPage(t, http.MethodGet, link("cleo")); res.StatusCode != http.StatusBadRequest ||
		!strings.Contains(text, "PostConfirmation failed with error &lt;script&gt;no&lt;/script&gt;.") {
		t.Errorf("a function that throws: %s %s", res.Status, text)
	}
	_, err = a.signUp(t, "dan")
	hookMust(t, err)
	late := link("dan")
	a.srv.Advance(t, 25*time.Hour)
	if res, _ := openPage(t, http.MethodGet, late); res.StatusCode != http.StatusBadRequest {
		t.Errorf("a link after a day: %s", res.Status)
	}
}

func TestALinkWorksForClientsWithASecretAndInCustomWords(t *testing.T) {
	t.Parallel()
	a := newHooked(t, func(p *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) {
		p.VerificationMessageTemplate = &types.VerificationMessageTemplateType{DefaultEmailOption: "CONFIRM_WITH_LINK"}
		c.PreventUserExistenceErrors = "ENABLED"
	})
	a.on("CustomMessage", func(e hookEvent) any {
		return map[string]any{"emailMessage": "go {##Click Here##}", "emailSubject": "go"}
	})
	_, err := a.signUp(t, "ann")
	hookMust(t, err)
	m := a.newest(t, "ann@example.com")
	found := linkInMail.FindStringSubmatch(m.Body)
	if found == nil || m.Subject != "go" || !strings.HasSuffix(m.Body, ">Click Here</a>") {
		t.Fatalf("subject %q, body %q", m.Subject, m.Body)
	}
	if res, _ := openPage(t, http.MethodGet, html.UnescapeString(found[1])); res.StatusCode != http.StatusOK {
		t.Errorf("the link: %s", res.Status)
	}
	out, err := a.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{UserPoolId: &a.pool, ClientName: aws.String("secret"), GenerateSecret: true})
	hookMust(t, err)
	client := out.UserPoolClient
	hash := credential.SecretHash(*client.ClientSecret, "bob", *client.ClientId)
	_, err = a.SignUp(t.Context(), &idp.SignUpInput{
		ClientId: client.ClientId, Username: aws.String("bob"), Password: aws.String(hookPassword), SecretHash: &hash,
		UserAttributes: hookAttributes("email", "bob@example.com"),
	})
	hookMust(t, err)
	m = a.newest(t, "bob@example.com")
	link := html.UnescapeString(linkInMail.FindStringSubmatch(m.Body)[1])
	own := a.srv.URL + "/confirmUser/?client_id=" + *client.ClientId + "&user_name=bob&confirmation_code=" + m.Code
	for name, address := range map[string]string{
		"without a signature":    own,
		"with another signature": own + "&signature=" + url.QueryEscape(hash),
		"for another user":       strings.Replace(link, "user_name=bob", "user_name=ann", 1),
	} {
		if res, _ := openPage(t, http.MethodGet, address); res.StatusCode != http.StatusBadRequest {
			t.Errorf("a link of a client with a secret, %s: %s", name, res.Status)
		}
	}
	if res, _ := openPage(t, http.MethodGet, link); res.StatusCode != http.StatusOK {
		t.Errorf("the link of a client with a secret: %s", res.Status)
	}
}

func TestALinkConfirmsNothingInAPoolOfCodes(t *testing.T) {
	t.Parallel()
	a := newHooked(t, wordy)
	_, err := a.signUp(t, "ann")
	hookMust(t, err)
	address := a.srv.URL + "/confirmUser/?client_id=" + a.client + "&user_name=ann&confirmation_code=" + a.srv.Code(t, "ann@example.com")
	if res, _ := openPage(t, http.MethodGet, address); res.StatusCode != http.StatusBadRequest {
		t.Errorf("a link in a pool that confirms by code: %s", res.Status)
	}
}
