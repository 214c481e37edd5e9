package server

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/config"
)

// A development server answers HTTPS at the address where it answers HTTP, with a certificate of its own: Amplify's signInWithRedirect reaches the
// OAuth endpoints by nothing else.

// handshake is the first byte of a TLS connection (RFC 8446, section 5.1). No HTTP request begins with it.
const handshake = 22

// bothSchemes is a listener whose connections are TLS where the client speaks it.
type bothSchemes struct {
	net.Listener
	config *tls.Config
	sorted chan accepted
	closed chan struct{}
	once   sync.Once
}

// accepted is what a listener answers.
type accepted struct {
	conn net.Conn
	err  error
}

func listenForBoth(l net.Listener, config *tls.Config) *bothSchemes {
	b := &bothSchemes{Listener: l, config: config, sorted: make(chan accepted), closed: make(chan struct{})}
	go b.run()
	return b
}

// run takes connections, and waits for the first byte of each apart from the others.
func (b *bothSchemes) run() {
	for {
		conn, err := b.Listener.Accept()
		if err == nil {
			go b.sort(conn)
			continue
		}
		if !b.pass(accepted{err: err}) || errors.Is(err, net.ErrClosed) {
			return
		}
	}
}

// sort finds out what the client speaks. It has as long for that as for the header of a request.
func (b *bothSchemes) sort(conn net.Conn) {
	var first [1]byte
	err := conn.SetReadDeadline(time.Now().Add(readHeaderTimeout))
	if err == nil {
		_, err = io.ReadFull(conn, first[:])
	}
	if err == nil {
		err = conn.SetReadDeadline(time.Time{})
	}
	if err != nil {
		_ = conn.Close()
		return
	}
	var whole net.Conn = &begun{conn, io.MultiReader(bytes.NewReader(first[:]), conn)}
	if first[0] == handshake {
		whole = tls.Server(whole, b.config)
	}
	if !b.pass(accepted{conn: whole}) {
		_ = conn.Close()
	}
}

// pass hands something to Accept, unless the listener is closed.
func (b *bothSchemes) pass(a accepted) bool {
	select {
	case b.sorted <- a:
		return true
	case <-b.closed:
		return false
	}
}

// Accept returns the next connection whose client has begun to speak.
func (b *bothSchemes) Accept() (net.Conn, error) {
	select {
	case a := <-b.sorted:
		return a.conn, a.err
	case <-b.closed:
		return nil, net.ErrClosed
	}
}

// Close closes the listener, and the connections whose client has said nothing yet when their time is over.
func (b *bothSchemes) Close() error {
	b.once.Do(func() { close(b.closed) })
	return b.Listener.Close()
}

// begun is a connection of which something was read ahead.
type begun struct {
	net.Conn
	reader io.Reader
}

// Read reads what was read ahead, and then the rest.
func (b *begun) Read(p []byte) (int, error) { return b.reader.Read(p) }

// devCertificate is the certificate of a development server, made when somebody first asks for it and kept in a folder, so that a browser that was
// told to trust it goes on doing so. Without a folder it is kept in memory.
type devCertificate struct {
	folder string

	mu      sync.Mutex
	current *tls.Certificate
}

// SecureURL is where a development server answers HTTPS with a certificate of its own: under the name that passkeys need. It is empty where the
// server's URL says something else.
func (s *Server) SecureURL() string {
	u, err := url.Parse(s.URL)
	if err != nil || s.main.TLSConfig != nil || u.Scheme != "http" || !config.IsLoopback(net.JoinHostPort(u.Hostname(), "0")) {
		return ""
	}
	u.Scheme = "https"
	if host, ok := named(u.Host); ok {
		u.Host = host
	}
	return u.String()
}

// devCertificate is the server's.
func (s *Server) devCertificate() *devCertificate {
	if s.options.Config.InMemory() {
		return &devCertificate{}
	}
	return &devCertificate{folder: s.options.Config.DataDir}
}

const (
	devCertificateFile = "dev-cert.pem"
	devCertificateKey  = "dev-key.pem"
	devCertificateLife = 365 * 24 * time.Hour
)

func (c *devCertificate) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}
}

func (c *devCertificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if c.current == nil && c.folder != "" {
		if pair, err := tls.LoadX509KeyPair(filepath.Join(c.folder, devCertificateFile), filepath.Join(c.folder, devCertificateKey)); err == nil {
			c.current = &pair
		}
	}
	if c.current != nil && now.Before(c.current.Leaf.NotAfter) {
		return c.current, nil
	}
	pair, err := c.make(now)
	if err != nil {
		return nil, err
	}
	c.current = pair
	return pair, nil
}

// make issues a certificate for this machine, by itself, and writes it to the folder.
func (c *devCertificate) make(now time.Time) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "cenote dev"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(devCertificateLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
		DNSNames: []string{"localhost", "*.localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	certText := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyText := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
	if c.folder != "" {
		for name, text := range map[string][]byte{devCertificateKey: keyText, devCertificateFile: certText} {
			if err := os.WriteFile(filepath.Join(c.folder, name), text, 0o600); err != nil {
				return nil, err
			}
		}
	}
	pair, err := tls.X509KeyPair(certText, keyText)
	return &pair, err
}
