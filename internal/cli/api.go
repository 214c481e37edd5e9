package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/outbound"
	"github.com/cenote-id/cenote/internal/wire"
)

// apiFlags say which server an operator works on, and as whom.
type apiFlags struct {
	endpoint, profile, region string
	json                      bool
	pool                      string // only of commands that work in a pool
}

func (f *apiFlags) define(own *flag.FlagSet) {
	own.StringVar(&f.endpoint, "endpoint", "", "URL of the server (CENOTE_URL or AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER; else AWS)")
	own.StringVar(&f.profile, "profile", "", "AWS profile with the credentials (the usual environment variables)")
	own.StringVar(&f.region, "region", "", "region of the signature (AWS_REGION, or that of the profile or the pool)")
	own.BoolVar(&f.json, "json", false, "print the API's response as JSON")
}

// apiCall is a command for operators under way.
type apiCall struct {
	*invocation
	flags       *apiFlags
	endpoint    string
	region      string
	credentials aws.CredentialsProvider
}

// apiCommand makes a command that calls the API: more defines its further flags, do is the command.
func apiCommand(more func(own *flag.FlagSet) func(context.Context, *apiCall) error) func(*invocation, *flag.FlagSet) func(context.Context) error {
	return func(in *invocation, own *flag.FlagSet) func(context.Context) error {
		f := &apiFlags{}
		do := more(own)
		f.define(own)
		return func(ctx context.Context) error {
			c, err := f.dial(in)
			if err != nil {
				return err
			}
			return do(ctx, c)
		}
	}
}

// poolCommand is apiCommand for commands that work in one pool.
func poolCommand(more func(own *flag.FlagSet) func(context.Context, *apiCall) error) func(*invocation, *flag.FlagSet) func(context.Context) error {
	return func(in *invocation, own *flag.FlagSet) func(context.Context) error {
		f := &apiFlags{}
		do := more(own)
		own.StringVar(&f.pool, "pool", "", "user pool (CENOTE_POOL_ID)")
		f.define(own)
		return func(ctx context.Context) error {
			if f.pool == "" {
				f.pool, _ = in.lookup("CENOTE_POOL_ID")
			}
			if f.pool == "" {
				return &usageError{"--pool is needed", "Give --pool or set CENOTE_POOL_ID."}
			}
			c, err := f.dial(in)
			if err != nil {
				return err
			}
			return do(ctx, c)
		}
	}
}

// serverVariables name a server in the environment, the first of them that is set.
var serverVariables = []string{"CENOTE_URL", "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "AWS_ENDPOINT_URL"}

// server returns the server that a command is to ask which could as well read the database; nil for the database. Flags decide, then the
// environment, and the profile of the AWS configuration if it has an address.
func (f *apiFlags) server(in *invocation) (*apiCall, error) {
	remote := f.endpoint != "" || f.profile != "" || f.region != ""
	local := slices.ContainsFunc(slices.Collect(maps.Keys(in.flags)), func(name string) bool { return !strings.HasPrefix(name, "log-") })
	switch {
	case local && remote:
		return nil, &usageError{"the flags name a server and a database", "Give --endpoint or --profile, or --data-dir, --database or --config."}
	case local:
		return nil, nil
	}
	c, err := f.find(in)
	if err != nil || c.endpoint == "" && !remote {
		return nil, err
	}
	return c, c.complete()
}

// dial finds the server and the credentials. It sends nothing to the server.
func (f *apiFlags) dial(in *invocation) (*apiCall, error) {
	c, err := f.find(in)
	if err != nil {
		return nil, err
	}
	return c, c.complete()
}

// find finds what the flags, the environment and the AWS configuration say about the server.
func (f *apiFlags) find(in *invocation) (*apiCall, error) {
	env := func(name string) string { value, _ := in.lookup(name); return value }
	c := &apiCall{invocation: in, flags: f}
	c.endpoint = f.endpoint
	for _, name := range serverVariables {
		c.endpoint = cmp.Or(c.endpoint, env(name))
	}
	c.region = cmp.Or(f.region, env("AWS_REGION"), env("AWS_DEFAULT_REGION"))
	named := cmp.Or(f.profile, env("AWS_PROFILE"), env("AWS_DEFAULT_PROFILE"))
	id, secret := env("AWS_ACCESS_KEY_ID"), env("AWS_SECRET_ACCESS_KEY")
	given := f.profile == "" && id != "" && secret != ""
	if !given && named == "" && local(c.endpoint) { // cenote dev takes any
		c.credentials = fixed(aws.Credentials{AccessKeyID: "any", SecretAccessKey: "any"})
		return c, nil
	}
	p, err := in.profile(named)
	if err != nil {
		return nil, fmt.Errorf("read the AWS configuration: %w", err)
	}
	c.credentials, c.region, c.endpoint = in.credentials(p), cmp.Or(c.region, p.settings["region"]), cmp.Or(c.endpoint, in.endpointOf(p))
	if given { // they are stronger than those of a profile; where to go and what to sign for, the profile says all the same
		c.credentials = fixed(aws.Credentials{AccessKeyID: id, SecretAccessKey: secret, SessionToken: env("AWS_SESSION_TOKEN")})
	}
	return c, nil
}

// complete fills in what nothing has said, and checks the address.
func (c *apiCall) complete() error {
	if c.region == "" {
		c.region, _, _ = strings.Cut(c.flags.pool, "_")
	}
	c.region = cmp.Or(c.region, "us-east-1")
	c.endpoint = cmp.Or(c.endpoint, "https://cognito-idp."+c.region+".amazonaws.com")
	return checkEndpoint(c.endpoint)
}

func checkEndpoint(endpoint string) error {
	if u, err := url.Parse(endpoint); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return &usageError{fmt.Sprintf("--endpoint: %q is not an http or https URL", endpoint), "It looks like http://127.0.0.1:4310."}
	}
	return nil
}

func fixed(c aws.Credentials) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return c, nil })
}

// local reports whether an endpoint is on this machine.
func local(endpoint string) bool {
	u, err := url.Parse(endpoint)
	return err == nil && u.Host != "" && config.IsLoopback(u.Hostname()+":0")
}

// apiError is a refusal by the server.
type apiError struct {
	code, message string
}

func (e *apiError) Error() string {
	if e.message == "" {
		return e.code
	}
	return e.code + ": " + e.message
}

// errNoAnswer says that the server did not answer.
var errNoAnswer = errors.New("the server does not answer")

// maxAnswer bounds what is read of an answer.
const maxAnswer = 64 << 20

// call calls an operation and decodes its answer. A server that has too much to do is asked again, a little later each time.
func call[Out any](ctx context.Context, c *apiCall, operation string, in any) (*Out, error) {
	body, err := wire.Encode(in)
	if err != nil {
		return nil, err
	}
	for wait := 100 * time.Millisecond; ; wait *= 2 {
		answer, err := c.send(ctx, operation, body)
		var refused *apiError
		if errors.As(err, &refused) && refused.code == "TooManyRequestsException" && wait < 10*time.Second {
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(wait):
				continue
			}
		}
		if err != nil {
			return nil, err
		}
		out := new(Out)
		if err := wire.Unmarshal(answer, out); err != nil {
			return nil, fmt.Errorf("%s: the answer cannot be read: %w", operation, err)
		}
		return out, nil
	}
}

// send sends one signed request.
func (c *apiCall) send(ctx context.Context, operation string, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(c.endpoint, "/")+"/", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	if err := outbound.NewSigner(c.credentials, time.Now).Sign(ctx, r, body, "cognito-idp", c.region); err != nil {
		return nil, fmt.Errorf("there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or --profile (%w)", err)
	}
	client := http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	if res.StatusCode == http.StatusOK {
		return answer, nil
	}
	var refusal struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	if wire.Unmarshal(answer, &refusal) != nil || refusal.Type == "" {
		return nil, fmt.Errorf("%s is no Cognito API: it answers with status %s", c.endpoint, res.Status)
	}
	_, code, qualified := strings.Cut(refusal.Type, "#")
	if !qualified {
		code = refusal.Type
	}
	return nil, &apiError{code, strings.TrimSpace(refusal.Message)}
}

// show prints an answer of the API: as it is where --json asks for it, else as text.
func (c *apiCall) show(answer any, text string) error {
	if !c.flags.json {
		return c.print(text, nil)
	}
	body, err := wire.Encode(answer)
	if err != nil {
		return err
	}
	var lines bytes.Buffer
	if err := json.Indent(&lines, body, "", "  "); err != nil {
		return err
	}
	return c.print(string(printableJSON(lines.Bytes()))+"\n", nil)
}
