package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/cenote-id/cenote/internal/config"
)

func health(in *invocation, own *flag.FlagSet) func(context.Context) error {
	ready := own.Bool("ready", false, "check /readyz, whether the server can take requests, instead of /healthz")
	return func(ctx context.Context) error {
		c, err := in.load()
		if err != nil {
			return err
		}
		path := "/healthz"
		if *ready {
			path = "/readyz"
		}
		return askHealth(ctx, c, path)
	}
}

// healthTime bounds how long the server on this machine may take to answer.
const healthTime = 5 * time.Second

// askHealth asks the server with the settings on this machine and returns nil if it answers 200.
func askHealth(ctx context.Context, c *config.Config, path string) error {
	scheme, address := "http", c.MetricsListen // which is never served with TLS
	if address == "" {
		address = c.Listen
		if c.TLSCert != "" {
			scheme = "https"
		}
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "0" {
		return fmt.Errorf("%s has no fixed port: set --listen to the address of the running server", address)
	}
	var dialer net.Dialer
	dial := dialer.DialContext
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host, dial = "127.0.0.1", dialLoopback
	}
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+net.JoinHostPort(host, port)+path, nil)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{ // without the environment's proxies
		DialContext:       dial,
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // the certificate is for the public name; nothing secret is sent
	}}
	res, err := client.Do(r)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s does not answer within %s", r.URL, healthTime)
	}
	if err != nil {
		return err
	}
	if err := res.Body.Close(); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", r.URL, res.Status)
	}
	return nil
}

// dialLoopback connects to this machine by whichever kind of address it has. An image may know no name for it.
func dialLoopback(ctx context.Context, network, address string) (net.Conn, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		if other, e := dialer.DialContext(ctx, network, net.JoinHostPort("::1", port)); e == nil {
			return other, nil
		}
	}
	return conn, err
}
