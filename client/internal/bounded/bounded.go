// Package bounded sends HTTP requests whose answers cost little, whoever gives them.
package bounded

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	// Timeout is how long a request may take whose client sets no limit.
	Timeout = 30 * time.Second

	maxAnswer = 1 << 20 // far above what the services send
)

// Client sends requests and reads each answer whole, up to a limit.
type Client struct{ http *http.Client }

// New returns a client over another one, which may be nil. Where that says nothing else, requests take at most Timeout, and redirects are not
// followed: they would take passwords and tokens along.
func New(c *http.Client) *Client {
	var copied http.Client
	if c != nil {
		copied = *c
	}
	if copied.CheckRedirect == nil {
		copied.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	if copied.Timeout == 0 {
		copied.Timeout = Timeout
	}
	return &Client{&copied}
}

// Do sends a request. Reading the answer before it returns has a second use: the SDK closes the body of the request right afterwards, which
// now and then breaks the connection under an answer that is still on its way.
func (c *Client) Do(r *http.Request) (*http.Response, error) {
	res, err := c.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxAnswer {
		return nil, fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res, nil
}
