package message

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// sendLimit is the time that one message may take, connection and retries included: somebody is waiting for an answer.
const sendLimit = 5 * time.Second

// The ways to log in that are offered, best first. The ones marked NOENC also send the password without TLS, which is
// only done on loopback.
var (
	authMethods = []mail.SMTPAuthType{
		mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthPlain, mail.SMTPAuthLogin, mail.SMTPAuthCramMD5,
	}
	loopbackAuthMethods = []mail.SMTPAuthType{
		mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthPlainNoEnc, mail.SMTPAuthLoginNoEnc, mail.SMTPAuthCramMD5,
	}
)

// SMTP sends mail through a mail server, one connection for each message.
//
// Towards another machine TLS is a must and its certificate is verified. On loopback TLS is used when the server offers
// it, with any certificate: what does not leave the machine needs none, and certificates for localhost are rare.
type SMTP struct {
	options  SMTPOptions
	from     string
	loopback bool
	limit    time.Duration
	roots    *x509.CertPool // nil means those of the system
	dial     func(ctx context.Context, network, address string) (net.Conn, error)
}

// NewSMTP returns a sender over the mail server. From, `addr` or `Name <addr>`, is the sender of messages whose pool has none
// of its own; it must not be empty.
func NewSMTP(o SMTPOptions, from string) (*SMTP, error) {
	if err := ParseFrom(from); err != nil {
		return nil, fmt.Errorf("sender of mail: %w", err)
	}
	var dialer net.Dialer
	return &SMTP{options: o, from: from, loopback: isLoopback(o.Host), limit: sendLimit, dial: dialer.DialContext}, nil
}

// Send hands the message to the mail server. Its errors say what the server answered, without code and addresses.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	letter, err := compose(m, s.from)
	if err != nil {
		return err
	}
	err = s.session(ctx, func(c *mail.Client, conn *smtp.Client) error {
		return c.SendWithSMTPClient(conn, letter)
	})
	if err == nil || letter.IsDelivered() { // what fails after the server took the mail does not matter
		return nil
	}
	return fmt.Errorf("mail server %s: %w", s.options.address(), WithoutSecrets(err, m))
}

// Check connects, says hello, logs in and leaves, and tells what failed. It sends nothing.
func (s *SMTP) Check(ctx context.Context) error {
	err := s.session(ctx, func(*mail.Client, *smtp.Client) error { return nil })
	if err != nil {
		return fmt.Errorf("mail server %s: %w", s.options.address(), WithoutSecrets(err, Message{}))
	}
	return nil
}

// session opens a connection, logs in, lets use work with it, and closes it, all within the limit.
//
// It dials by itself because the library neither closes a connection whose greeting failed, nor listens to the context
// after the login.
func (s *SMTP) session(ctx context.Context, use func(*mail.Client, *smtp.Client) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()

	var raw net.Conn
	defer func() {
		if raw != nil {
			_ = raw.Close()
		}
	}()
	client, err := s.client(func(dialing context.Context, _, _ string) (net.Conn, error) {
		var err error
		if raw, err = s.connect(dialing); err != nil {
			return nil, err
		}
		connection := raw
		context.AfterFunc(ctx, func() { _ = connection.Close() }) // ends every read and write under way
		return s.encrypt(dialing, connection)
	})
	if err != nil {
		return err
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err == nil {
		if err = use(client, conn); err == nil {
			_ = conn.Quit() // a courtesy
		}
	}
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("gave up after at most %s: %w", s.limit, ctx.Err())
	}
	return err
}

func (s *SMTP) client(dial mail.DialContextFunc) (*mail.Client, error) {
	o := s.options
	settings := []mail.Option{
		mail.WithPort(o.Port), mail.WithDialContextFunc(dial), mail.WithTLSConfig(s.tls()),
		mail.WithTimeout(2 * s.limit),          // session's limit must come first, to be told as what it is
		mail.WithoutNoop(), mail.WithoutRset(), // two round trips that a fresh connection does not need
	}
	switch {
	case o.TLS:
		settings = append(settings, mail.WithSSL())
	case s.loopback:
		settings = append(settings, mail.WithTLSPolicy(mail.TLSOpportunistic))
	default:
		settings = append(settings, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if o.User != "" {
		methods := authMethods
		if s.loopback {
			methods = loopbackAuthMethods
		}
		settings = append(settings, mail.WithUsername(o.User), mail.WithPassword(string(o.Password)),
			mail.WithOpportunisticSMTPAuth(methods...))
	}
	return mail.NewClient(o.Host, settings...)
}

func (s *SMTP) connect(ctx context.Context) (net.Conn, error) {
	conn, err := s.dial(ctx, "tcp", s.options.address())
	if err != nil {
		return nil, err
	}
	conn = &boundedConn{Conn: conn, left: maxSaid}
	if !s.loopback {
		return conn, nil
	}
	peer, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		_ = conn.Close()
		return nil, errors.New("the name resolves to another machine; give its address, so that TLS is used")
	}
	return conn, nil
}

// maxSaid bounds what a mail server says in one session, TLS included: a certificate chain takes a few kilobytes, the replies one.
const maxSaid = 256 << 10

var errTalkative = errors.New("it says more than a mail server has to")

// boundedConn is a connection that can be read to a bound. The library keeps whole replies in memory, however long.
type boundedConn struct {
	net.Conn
	left int
}

// Read implements net.Conn.
func (c *boundedConn) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errTalkative
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

// encrypt begins TLS on a connection that has it from the first byte. The result must be a *tls.Conn for the library to
// see that passwords may be sent.
func (s *SMTP) encrypt(ctx context.Context, conn net.Conn) (net.Conn, error) {
	if !s.options.TLS {
		return conn, nil
	}
	encrypted := tls.Client(conn, s.tls())
	if err := encrypted.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return encrypted, nil
}

func (s *SMTP) tls() *tls.Config {
	return &tls.Config{
		ServerName:         s.options.Host,
		RootCAs:            s.roots,
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: s.loopback, //nolint:gosec // see SMTP
	}
}
