// Command tracked-device signs in over SRP in a pool that tracks devices. Package client confirms the device after the first sign-in, and
// proves it in the second one (DEVICE_SRP_AUTH, DEVICE_PASSWORD_VERIFIER), which the log of its requests shows.
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/cenote-id/cenote/client"
	"github.com/cenote-id/cenote/examples/scenarios/go/scenario"
)

func main() { scenario.Main(run) }

func run(ctx context.Context, s *scenario.Server) error {
	p, err := s.Pool("devices")
	if err != nil {
		return err
	}
	steps := &steps{}
	pool, err := client.NewPool(client.Config{
		PoolID: p.ID, ClientID: p.Client(), Endpoint: s.URL, DeviceName: "scenario", HTTPClient: &http.Client{Transport: steps, Timeout: time.Minute},
	})
	if err != nil {
		return err
	}
	user := pool.User("ann")
	for _, want := range []string{"PASSWORD_VERIFIER ConfirmDevice", "PASSWORD_VERIFIER DEVICE_SRP_AUTH DEVICE_PASSWORD_VERIFIER"} {
		steps.taken = nil
		result, err := user.SignIn(ctx, client.SignIn{Password: "Passw0rd!"})
		if err != nil {
			return err
		}
		if result.Session == nil {
			return fmt.Errorf("the pool asks for %s", result.Challenge.Name())
		}
		got := strings.Join(steps.taken, " ")
		if got != want {
			return fmt.Errorf("the sign-in took %s, not %s", got, want)
		}
		fmt.Fprintln(os.Stdout, "signed in:", got)
	}
	page, err := user.ListDevices(ctx, 10, "")
	if err != nil {
		return err
	}
	for _, d := range page.Devices {
		for _, a := range d.Attributes {
			if a.Name == "device_name" {
				fmt.Fprintln(os.Stdout, "device:", a.Value)
			}
		}
	}
	return nil
}

// steps notes the challenges that are answered, and the devices that are confirmed.
type steps struct{ taken []string }

// RoundTrip sends the request.
func (s *steps) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		_ = r.Body.Close() // it was read to its end
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		if _, rest, ok := strings.Cut(string(body), `"ChallengeName":"`); ok {
			name, _, _ := strings.Cut(rest, `"`)
			s.taken = append(s.taken, name)
		}
	}
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".ConfirmDevice") {
		s.taken = append(s.taken, "ConfirmDevice")
	}
	return http.DefaultTransport.RoundTrip(r)
}
