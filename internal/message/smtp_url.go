package message

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// SMTPOptions say how to reach a mail server.
type SMTPOptions struct {
	Host     string // name or address, without brackets
	Port     int
	TLS      bool   // TLS from the first byte (smtps://) instead of STARTTLS
	User     string // empty when the server asks for no credentials
	Password Secret
}

// ParseSMTP reads smtp://user:password@host:587 (STARTTLS, which must succeed unless the host is loopback) or
// smtps://user:password@host:465 (TLS from the start). Credentials and port may be left out; the ports shown are the
// defaults. User and password are percent-encoded. Errors are one line and never contain the password.
func ParseSMTP(raw string) (SMTPOptions, error) {
	u, err := parseURL(raw, "smtp", "smtps")
	if err != nil {
		return SMTPOptions{}, err
	}
	if (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" {
		return SMTPOptions{}, errors.New("nothing may follow the host and port of a mail server")
	}
	o := SMTPOptions{Host: u.Hostname(), Port: 587, TLS: u.Scheme == "smtps"}
	if o.TLS {
		o.Port = 465
	}
	if p := u.Port(); p != "" {
		if o.Port, err = strconv.Atoi(p); err != nil || o.Port < 1 || o.Port > 65535 {
			return SMTPOptions{}, fmt.Errorf("port %s is not between 1 and 65535", p)
		}
	}
	if u.User != nil {
		password, _ := u.User.Password()
		o.User, o.Password = u.User.Username(), Secret(password)
		if o.User == "" || o.Password == "" {
			return SMTPOptions{}, errors.New("a user needs a password and a password a user: smtp://user:password@host")
		}
	}
	return o, nil
}

// ParseFrom checks a sender, `addr` or `Name <addr>`.
func ParseFrom(from string) error {
	if _, err := mail.ParseAddress(from); err != nil {
		return fmt.Errorf("%q is neither an address nor `Name <address>`", from)
	}
	return nil
}

// String shows where the mail goes, without credentials.
func (o SMTPOptions) String() string {
	scheme := "smtp://"
	if o.TLS {
		scheme = "smtps://"
	}
	return scheme + o.address()
}

// GoString is String.
func (o SMTPOptions) GoString() string { return o.String() }

func (o SMTPOptions) address() string { return net.JoinHostPort(o.Host, strconv.Itoa(o.Port)) }

// parseURL never quotes raw, nor the standard library's error, which would: both may hold a password.
func parseURL(raw string, schemes ...string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("not a URL (percent-encode special characters in user and password)")
	}
	allowed := false
	for _, s := range schemes {
		allowed = allowed || u.Scheme == s
	}
	switch {
	case !allowed:
		return nil, fmt.Errorf("must begin with %s://", strings.Join(schemes, ":// or "))
	case u.Hostname() == "":
		return nil, errors.New("names no host")
	}
	return u, nil
}

// isLoopback reports whether the host can only mean this machine. The name localhost is believed here and checked again
// when the connection stands.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
