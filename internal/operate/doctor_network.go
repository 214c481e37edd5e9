package operate

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/tracing"
)

// certificate looks whether the files make a pair that is valid for a while.
func (d *doctor) certificate() {
	const check = "certificate"
	c := d.config
	if c.TLSCert == "" {
		return
	}
	pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		d.fail(check, c.Wrong(CertificateSetting(c, err), err))
		return
	}
	if info, err := os.Stat(c.TLSKey); err == nil && readable(info) {
		d.warn("certificate key", "%s can be read by every user of this machine: chmod o-r %s", c.TLSKey, c.TLSKey)
	}
	switch left := time.Until(pair.Leaf.NotAfter); {
	case left <= 0:
		d.fail(check, c.Wrong("tls-cert", fmt.Errorf("expired on %s", pair.Leaf.NotAfter.Format(time.DateOnly))))
	case left < 14*24*time.Hour:
		d.warn(check, "expires on %s", pair.Leaf.NotAfter.Format(time.DateOnly))
	default:
		d.fine(check, "valid until %s", pair.Leaf.NotAfter.Format(time.DateOnly))
	}
}

// CertificateSetting names the setting to blame for an error of reading the certificate and its key.
func CertificateSetting(c *config.Config, err error) string {
	var missing *fs.PathError
	if errors.As(err, &missing) && missing.Path == c.TLSKey || missing == nil && strings.Contains(err.Error(), "key") {
		return "tls-key"
	}
	return "tls-cert"
}

// addressesInUse are what systems answer for an address that another program listens on; package syscall lacks the one of Windows (WSAEADDRINUSE).
var addressesInUse = []error{syscall.EADDRINUSE, syscall.Errno(10048)}

// address looks whether the address can be listened on, or is in use by a cenote already, which it reports.
func (d *doctor) address(ctx context.Context) (running bool) {
	const check = "listen"
	c := d.config
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", c.Listen)
	if err == nil {
		_ = l.Close() // it was only to be tried
		d.fine(check, "%s is free", c.Listen)
		return false
	}
	if !slices.ContainsFunc(addressesInUse, func(inUse error) bool { return errors.Is(err, inUse) }) {
		d.fail(check, c.Wrong("listen", err))
		return false
	}
	local := *c
	local.PublicURL = ""
	base := local.BaseURL(c.Listen)
	if err := askCenote(ctx, base); err != nil {
		d.fail(check, c.Wrong("listen", fmt.Errorf("%s is in use by another program", c.Listen)))
		return false
	}
	if d.isAnother(ctx, base) {
		d.fail(check, c.Wrong("listen", fmt.Errorf("%s is in use by a cenote with another database", c.Listen)))
		return false
	}
	d.fine(check, "a cenote answers on %s", c.Listen)
	return true
}

// metrics looks whether the second address is free while no server runs.
func (d *doctor) metrics(ctx context.Context) {
	if d.config.MetricsListen == "" {
		return
	}
	const check = "metrics"
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", d.config.MetricsListen)
	if err != nil {
		d.fail(check, d.config.Wrong("metrics-listen", err))
		return
	}
	_ = l.Close() // it was only to be tried
	d.fine(check, "%s is free", d.config.MetricsListen)
}

// isAnother reports whether the cenote at an address is known to have another database than that of the settings. What hides its health
// checks, as a proxy may, or is of an earlier version, is not.
func (d *doctor) isAnother(ctx context.Context, base string) bool {
	if !d.looked {
		return false
	}
	said, err := ask(ctx, http.MethodGet, base+"/healthz", "")
	if err != nil {
		return false
	}
	id := said.header.Get(DatabaseHeader)
	return id != "" && id != d.id
}

// publicURL looks whether others can use the address that tokens will name.
func (d *doctor) publicURL(ctx context.Context, running bool) {
	const check = "public URL"
	c := d.config
	base := c.BaseURL(c.Listen)
	u, err := url.Parse(base)
	if err != nil {
		d.fail(check, c.Wrong("public-url", err))
		return
	}
	local := config.IsLoopback(net.JoinHostPort(u.Hostname(), "0"))
	switch {
	case c.PublicURL == "" && !config.IsLoopback(c.Listen):
		d.warn(check, "tokens will name %s as their issuer; set --public-url to the address that applications use", base)
	case u.Scheme == "http" && !local:
		d.warn(check, "%s is not https: passwords travel in the open, and many verifiers refuse the issuer", base)
	case running && c.PublicURL != "":
		if err := askCenote(ctx, base); err != nil {
			d.warn(check, "%s does not lead here, seen from this machine: %v", base, err)
			return
		}
		if d.isAnother(ctx, base) {
			d.warn(check, "%s leads to a cenote with another database, seen from this machine", base)
			return
		}
		fallthrough
	default:
		d.fine(check, "%s", base)
	}
}

// askCenote asks an address for an operation that does not exist, and expects the answer that a cenote gives.
func askCenote(ctx context.Context, base string) error {
	said, err := ask(ctx, http.MethodPost, base+"/", "{}")
	if err == nil && (said.header.Get("X-Amzn-Requestid") == "" || !strings.Contains(said.body, "UnknownOperationException")) {
		err = fmt.Errorf("something else answers, with status %s", said.status)
	}
	return err
}

// answer is what an address answers, with the beginning of the body.
type answer struct {
	status string
	header http.Header
	body   string
}

// ask sends a request.
func ask(ctx context.Context, method, to, body string) (said answer, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, to, strings.NewReader(body))
	if err != nil {
		return said, err
	}
	// Nothing secret is said or believed, and the certificate need not be made for this name.
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}} //nolint:gosec // see above
	res, err := client.Do(r)
	if err != nil {
		return said, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, 4<<10))
	return answer{res.Status, res.Header, string(text)}, err
}

// mail logs in to the mail server.
func (d *doctor) mail(ctx context.Context) {
	const check = "mail"
	server, err := MailServer(d.config)
	switch {
	case err != nil:
		d.fail(check, err)
	case server == nil:
		d.warn(check, "no mail server is set (--smtp-url): sign-ups and password resets by e-mail will fail")
	default:
		if err := server.Check(ctx); err != nil {
			d.fail(check, d.config.Wrong("smtp-url", err))
			return
		}
		d.fine(check, "the mail server accepts us; mail comes from %s", d.config.MailFrom)
	}
}

// sms looks whether the gateway for text messages can be reached.
func (d *doctor) sms(ctx context.Context) {
	const check = "text messages"
	c := d.config
	if c.SMSURL == "" {
		d.fine(check, "none are sent (--sms-url is not set)")
		return
	}
	o, err := message.ParseSMS(c.SMSURL)
	if err == nil {
		_, err = message.NewWebhook(o, time.Now)
	}
	if err == nil {
		err = reach(ctx, o.URL)
	}
	if err != nil {
		d.fail(check, c.Wrong("sms-url", err))
		return
	}
	d.fine(check, "%s can be reached", o)
}

// traces looks whether the collector that the environment of OpenTelemetry names can be reached.
func (d *doctor) traces(ctx context.Context) {
	const check = "traces"
	if !d.config.Tracing {
		return
	}
	collector, err := tracing.Collector()
	if err != nil {
		d.fail(check, err)
		return
	}
	if err := reach(ctx, collector); err != nil {
		d.warn(check, "the collector cannot be reached, and spans are dropped: %v", err)
		return
	}
	d.fine(check, "the collector can be reached")
}

// reach opens a connection to the host of a URL and closes it.
func reach(ctx context.Context, raw string) error {
	u, err := url.Parse(raw)
	if err != nil {
		return errors.New("not a URL")
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	dialer := net.Dialer{Timeout: patience}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return err
	}
	return conn.Close()
}
