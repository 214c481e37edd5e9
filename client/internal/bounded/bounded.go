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

// New returns a client over another one; over one that follows no redirects for nil.
func New(c *http.Client) *Client {
	if c == nil {
		c = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	if c.Timeout == 0 {
		copied := *c
		copied.Timeout = Timeout
		c = &copied
	}
	return &Client{c}
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
