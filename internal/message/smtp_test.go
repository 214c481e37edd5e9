package message

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"
)

const from = "Cenote <no-reply@example.com>"

func letterTo(to string) Message {
	return Message{
		ID: "message1", Time: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Medium: Email, To: to,
		Subject: "Your code", Body: "<p>Code <b>493817</b></p>", Code: "493817", PoolID: "p", Username: "alice", Reason: SignUp,
	}
}

// parts reads a mail and the bodies of its parts by their type.
func parts(t *testing.T, data []byte) (mail.Header, map[string]string) {
	t.Helper()
	letter, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(letter.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("Content-Type %q, %v", letter.Header.Get("Content-Type"), err)
	}
	bodies := map[string]string{}
	for reader := multipart.NewReader(letter.Body, params["boundary"]); ; {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return letter.Header, bodies
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := part.Header.Get("Content-Transfer-Encoding"); got != "quoted-printable" {
			t.Fatalf("Content-Transfer-Encoding %q", got)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		bodies[part.Header.Get("Content-Type")] = strings.TrimRight(string(body), "\r\n")
	}
}

func TestMailArrivesAsHTMLWithAPlainAlternative(t *testing.T) {
	t.Parallel()
	server := new(mailServer).start(t, false, false)
	m := letterTo("bob@example.com")
	m.Subject = "Grüße 你好 " + strings.Repeat("sehr lang ", 12)
	m.Body = `<p>Grüße, <a href="https://x/?a=1&amp;b=2">你好</a></p>`
	m.From, m.ReplyTo = "Poöl <pool@example.org>", "help@example.org"
	if err := server.sender(t, "smtp://127.0.0.1", from).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	letters := server.received()
	if len(letters) != 1 {
		t.Fatalf("%d mails arrived, want 1", len(letters))
	}
	if diff := cmp.Diff([]string{"pool@example.org", "bob@example.com"}, append([]string{letters[0].from}, letters[0].to...)); diff != "" {
		t.Errorf("envelope (-want +got):\n%s", diff)
	}
	header, bodies := parts(t, letters[0].data)
	decode := func(name string) string {
		s, err := new(mime.WordDecoder).DecodeHeader(header.Get(name))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	got := map[string]string{}
	for _, name := range []string{"Subject", "From", "To", "Reply-To", "Date", "Message-Id", "Auto-Submitted"} {
		got[name] = decode(name)
	}
	want := map[string]string{
		"Subject": strings.TrimSpace(m.Subject), "From": "Poöl <pool@example.org>", "To": "<bob@example.com>", "Reply-To": "<help@example.org>",
		"Date": "Sun, 01 Mar 2026 12:00:00 +0000", "Message-Id": "<message1@example.org>", "Auto-Submitted": "auto-generated",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{
		"text/html; charset=UTF-8":  m.Body,
		"text/plain; charset=UTF-8": "Grüße, 你好 (https://x/?a=1&b=2)",
	}, bodies); diff != "" {
		t.Errorf("bodies (-want +got):\n%s", diff)
	}
}

func TestNothingCanBeInjected(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		change  func(*Message)
		refused bool
	}{
		{"a header in the subject", func(m *Message) { m.Subject = "Hi\r\nBcc: eve@example.com\r\n\r\nbody" }, false},
		{"a bare line feed in the subject", func(m *Message) { m.Subject = "Hi\nBcc: eve@example.com" }, false},
		{"an end of the mail in the body", func(m *Message) { m.Body = "Hi\r\n.\r\nMAIL FROM:<eve@example.com>\r\n" }, false},
		{"a header in the recipient", func(m *Message) { m.To = "bob@example.com\r\nBcc: eve@example.com" }, true},
		{"a second recipient", func(m *Message) { m.To = "bob@example.com, eve@example.com" }, true},
		{"a recipient hidden behind a name", func(m *Message) { m.To = "bob@example.com <eve@example.com>" }, true},
		{"a command in the recipient", func(m *Message) { m.To = "bob@example.com>\r\nDATA" }, true},
		{"no recipient", func(m *Message) { m.To = "" }, true},
		{"a header in the sender", func(m *Message) { m.From = "a@example.com\r\nBcc: eve@example.com" }, true},
		{"a header in the reply address", func(m *Message) { m.ReplyTo = "a@example.com\r\nBcc: eve@example.com" }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := new(mailServer).start(t, false, false)
			m := letterTo("bob@example.com")
			c.change(&m)
			err := server.sender(t, "smtp://127.0.0.1", from).Send(t.Context(), m)
			letters := server.received()
			if c.refused {
				if err == nil || len(letters) != 0 {
					t.Fatalf("Send = %v, %d mails arrived; want it refused", err, len(letters))
				}
				if strings.Contains(err.Error(), "@") {
					t.Errorf("the error tells an address: %v", err)
				}
				return
			}
			if err != nil || len(letters) != 1 {
				t.Fatalf("Send = %v, %d mails arrived; want one", err, len(letters))
			}
			if diff := cmp.Diff([]string{"bob@example.com"}, letters[0].to); diff != "" {
				t.Errorf("recipients (-want +got):\n%s", diff)
			}
			header, bodies := parts(t, letters[0].data)
			if header.Get("Bcc") != "" || len(bodies) != 2 {
				t.Errorf("injected: Bcc %q, %d parts", header.Get("Bcc"), len(bodies))
			}
		})
	}
}

func TestLoginAndEncryption(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		url           string
		tls, implicit bool
		foreign       bool   // the certificate is not one that the sender trusts
		failure       string // part of the error; empty when the mail arrives
		encrypted     bool
	}{
		{name: "STARTTLS with a login", url: "smtp://alice:hunter2@example.com", tls: true, encrypted: true},
		{name: "TLS from the first byte", url: "smtps://alice:hunter2@example.com", tls: true, implicit: true, encrypted: true},
		{name: "a server elsewhere that offers no TLS", url: "smtp://alice:hunter2@example.com", failure: "does not support STARTTLS"},
		{name: "a foreign certificate with STARTTLS", url: "smtp://alice:hunter2@example.com", tls: true, foreign: true, failure: "certificate"},
		{name: "a foreign certificate from the first byte", url: "smtps://alice:hunter2@example.com", tls: true, implicit: true, foreign: true, failure: "certificate"},
		{name: "a certificate for another name", url: "smtp://alice:hunter2@mail.test", tls: true, failure: "certificate"},
		{name: "loopback without TLS", url: "smtp://alice:hunter2@127.0.0.1"},
		{name: "loopback with any certificate", url: "smtp://alice:hunter2@127.0.0.1", tls: true, foreign: true, encrypted: true},
		{name: "a wrong password", url: "smtp://alice:wrong@127.0.0.1", failure: "535"},
		{name: "no login where one is asked for", url: "smtp://127.0.0.1", failure: "502"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := (&mailServer{user: "alice", password: "hunter2"}).start(t, c.tls, c.implicit)
			sender := server.sender(t, c.url, from)
			if c.foreign {
				sender.roots = nil
			}
			err := sender.Send(t.Context(), letterTo("bob@example.com"))
			if c.failure != "" {
				if err == nil || !strings.Contains(err.Error(), c.failure) {
					t.Errorf("Send = %v, want an error with %q", err, c.failure)
				}
				if err != nil && strings.Contains(err.Error(), "hunter2") {
					t.Errorf("the error tells the password: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := server.received()
			if len(got) != 1 || got[0].tls != c.encrypted || got[0].auth != "alice" {
				t.Errorf("arrived %d; first: TLS %v, login %q", len(got), got[0].tls, got[0].auth)
			}
			if err := sender.Check(t.Context()); err != nil {
				t.Errorf("Check = %v", err)
			}
		})
	}
}

func TestRefusalsAreToldWithoutCodeAndAddress(t *testing.T) {
	t.Parallel()
	refusal := func(code int) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "no <BOB@example.com>, 493817 for other@example.net"}
	}
	for _, c := range []struct {
		name   string
		server *mailServer
		code   string
	}{
		{"the sender is refused for good", &mailServer{refuseMail: refusal(550)}, "550"},
		{"the recipient is refused for good", &mailServer{refuseRcpt: refusal(550)}, "550"},
		{"the recipient is refused for now", &mailServer{refuseRcpt: refusal(451)}, "451"},
		{"the content is refused", &mailServer{refuseData: refusal(554)}, "554"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := c.server.start(t, false, false)
			err := server.sender(t, "smtp://127.0.0.1", from).Send(t.Context(), letterTo("bob@example.com"))
			if err == nil {
				t.Fatal("Send = nil")
			}
			for e := err; e != nil; e = errors.Unwrap(e) {
				for _, secret := range []string{"493817", "bob", "BOB", "other@"} {
					if strings.Contains(e.Error(), secret) {
						t.Errorf("the error tells %q: %v", secret, e)
					}
				}
			}
			if !strings.Contains(err.Error(), c.code) {
				t.Errorf("the error does not tell %s: %v", c.code, err)
			}
		})
	}
}

func TestASlowServerIsGivenUp(t *testing.T) {
	t.Parallel()
	silentServer := func(t *testing.T) *mailServer { // accepts and says nothing
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = listener.Close() })
		return &mailServer{address: listener.Addr().String()}
	}
	hangingServer := func(t *testing.T) *mailServer { // says hello and then nothing
		server := &mailServer{hang: make(chan struct{})}
		server.start(t, false, false)
		t.Cleanup(func() { close(server.hang) })
		return server
	}
	for name, start := range map[string]func(*testing.T) *mailServer{
		"before its greeting": silentServer, "after its greeting": hangingServer,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sender := start(t).sender(t, "smtp://127.0.0.1", from)
			sender.limit = 50 * time.Millisecond
			if err := sender.Send(t.Context(), letterTo("bob@example.com")); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Send = %v, want context.DeadlineExceeded", err)
			}
			sender.limit = sendLimit
			gone, cancel := context.WithCancel(t.Context())
			cancel()
			if err := sender.Send(gone, letterTo("bob@example.com")); !errors.Is(err, context.Canceled) {
				t.Errorf("Send = %v, want context.Canceled", err)
			}
		})
	}
}

func TestATalkativeServerIsCutOff(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]string{"one line without an end": "220 " + strings.Repeat("x", 1020), "lines without an end": "220-hello\r\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = listener.Close() })
			said := make(chan int, 1)
			go func() {
				n := 0
				defer func() { said <- n }()
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				defer conn.Close()
				for n < 64<<20 {
					written, err := io.WriteString(conn, line)
					if n += written; err != nil {
						return
					}
				}
			}()
			sender := (&mailServer{address: listener.Addr().String()}).sender(t, "smtp://127.0.0.1", from)
			sender.limit = time.Minute
			err = sender.Send(t.Context(), letterTo("bob@example.com"))
			if err == nil || !strings.Contains(err.Error(), "says more") {
				t.Errorf("Send = %v, want the server cut off", err)
			}
			if n := <-said; n >= 64<<20 { // what the network's buffers hold, and not more
				t.Errorf("the server could say %d bytes", n)
			}
		})
	}
}

func TestCheckTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	nobody := &mailServer{address: "127.0.0.1:1"}
	login := (&mailServer{user: "alice", password: "hunter2"}).start(t, false, false)
	for name, c := range map[string]struct {
		sender *SMTP
		want   string
	}{
		"nobody listens":   {nobody.sender(t, "smtp://127.0.0.1", from), "refused"},
		"a wrong password": {login.sender(t, "smtp://alice:wrong@127.0.0.1", from), "535"},
	} {
		if err := c.sender.Check(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: Check = %v, want an error with %q", name, err, c.want)
		}
	}
	if got := login.received(); len(got) != 0 {
		t.Errorf("Check sent %d mails", len(got))
	}
}

func TestASenderMustBeAnAddress(t *testing.T) {
	t.Parallel()
	for _, sender := range []string{"", "nobody", "a@b, c@d", "a@b\r\nBcc: c@d"} {
		if _, err := NewSMTP(SMTPOptions{Host: "127.0.0.1", Port: 25}, sender); err == nil {
			t.Errorf("NewSMTP takes %q as the sender", sender)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("error of several lines: %q", err)
		}
	}
}
