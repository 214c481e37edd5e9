package carrier

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/cenote-id/cenote/internal/outbound"
	"github.com/cenote-id/cenote/internal/wire"
)

// HTTP posts the event to a URL and takes the body of a 2xx answer as the function's. An answer of another status with the body
// {"errorMessage","errorType"} is the function's failure, as is one with the header X-Amz-Function-Error, which programs that
// emulate Lambda send.
//
// The operator has named the URLs, so loopback and private addresses are allowed (outbound.Operator). Redirects are not followed.
type HTTP struct {
	targets map[string]*url.URL
	client  *http.Client
}

// NewHTTP returns a carrier for functions by name or ARN. A URL may hold user and password, for basic authentication.
func NewHTTP(urls map[string]string) (*HTTP, error) {
	h := &HTTP{targets: map[string]*url.URL{}, client: newClient()}
	for name, text := range urls {
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return nil, fmt.Errorf("trigger URL of %s: not an http or https URL", name) // the text may hold a password
		}
		h.targets[name] = u
	}
	return h, nil
}

// Invoke implements Carrier.
func (h *HTTP) Invoke(ctx context.Context, functionARN string, payload []byte) (Result, error) {
	for _, key := range names(functionARN) {
		if target := h.targets[key]; target != nil {
			return h.post(ctx, target, payload)
		}
	}
	return Result{}, notFound(functionARN)
}

// CloseIdleConnections gives up the connections that wait for reuse.
func (h *HTTP) CloseIdleConnections() { h.client.CloseIdleConnections() }

func (h *HTTP) post(ctx context.Context, target *url.URL, payload []byte) (Result, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), bytes.NewReader(payload))
	if err != nil {
		return Result{}, &Error{Name: serviceException, Err: errors.New("the request cannot be made")} // the cause would quote the URL
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "cenote")
	res, err := h.client.Do(req)
	if err != nil {
		return Result{}, unreached(target, err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := readAnswer(res.Body)
	if err != nil {
		return Result{}, unreached(target, err)
	}
	if kind := res.Header.Get("X-Amz-Function-Error"); kind != "" {
		return Result{Payload: body, FunctionError: kind}, nil
	}
	if res.StatusCode >= 200 && res.StatusCode < 300 {
		return Result{Payload: body}, nil
	}
	if isFailure(body) {
		return Result{Payload: body, FunctionError: "Unhandled"}, nil
	}
	return Result{}, statusError(target, res.StatusCode)
}

// readAnswer reads a body to its end and not past the limit.
func readAnswer(body io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(body, MaxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if len(data) > MaxAnswer {
		return nil, ErrTooLarge
	}
	return data, nil
}

// isFailure reports whether the body is how a function's error is written down.
func isFailure(body []byte) bool {
	var f struct {
		Message wire.Document `json:"errorMessage"`
		Type    wire.Document `json:"errorType"`
	}
	return wire.Unmarshal(body, &f) == nil && (f.Message != nil || f.Type != nil)
}

// unreached tells what happened to a request without its URL, which may hold a secret.
func unreached(target *url.URL, err error) error {
	err = fmt.Errorf("%s: %w", target.Host, outbound.Cause(err))
	if errors.Is(err, ErrTooLarge) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if errors.Is(err, outbound.ErrAddress) {
		return &Error{Name: accessDenied, Err: err}
	}
	return &Error{Again: true, Err: err}
}

// statusError gives an answer that no function made the name that the Invoke API would give it.
func statusError(target *url.URL, status int) error {
	e := &Error{Name: serviceException, Err: fmt.Errorf("%s answered %d", target.Host, status)}
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		e.Name = accessDenied
	case http.StatusNotFound:
		e.Name = resourceNotFound
	case http.StatusTooManyRequests:
		e.Name, e.Again = tooManyRequests, true
	}
	return e
}

// newClient returns a client without a time limit of its own: the context of each request has one.
func newClient() *http.Client {
	return outbound.NewClient(outbound.Options{Reach: outbound.Operator, MaxBody: MaxAnswer})
}
