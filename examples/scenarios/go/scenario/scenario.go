// Package scenario is what the scenarios in Go share: the server that examples/scenarios/run started.
package scenario

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// Server is the server of a scenario.
type Server struct {
	*idp.Client
	URL, Region string
	Pools       []Pool
}

// Pool is a pool of pools.yaml.
type Pool struct {
	Name    string
	ID      string            `json:"poolId"`
	Clients map[string]string // ids by name
}

// Client returns the id of the pool's app client.
func (p Pool) Client() string { return p.Clients["app"] }

// Main runs a scenario and ends the program.
func Main(run func(ctx context.Context, s *Server) error) {
	s, err := ready()
	if err == nil {
		err = run(context.Background(), s)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// ready reads the line that the server printed.
func ready() (*Server, error) {
	s := &Server{}
	line := os.Getenv("CENOTE_READY")
	if line == "" {
		return nil, errors.New("start a scenario with examples/scenarios/run")
	}
	if err := json.Unmarshal([]byte(line), s); err != nil {
		return nil, fmt.Errorf("read CENOTE_READY: %w", err)
	}
	credentials := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "any", SecretAccessKey: "any"}, nil
	})
	s.Client = idp.New(idp.Options{Region: s.Region, BaseEndpoint: &s.URL, Credentials: credentials})
	return s, nil
}

// Pool returns a pool of pools.yaml.
func (s *Server) Pool(name string) (Pool, error) {
	for _, p := range s.Pools {
		if p.Name == name {
			return p, nil
		}
	}
	return Pool{}, fmt.Errorf("pools.yaml has no pool %s", name)
}

// MailedCode is the code that a person would read in their mail.
func (s *Server) MailedCode(ctx context.Context, to string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/_cenote/code?to="+url.QueryEscape(to), nil)
	if err != nil {
		return "", err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	code, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("no code was sent to %s", to)
	}
	return strings.TrimSpace(string(code)), err
}
