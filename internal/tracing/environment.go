package tracing

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// environment is what OTEL_EXPORTER_OTLP_* says about the collector.
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/
type environment struct {
	url     string
	headers http.Header
	timeout time.Duration // of one request
	gzip    bool
	tls     *tls.Config
}

// readEnvironment reads the variables by get, which returns "" for those that are not set. A variable that names traces is stronger than its
// general twin. The error names the variable, and holds no value of a header.
func readEnvironment(get func(string) string) (*environment, error) {
	e := &environment{headers: http.Header{}, timeout: 10 * time.Second, tls: &tls.Config{MinVersion: tls.VersionTLS12}}
	either := func(suffix string) (name, value string) {
		name = "OTEL_EXPORTER_OTLP_TRACES_" + suffix
		if value = get(name); value == "" {
			name = "OTEL_EXPORTER_OTLP_" + suffix
			value = get(name)
		}
		return name, value
	}
	for _, setting := range []struct {
		suffix string
		read   func(name, value string) error
	}{
		{"ENDPOINT", e.readEndpoint},
		{"HEADERS", func(_, value string) error { return e.readHeaders(value) }},
		{"TIMEOUT", func(_, value string) error {
			ms, err := strconv.Atoi(value)
			if err != nil || ms < 1 {
				return fmt.Errorf("%q is not a number of milliseconds", value)
			}
			e.timeout = time.Duration(ms) * time.Millisecond
			return nil
		}},
		{"COMPRESSION", func(_, value string) error {
			if value != "gzip" && value != "none" {
				return fmt.Errorf("%q is neither gzip nor none", value)
			}
			e.gzip = value == "gzip"
			return nil
		}},
		{"CERTIFICATE", func(_, value string) error {
			pem, err := os.ReadFile(value)
			if err != nil {
				return err
			}
			e.tls.RootCAs = x509.NewCertPool()
			if !e.tls.RootCAs.AppendCertsFromPEM(pem) {
				return fmt.Errorf("%s holds no certificate", value)
			}
			return nil
		}},
		{"CLIENT_CERTIFICATE", func(_, value string) error {
			_, key := either("CLIENT_KEY")
			pair, err := tls.LoadX509KeyPair(value, key)
			e.tls.Certificates = []tls.Certificate{pair}
			return err
		}},
	} {
		name, value := either(setting.suffix)
		if value == "" {
			continue
		}
		if err := setting.read(name, value); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return e, nil
}

// readEndpoint takes the endpoint of traces as it is, and adds the path of traces to the general one.
func (e *environment) readEndpoint(name, value string) error {
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return errors.New("not an http or https URL") // it may hold a password
	}
	if strings.HasSuffix(name, "_TRACES_ENDPOINT") {
		e.url = u.String()
		return nil
	}
	e.url = u.JoinPath("v1/traces").String()
	return nil
}

// readHeaders reads "name=value,name=value", where values are percent-encoded.
func (e *environment) readHeaders(list string) error {
	for pair := range strings.SplitSeq(list, ",") {
		name, value, found := strings.Cut(strings.TrimSpace(pair), "=")
		name = strings.TrimSpace(name)
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if !found || name == "" || err != nil {
			return errors.New("not of the form name=value,name=value with percent-encoded values")
		}
		e.headers.Set(name, value)
	}
	return nil
}
