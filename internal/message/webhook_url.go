package message

import (
	"encoding/base64"
	"errors"
	"log/slog"
	"net/url"
	"strings"
)

// SMSOptions say where text messages are posted to.
type SMSOptions struct {
	URL    string // without userinfo; path and query may hold a secret, so String shows the host only
	Secret Secret // key of the signature; empty means that requests are not signed
}

// ParseSMS reads https://gateway/path, or https://:secret@gateway/path to have the requests signed. The secret is
// percent-encoded; one that begins with whsec_ is base64 behind that, as in the Standard Webhooks convention.
// Without TLS (http://) only loopback and private addresses are reached. Errors are one line and never contain the secret.
func ParseSMS(raw string) (SMSOptions, error) {
	u, err := parseURL(raw, "https", "http")
	if err != nil {
		return SMSOptions{}, err
	}
	if u.Fragment != "" {
		return SMSOptions{}, errors.New("a webhook has no part behind #")
	}
	var o SMSOptions
	if u.User != nil {
		password, _ := u.User.Password()
		if u.User.Username() != "" && password != "" {
			return SMSOptions{}, errors.New("a webhook has a signing secret, no user: https://:secret@host/path")
		}
		o.Secret = Secret(password + u.User.Username())
		if o.Secret == "" {
			return SMSOptions{}, errors.New("the signing secret in front of @ is empty")
		}
		if _, err := o.Secret.key(); err != nil {
			return SMSOptions{}, err
		}
		u.User = nil
	}
	o.URL = u.String()
	return o, nil
}

// String shows the scheme and the host.
func (o SMSOptions) String() string {
	u, err := url.Parse(o.URL)
	if err != nil {
		return hidden
	}
	return u.Scheme + "://" + u.Host
}

// GoString is String.
func (o SMSOptions) GoString() string { return o.String() }

// LogValue is String, whatever the log's format.
func (o SMSOptions) LogValue() slog.Value { return slog.StringValue(o.String()) }

func (s Secret) key() ([]byte, error) {
	encoded, ok := strings.CutPrefix(string(s), "whsec_")
	if !ok {
		return []byte(s), nil
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(key) == 0 {
		return nil, errors.New("the signing secret is not base64 behind whsec_")
	}
	return key, nil
}
