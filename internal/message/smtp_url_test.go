package message

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseSMTP(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, url string
		want      SMTPOptions
		refused   string // part of the error
	}{
		{name: "everything given", url: "smtp://user:pass@mail.example.com:2525", want: SMTPOptions{Host: "mail.example.com", Port: 2525, User: "user", Password: "pass"}},
		{name: "the port of STARTTLS is 587", url: "smtp://mail.example.com/", want: SMTPOptions{Host: "mail.example.com", Port: 587}},
		{name: "the port of TLS is 465", url: "smtps://mail.example.com", want: SMTPOptions{Host: "mail.example.com", Port: 465, TLS: true}},
		{name: "credentials are decoded", url: "smtps://a%40b:p%3A%2F%25@[::1]:1", want: SMTPOptions{Host: "::1", Port: 1, TLS: true, User: "a@b", Password: "p:/%"}},
		{name: "another scheme", url: "http://user:hunter2@h", refused: "must begin with smtp:// or smtps://"},
		{name: "no scheme", url: "mail.example.com:587", refused: "must begin with"},
		{name: "nothing", url: "", refused: "must begin with"},
		{name: "no host", url: "smtp://user:hunter2@:25", refused: "names no host"},
		{name: "a port too high", url: "smtp://h:70000", refused: "port 70000"},
		{name: "port zero", url: "smtp://h:0", refused: "port 0"},
		{name: "a port of letters", url: "smtp://h:smtp", refused: "not a URL"},
		{name: "a password with a hash that was not encoded", url: "smtp://user:hunter2#x@h", refused: "not a URL"},
		{name: "a user without a password", url: "smtp://user@h", refused: "a user needs a password"},
		{name: "a password without a user", url: "smtp://:hunter2@h", refused: "a user needs a password"},
		{name: "a path", url: "smtp://h/inbox", refused: "nothing may follow"},
		{name: "a query", url: "smtp://h?tls=no", refused: "nothing may follow"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseSMTP(c.url)
			if c.refused == "" {
				if err != nil {
					t.Fatal(err)
				}
				if got != c.want {
					t.Errorf("host %q port %d TLS %v user %q password %q", got.Host, got.Port, got.TLS, got.User, string(got.Password))
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.refused) {
				t.Fatalf("error %v, want one with %q", err, c.refused)
			}
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\n") {
				t.Errorf("error tells the password or has several lines: %v", err)
			}
		})
	}
}

func TestParseSMS(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, url string
		want      SMSOptions
		refused   string
	}{
		{name: "unsigned", url: "http://127.0.0.1:8080/send?k=v", want: SMSOptions{URL: "http://127.0.0.1:8080/send?k=v"}},
		{name: "a secret as the password", url: "https://:s%2F1@sms.example.com/send", want: SMSOptions{URL: "https://sms.example.com/send", Secret: "s/1"}},
		{name: "a secret as the user", url: "https://whsec_c2VjcmV0@sms.example.com", want: SMSOptions{URL: "https://sms.example.com", Secret: "whsec_c2VjcmV0"}},
		{name: "a transport that is not a webhook", url: "sns:us-east-1", refused: "must begin with https:// or http://"},
		{name: "no host", url: "https:///send", refused: "names no host"},
		{name: "user and password", url: "https://user:hunter2@h", refused: "signing secret, no user"},
		{name: "an empty secret", url: "https://:@h", refused: "secret in front of @ is empty"},
		{name: "a secret that is not base64", url: "https://whsec_hunter2!@h", refused: "not base64"},
		{name: "a fragment", url: "https://h/#x", refused: "behind #"},
		{name: "garbage", url: "https://h:hunter2:x", refused: "not a URL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseSMS(c.url)
			if c.refused == "" {
				if err != nil || got.URL != c.want.URL || string(got.Secret) != string(c.want.Secret) {
					t.Errorf("got URL %q secret %q, %v", got.URL, string(got.Secret), err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.refused) {
				t.Fatalf("error %v, want one with %q", err, c.refused)
			}
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\n") {
				t.Errorf("error tells the secret or has several lines: %v", err)
			}
		})
	}
}

func FuzzParseURLs(f *testing.F) {
	f.Add("smtp://user:pa%20ss@host:587")
	f.Add("https://:secret@host/path?x#y")
	f.Fuzz(func(t *testing.T, raw string) {
		for _, parse := range []func(string) error{
			func(s string) error { _, err := ParseSMTP(s); return err },
			func(s string) error { _, err := ParseSMS(s); return err },
		} {
			if err := parse(raw); err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("%q: error of several lines: %q", raw, err)
			}
		}
		o, err := ParseSMTP(raw)
		if err != nil {
			return
		}
		if again, err := ParseSMTP(o.String()); err != nil || !cmp.Equal([]any{o.Host, o.Port, o.TLS}, []any{again.Host, again.Port, again.TLS}) {
			t.Errorf("%q: shown as %s, which reads as %s (%v)", raw, o, again, err)
		}
	})
}
