package outbound

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"github.com/cenote-id/cenote/internal/tracing"
)

// ErrTooLarge means that the body of a response is longer than the client reads.
var ErrTooLarge = errors.New("the response is too large")

// Options say what a client may call and what it takes back.
type Options struct {
	Reach     Reach
	Timeout   time.Duration // of an exchange, from the connection to the end of the body; zero leaves it to the request's context
	MaxBody   int64         // bytes of a response body, uncompressed; reading on fails with ErrTooLarge. Zero: 1 MiB
	Redirects int           // how many are followed, each checked like the first URL; zero: none, the redirect is the response
}

const (
	defaultBody = 1 << 20
	maxHeader   = 64 << 10
)

// NewClient returns a client that holds to the options, for every library that takes an *http.Client. Its errors wrap ErrAddress, ErrTooLarge
// or what the network said; see Cause.
func NewClient(o Options) *http.Client {
	if o.MaxBody == 0 {
		o.MaxBody = defaultBody
	}
	t := &transport{reach: o.Reach, body: o.MaxBody, secure: newTransport(o.Reach, true), plain: newTransport(o.Reach, false)}
	return &http.Client{
		Transport: t,
		Timeout:   o.Timeout,
		CheckRedirect: func(next *http.Request, via []*http.Request) error {
			switch {
			case o.Redirects == 0:
				return http.ErrUseLastResponse
			case len(via) > o.Redirects:
				return fmt.Errorf("more than %d redirects", o.Redirects)
			case via[0].URL.Scheme == "https" && next.URL.Scheme != "https":
				return fmt.Errorf("%w: redirected from https to %s", ErrAddress, next.URL.Scheme)
			}
			return nil
		},
	}
}

// Cause returns what happened to a request without its URL, which may hold a secret.
func Cause(err error) error {
	if inner := new(url.Error); errors.As(err, &inner) {
		return inner.Err
	}
	return err
}

// transport checks each request and bounds its response. There is one transport for each scheme, because what may be dialed depends on it.
type transport struct {
	reach         Reach
	body          int64
	secure, plain *http.Transport
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := t.reach.CheckURL(req.URL); err != nil {
		if req.Body != nil {
			_ = req.Body.Close() // as a RoundTripper must
		}
		return nil, err
	}
	by := t.plain
	if req.URL.Scheme == "https" {
		by = t.secure
	}
	res, err := tracing.RoundTrip(req, t.reach == Operator, by.RoundTrip) // providers of others need not know our traces
	if err != nil {
		return nil, err
	}
	res.Body = &boundedBody{ReadCloser: res.Body, left: t.body}
	return res, nil
}

// CloseIdleConnections is called by that of http.Client.
func (t *transport) CloseIdleConnections() {
	t.secure.CloseIdleConnections()
	t.plain.CloseIdleConnections()
}

func newTransport(r Reach, secure bool) *http.Transport {
	dialer := net.Dialer{Timeout: 10 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		peer, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%w: %s", ErrAddress, address)
		}
		return r.check(peer.Addr(), secure)
	}}
	t := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxIdleConnsPerHost:    16,
		IdleConnTimeout:        time.Minute,
		MaxResponseHeaderBytes: maxHeader,
		ForceAttemptHTTP2:      true,
	}
	if secure && r.proxy {
		t.Proxy = http.ProxyFromEnvironment
	}
	return t
}

// boundedBody ends with ErrTooLarge where a body goes on behind its bound.
type boundedBody struct {
	io.ReadCloser
	left int64
}

// Read implements io.Reader.
func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrTooLarge
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1] // one byte more tells whether there is more
	}
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n - 1, ErrTooLarge
	}
	return n, err
}
