package server_test

import (
	"crypto/tls"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/server"
)

func TestACertificateIsReplacedWhileAServerRuns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	inAYear := time.Now().Add(365 * 24 * time.Hour)
	cenotetest.WriteCertificate(t, cert, key, 1, inAYear)
	var log cenotetest.Output
	s, _ := run(t, server.Options{Config: cenotetest.Settings(t, "tls-cert="+cert, "tls-key="+key), Log: slog.New(slog.NewTextHandler(&log, nil))})
	if !strings.HasPrefix(s.URL, "https://127.0.0.1:") {
		t.Fatalf("the server calls itself %s", s.URL)
	}
	anyone := &tls.Config{InsecureSkipVerify: true} //nolint:gosec // the serial number is what this test looks at
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: anyone, DisableKeepAlives: true, ForceAttemptHTTP2: true}}
	if status, _ := cenotetest.Get(t, client, s.URL+"/healthz"); status != http.StatusOK {
		t.Errorf("/healthz answers %d over TLS", status)
	}
	serial := func() int64 {
		conn, err := tls.Dial("tcp", s.Address(), anyone)
		must(t, err)
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	if got := serial(); got != 1 {
		t.Fatalf("serial number %d", got)
	}

	future := time.Now().Add(time.Hour) // a file time that differs for sure
	must(t, os.WriteFile(cert, []byte("half written"), 0o600))
	must(t, os.Chtimes(cert, future, future))
	within(t, time.Minute, "the broken file is noticed", func() bool { serial(); return strings.Contains(log.String(), "the previous one stays in use") })
	if got := serial(); got != 1 {
		t.Errorf("with a broken file the serial number is %d", got)
	}
	cenotetest.WriteCertificate(t, cert, key, 2, inAYear)
	within(t, time.Minute, "the new certificate is served", func() bool { return serial() == 2 })
}

// within looks for something that takes a while.
func within(t *testing.T, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Errorf("within %s it did not come about that %s", limit, what)
}
