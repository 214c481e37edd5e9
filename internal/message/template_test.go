package message_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/message"
)

func TestRender(t *testing.T) {
	t.Parallel()
	invite := func(m message.Medium, username, code string) message.Message {
		return message.Message{Medium: m, Reason: message.AdminCreateUser, Username: username, Code: code}
	}
	code := func(m message.Medium) message.Message {
		return message.Message{Medium: m, Reason: message.SignUp, Username: "alice", Code: "123456"}
	}
	for _, c := range []struct {
		name     string
		template message.Template
		message  message.Message
		link     string
		subject  string
		body     string
	}{
		{
			name:     "every occurrence of the code is filled in, in the subject too",
			template: message.Template{Subject: "{####} it is", Body: "<b>{####}</b>, {####}"},
			message:  code(message.Email), subject: "123456 it is", body: "<b>123456</b>, 123456",
		},
		{
			name:     "a text message has no subject and no escapes",
			template: message.Template{Subject: "unused", Body: "{username} & {####}"},
			message:  invite(message.SMS, "<a&b>", `p<"'>&`), body: `<a&b> & p<"'>&`,
		},
		{
			name:     "values are escaped in HTML and not in the subject",
			template: message.Template{Subject: "For {username}", Body: "<p>{username} {####}</p>"},
			message:  invite(message.Email, "<script>", `a"b&c`),
			subject:  "For <script>", body: "<p>&lt;script&gt; a&#34;b&amp;c</p>",
		},
		{
			name:     "the username is for invitations only",
			template: message.Template{Body: "{username} {####}"},
			message:  code(message.Email), body: "{username} 123456",
		},
		{
			name:     "a username that looks like a placeholder is not one",
			template: message.Template{Body: "{username}/{####}"},
			message:  invite(message.SMS, "{####}", "secret"), body: "{####}/secret",
		},
		{
			name:     "a link gets the text between the marks and an escaped address",
			template: message.Template{Body: "Please {##<b>click</b> here##}."},
			message:  code(message.Email), link: `https://x/?a=1&b="2"`,
			body: `Please <a href="https://x/?a=1&amp;b=&#34;2&#34;"><b>click</b> here</a>.`,
		},
		{
			name:     "code and link can stand side by side",
			template: message.Template{Body: "{####} or {##one##} or {##two##}"},
			message:  code(message.Email), link: "https://x",
			body: `123456 or <a href="https://x">one</a> or <a href="https://x">two</a>`,
		},
		{
			name:     "without a link its placeholder stays",
			template: message.Template{Body: "{####} {##click##}"},
			message:  code(message.Email), body: "123456 {##click##}",
		},
		{
			name:     "a subject is one line whatever it is made of",
			template: message.Template{Subject: "Hello {username}\r\nBcc: x@example.com", Body: "-"},
			message:  invite(message.Email, "a\nb\x00\u2028c", ""), subject: "Hello a b c Bcc: x@example.com", body: "-",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := c.template.Render(c.message, c.link)
			want := c.message
			want.Subject, want.Body = c.subject, c.body
			if diff := cmp.Diff([]string{want.Subject, want.Body}, []string{got.Subject, got.Body}); diff != "" {
				t.Errorf("Render (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPickChoosesThePoolsWords(t *testing.T) {
	t.Parallel()
	pool := message.Templates{
		CodeEmailSubject: "code subject", CodeEmail: "code mail", LinkEmailSubject: "link subject", LinkEmail: "link mail",
		CodeSMS: "code sms", InviteEmailSubject: "invite subject", InviteEmail: "invite mail", InviteSMS: "invite sms",
		AuthEmailSubject: "auth subject", AuthEmail: "auth mail", AuthSMS: "auth sms",
	}
	for _, c := range []struct {
		name   string
		reason message.Reason
		link   bool
		email  message.Template
		sms    string
	}{
		{"sign-up sends a code", message.SignUp, false, message.Template{Subject: "code subject", Body: "code mail"}, "code sms"},
		{"sign-up by link", message.SignUp, true, message.Template{Subject: "link subject", Body: "link mail"}, "code sms"},
		{"a link is sent again", message.ResendCode, true, message.Template{Subject: "link subject", Body: "link mail"}, "code sms"},
		{"recovery is never by link", message.ForgotPassword, true, message.Template{Subject: "code subject", Body: "code mail"}, "code sms"},
		{"attributes are never verified by link", message.VerifyAttribute, true, message.Template{Subject: "code subject", Body: "code mail"}, "code sms"},
		{"changes are never verified by link", message.UpdateAttribute, true, message.Template{Subject: "code subject", Body: "code mail"}, "code sms"},
		{"an invitation has its own words", message.AdminCreateUser, true, message.Template{Subject: "invite subject", Body: "invite mail"}, "invite sms"},
		{"a sign-in code has its own words", message.Authentication, true, message.Template{Subject: "auth subject", Body: "auth mail"}, "auth sms"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.email, pool.Pick(message.Email, c.reason, c.link)); diff != "" {
				t.Errorf("e-mail (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(message.Template{Body: c.sms}, pool.Pick(message.SMS, c.reason, c.link)); diff != "" {
				t.Errorf("SMS (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDefaultWordsTellWhatTheyMust(t *testing.T) {
	t.Parallel()
	const link = "https://auth.example.com/confirmUser?x=1"
	reasons := []message.Reason{
		message.SignUp, message.ResendCode, message.ForgotPassword, message.VerifyAttribute, message.UpdateAttribute,
		message.AdminCreateUser, message.Authentication,
	}
	for _, medium := range []message.Medium{message.Email, message.SMS} {
		for _, reason := range reasons {
			for _, link := range []string{"", link} {
				m := message.Message{Medium: medium, Reason: reason, Username: "alice", Code: "Xy7pQ2"}
				got := message.Templates{}.Pick(medium, reason, link != "").Render(m, link)
				byLink := medium == message.Email && link != "" && (reason == message.SignUp || reason == message.ResendCode)
				if byLink != strings.Contains(got.Body, `<a href="`+link+`">`) && link != "" {
					t.Errorf("%s %s: link in the body = %v, want %v: %s", medium, reason, !byLink, byLink, got.Body)
				}
				if !byLink && !strings.Contains(got.Body, " Xy7pQ2 ") {
					t.Errorf("%s %s: the code does not stand alone: %s", medium, reason, got.Body)
				}
				if reason == message.AdminCreateUser && !strings.Contains(got.Body, "alice") {
					t.Errorf("%s %s: the username is missing: %s", medium, reason, got.Body)
				}
				if (got.Subject == "") != (medium == message.SMS) {
					t.Errorf("%s %s: subject %q", medium, reason, got.Subject)
				}
				if strings.ContainsAny(got.Body, "{}") {
					t.Errorf("%s %s: a placeholder was left: %s", medium, reason, got.Body)
				}
				if medium == message.SMS && len(got.Body) > 140 {
					t.Errorf("%s %s: %d characters are too many for one text message", medium, reason, len(got.Body))
				}
			}
		}
	}
}

func FuzzRenderKeepsValuesOutOfTheMarkup(f *testing.F) {
	f.Add("{username} {####} {##x##}", "<b>", "\"'&")
	f.Add("{##{####}##}", "{####}", "{username}")
	f.Fuzz(func(t *testing.T, body, username, code string) {
		m := message.Message{Medium: message.Email, Reason: message.AdminCreateUser, Username: username, Code: code}
		got := message.Template{Subject: username + code, Body: body}.Render(m, "")
		if strings.ContainsAny(got.Subject, "\r\n\x00") {
			t.Errorf("subject is more than one line: %q", got.Subject)
		}
		for _, mark := range []string{"<", ">", `"`, "'"} {
			if got, want := strings.Count(got.Body, mark), strings.Count(body, mark); got != want {
				t.Errorf("body has %d of %s, the template %d", got, mark, want)
			}
		}
	})
}
