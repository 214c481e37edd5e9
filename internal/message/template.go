package message

import (
	"cmp"
	"html"
	"regexp"
	"strings"
	"unicode"
)

// Templates are the words of a pool, as its settings have them. An empty string means the default.
//
// Placeholders are {####} for the code (the temporary password in an invitation), {username} in invitations, and
// {##text##} in LinkEmail, which becomes a link with that text. E-mail bodies are HTML.
type Templates struct {
	CodeEmailSubject   string // VerificationMessageTemplate.EmailSubject
	CodeEmail          string // VerificationMessageTemplate.EmailMessage
	LinkEmailSubject   string // VerificationMessageTemplate.EmailSubjectByLink
	LinkEmail          string // VerificationMessageTemplate.EmailMessageByLink
	CodeSMS            string // VerificationMessageTemplate.SmsMessage
	InviteEmailSubject string // AdminCreateUserConfig.InviteMessageTemplate.EmailSubject
	InviteEmail        string // AdminCreateUserConfig.InviteMessageTemplate.EmailMessage
	InviteSMS          string // AdminCreateUserConfig.InviteMessageTemplate.SMSMessage
	AuthEmailSubject   string // EmailMfaConfiguration.Subject
	AuthEmail          string // EmailMfaConfiguration.Message
	AuthSMS            string // SmsAuthenticationMessage, or that of SmsMfaConfiguration
}

// The default words. Codes never end a sentence: a full stop behind a temporary password would be copied with it.
const (
	defaultCodeSubject   = "Your verification code"
	defaultCode          = "Enter the code {####} to confirm that this is you."
	defaultLinkSubject   = "Your verification link"
	defaultLink          = "Please {##verify your e-mail address##} to finish."
	defaultInviteSubject = "Your temporary password"
	defaultInvite        = "Sign in with the username {username} and the temporary password {####} to open your new account."
	defaultAuthSubject   = "Your sign-in code"
	defaultAuth          = "Enter the code {####} to sign in."
)

// Template is the words for one message. The subject is not used for SMS.
type Template struct {
	Subject, Body string
}

// codePlaceholder is where a template tells the code.
const codePlaceholder = "{####}"

// TellsCode reports whether the body has the placeholder of the code.
func (t Template) TellsCode() bool { return strings.Contains(t.Body, codePlaceholder) }

// Pick returns the template for a medium and a reason, with defaults for what the pool leaves empty.
// A link is only ever sent by e-mail, for SignUp and ResendCode; elsewhere byLink changes nothing.
// The caller may replace parts of the result, as the CustomMessage trigger does, before Render.
func (t Templates) Pick(m Medium, r Reason, byLink bool) Template {
	if m == SMS {
		return Template{Body: t.sms(r)}
	}
	switch {
	case r == AdminCreateUser:
		return Template{cmp.Or(t.InviteEmailSubject, defaultInviteSubject), cmp.Or(t.InviteEmail, defaultInvite)}
	case r == Authentication:
		return Template{cmp.Or(t.AuthEmailSubject, defaultAuthSubject), cmp.Or(t.AuthEmail, defaultAuth)}
	case byLink && (r == SignUp || r == ResendCode):
		return Template{cmp.Or(t.LinkEmailSubject, defaultLinkSubject), cmp.Or(t.LinkEmail, defaultLink)}
	}
	return Template{cmp.Or(t.CodeEmailSubject, defaultCodeSubject), cmp.Or(t.CodeEmail, defaultCode)}
}

func (t Templates) sms(r Reason) string {
	switch r {
	case AdminCreateUser:
		return cmp.Or(t.InviteSMS, defaultInvite)
	case Authentication:
		return cmp.Or(t.AuthSMS, defaultAuth)
	default:
		return cmp.Or(t.CodeSMS, defaultCode)
	}
}

// placeholder finds what Render replaces. The code comes first: {####} would also be a link without a text.
var placeholder = regexp.MustCompile(`\{####\}|\{username\}|\{##[\s\S]+?##\}`)

// Render returns m with its subject and body. m needs its medium, reason, code and username.
//
// It goes through the template once, so that a username that looks like a placeholder stays a username. In HTML the
// values are escaped: a username is whatever a stranger typed at sign-up.
func (t Template) Render(m Message, link string) Message {
	plain := func(s string) string { return s }
	if m.Medium == SMS {
		m.Subject, m.Body = "", fill(t.Body, m, "", plain)
		return m
	}
	m.Subject, m.Link = oneLine(fill(t.Subject, m, "", plain)), link
	m.Body = fill(t.Body, m, link, html.EscapeString)
	return m
}

func fill(template string, m Message, link string, escape func(string) string) string {
	return placeholder.ReplaceAllStringFunc(template, func(found string) string {
		switch {
		case found == codePlaceholder:
			return escape(m.Code)
		case found == "{username}":
			if m.Reason == AdminCreateUser {
				return escape(m.Username)
			}
		case link != "":
			text := strings.TrimSuffix(strings.TrimPrefix(found, "{##"), "##}") // the author's HTML
			return `<a href="` + escape(link) + `">` + text + `</a>`
		}
		return found
	})
}

// oneLine makes a header value of any text: control characters and line breaks become spaces, runs of spaces one.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
