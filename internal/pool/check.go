package pool

import (
	"maps"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// check refuses settings that contradict each other. They are complete (fillIn); the pool is the one they are for, with the
// parts of its MFA configuration that are not among the settings. The first contradiction is told.
func (p *Pool) check(s *wire.UserPoolType) error {
	for _, rule := range []func(*wire.UserPoolType) string{
		signInFlaw, invitationFlaw, lambdaFlaw, emailFlaw, smsFlaw, updateFlaw, recoveryFlaw, keyFlaw, acrFlaw,
	} {
		if flaw := rule(s); flaw != "" {
			return fault.New(fault.InvalidParameter, flaw)
		}
	}
	if s.SmsConfiguration != nil && s.SmsConfiguration.EumsSms != nil {
		if r := s.SmsConfiguration.EumsSms.Region; r != "" && r != p.Region() {
			return fault.New(fault.InvalidParameter, "The Region of EumsSms must be the Region of the user pool.")
		}
	}
	if flaw := mfaFlaw(s, p.Mfa); flaw != "" {
		return fault.New(fault.InvalidParameter, flaw)
	}
	if flaw := tagFlaw(s.UserPoolTags); flaw != "" {
		return fault.New(fault.UserPoolTagging, flaw)
	}
	if s.UserPoolTier == Lite && p.TracksSessions() {
		return unavailable(Lite, sessionTracking)
	}
	return checkTier(s, p.Mfa, p.Logs)
}

// checkTemporaryPasswordDays refuses a request with two lives for temporary passwords. The text has been observed; Terraform looks for
// it.
func checkTemporaryPasswordDays(policies *wire.UserPoolPolicyType, config *wire.AdminCreateUserConfigType) error {
	if policies == nil || policies.PasswordPolicy == nil || config == nil {
		return nil
	}
	policy, unused := policies.PasswordPolicy.TemporaryPasswordValidityDays, config.UnusedAccountValidityDays
	if wire.Value(policy, 0) != 0 && wire.Value(unused, 0) != 0 {
		return fault.New(fault.InvalidParameter,
			"Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays")
	}
	return nil
}

// linkText matches what becomes the link in a message that confirms by one.
var linkText = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{##[\s\S]+?##\}`) })

// checkLinkMessage refuses a message by link of a request whose link has no text: {####} is a code, though the constraints of the model let
// it pass. The text was observed (aws/aws-cli#8280).
func checkLinkMessage(t *wire.VerificationMessageTemplateType) error {
	if t == nil || t.EmailMessageByLink == "" || linkText().MatchString(strings.ReplaceAll(t.EmailMessageByLink, "{####}", "")) {
		return nil
	}
	return fault.New(fault.InvalidParameter, "The message is invalid.")
}

func signInFlaw(s *wire.UserPoolType) string {
	factors := s.Policies.SignInPolicy.AllowedFirstAuthFactors
	switch {
	case !slices.Contains(factors, string(Password)):
		return "AllowedFirstAuthFactors must include PASSWORD."
	case slices.Contains(factors, "SOFTWARE_TOKEN"):
		return "SOFTWARE_TOKEN is not supported as a first authentication factor."
	}
	return ""
}

// invitationFlaw looks for the placeholder without which an invited user cannot sign in. The one for the password may be missing: users
// can be without one, and others then get no invitation (documented).
func invitationFlaw(s *wire.UserPoolType) string {
	t := s.AdminCreateUserConfig.InviteMessageTemplate
	if t == nil {
		return ""
	}
	for _, text := range []string{t.EmailMessage, t.SMSMessage} {
		if text != "" && !strings.Contains(text, "{username}") {
			return "The invitation message must contain the placeholder {username}."
		}
	}
	return ""
}

func lambdaFlaw(s *wire.UserPoolType) string {
	l := s.LambdaConfig
	switch {
	case l.PreTokenGenerationConfig != nil && l.PreTokenGenerationConfig.LambdaArn != l.PreTokenGeneration:
		return "PreTokenGeneration and the LambdaArn of PreTokenGenerationConfig must be identical."
	case (l.CustomEmailSender != nil || l.CustomSMSSender != nil) && l.KMSKeyID == "":
		return "KMSKeyID is required when CustomEmailSender or CustomSMSSender is set."
	}
	return ""
}

// emailFlaw also keeps anything but addresses out of what becomes headers of mail.
func emailFlaw(s *wire.UserPoolType) string {
	e := s.EmailConfiguration
	if e.EmailSendingAccount == "DEVELOPER" && e.SourceArn == "" {
		return "SourceArn is required when EmailSendingAccount is DEVELOPER."
	}
	if e.From != "" && !isSender(e.From) {
		return "Invalid From email address format."
	}
	if e.ReplyToEmailAddress != "" && !isSender(e.ReplyToEmailAddress) {
		return "Invalid ReplyToEmailAddress format."
	}
	return ""
}

// isSender reports whether the text is an e-mail address, with or without a name before it, on one line.
func isSender(text string) bool {
	_, err := mail.ParseAddress(text)
	return err == nil && !strings.ContainsAny(text, "\r\n\x00")
}

func smsFlaw(s *wire.UserPoolType) string {
	c := s.SmsConfiguration
	switch {
	case c == nil:
	case c.SnsCallerArn != "" && c.EumsSms != nil:
		return "SmsConfiguration can have either SnsCallerArn or EumsSms, but not both."
	case c.SnsCallerArn == "" && c.EumsSms == nil:
		return "SmsConfiguration requires SnsCallerArn."
	}
	return ""
}

func updateFlaw(s *wire.UserPoolType) string {
	if u := s.UserAttributeUpdateSettings; u != nil {
		for _, name := range u.AttributesRequireVerificationBeforeUpdate {
			if !slices.Contains(s.AutoVerifiedAttributes, name) {
				return "All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes" // observed
			}
		}
	}
	return ""
}

// recoveryFlaw accepts a setting without mechanisms: it asks for what the service did before the setting existed. The texts were observed.
func recoveryFlaw(s *wire.UserPoolType) string {
	ms := s.AccountRecoverySetting.RecoveryMechanisms
	if len(ms) < 2 {
		return ""
	}
	names, priorities := map[string]bool{}, map[int64]bool{}
	for _, m := range ms {
		switch {
		case Recovery(m.Name) == RecoverByAdmin:
			return "Account Recovery Setting cannot use admin_only setting with any other recovery mechanisms."
		case names[m.Name], priorities[m.Priority]:
			return "Account Recovery Setting cannot have duplicate priorities or recovery mechanisms."
		}
		names[m.Name], priorities[m.Priority] = true, true
	}
	return ""
}

func keyFlaw(s *wire.UserPoolType) string {
	k := s.KeyConfiguration
	switch {
	case k == nil:
	case k.KeyType == "CUSTOMER_MANAGED_KEY" && k.KmsKeyArn == "":
		return "KmsKeyArn is required when KeyType is CUSTOMER_MANAGED_KEY."
	case k.KeyType == "AWS_OWNED_KEY" && k.KmsKeyArn != "":
		return "KmsKeyArn can not be set when KeyType is AWS_OWNED_KEY."
	}
	return ""
}

// acrName matches the characters of URIs and URNs (RFC 3986, section 2).
var acrName = regexp.MustCompile(`^[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+$`)

func acrFlaw(s *wire.UserPoolType) string {
	seen := map[string]bool{}
	for _, level := range slices.Sorted(maps.Keys(s.AcrConfiguration)) {
		name := s.AcrConfiguration[level].AcrValue
		switch {
		case acrNames[level] == "":
			return "Unknown ACR level: " + level
		case !acrName.MatchString(name):
			return "Invalid name of ACR level " + level
		case seen[name]:
			return "The names of ACR levels must be unique."
		}
		seen[name] = true
	}
	return ""
}
