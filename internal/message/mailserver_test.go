package message

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// mailServer is a real SMTP server in this process. Its fields decide what it refuses; they are set before it is used.
type mailServer struct {
	user, password string // when set, nobody may send without them
	refuseMail     error
	refuseRcpt     error
	refuseData     error
	hang           chan struct{} // when set, a command MAIL waits until it is closed

	address string
	roots   *x509.CertPool

	mu      sync.Mutex
	letters []received
}

type received struct {
	from string
	to   []string
	data []byte
	tls  bool
	auth string
}

// start runs the server on a loopback port until the test ends. Without a certificate it offers no TLS.
func (s *mailServer) start(t *testing.T, withTLS, fromFirstByte bool) *mailServer {
	t.Helper()
	server := smtp.NewServer(s)
	server.Domain = "mail.test"
	server.AllowInsecureAuth = true
	server.EnableSMTPUTF8 = true
	server.ErrorLog = silent{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = listener.Addr().String()
	if withTLS {
		web := httptest.NewTLSServer(http.NotFoundHandler()) // owns a certificate for example.com and 127.0.0.1
		web.Close()
		server.TLSConfig = &tls.Config{Certificates: web.TLS.Certificates} //nolint:gosec // a test server
		s.roots = x509.NewCertPool()
		s.roots.AddCert(web.Certificate())
		if fromFirstByte {
			listener = tls.NewListener(listener, server.TLSConfig)
		}
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return s
}

// sender returns a sender to the server under the name given, whatever it would resolve to.
func (s *mailServer) sender(t *testing.T, url, from string) *SMTP {
	t.Helper()
	o, err := ParseSMTP(url)
	if err != nil {
		t.Fatal(err)
	}
	if isLoopback(o.Host) {
		_, port, err := net.SplitHostPort(s.address)
		if err != nil {
			t.Fatal(err)
		}
		if o.Port, err = strconv.Atoi(port); err != nil {
			t.Fatal(err)
		}
	}
	sender, err := NewSMTP(o, from)
	if err != nil {
		t.Fatal(err)
	}
	sender.roots = s.roots
	if !sender.loopback {
		sender.dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, s.address)
		}
	}
	return sender
}

func (s *mailServer) received() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.letters
}

// NewSession begins the server's side of a connection.
func (s *mailServer) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, encrypted := c.TLSConnectionState()
	return &mailSession{server: s, letter: received{tls: encrypted}}, nil
}

type mailSession struct {
	server *mailServer
	letter received
}

func (s *mailSession) AuthMechanisms() []string {
	if s.server.user == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *mailSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != s.server.user || password != s.server.password {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "no such login"}
		}
		s.letter.auth = user
		return nil
	}), nil
}

func (s *mailSession) Mail(from string, _ *smtp.MailOptions) error {
	if s.server.hang != nil {
		<-s.server.hang
	}
	if s.server.user != "" && s.letter.auth == "" {
		return smtp.ErrAuthRequired
	}
	s.letter.from = from
	return s.server.refuseMail
}

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.letter.to = append(s.letter.to, to)
	return s.server.refuseRcpt
}

func (s *mailSession) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.server.refuseData != nil {
		return s.server.refuseData
	}
	s.letter.data = data
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.letters = append(s.server.letters, s.letter)
	return nil
}

func (s *mailSession) Reset()        {}
func (s *mailSession) Logout() error { return nil }

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}
