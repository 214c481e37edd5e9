package message

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/cenote-id/cenote/internal/outbound"
)

// Webhook gives text messages to a gateway: POST {"to","body","poolId","username","reason"} as JSON. An answer of 2xx means
// that the gateway took the message over.
//
// Each request carries the headers of the Standard Webhooks convention: webhook-id, the same for each try of one message,
// by which the gateway recognizes a repetition; webhook-timestamp, the seconds since 1970 of the try; and, when there is a
// secret, webhook-signature: "v1," and the base64 HMAC-SHA256 of "<id>.<timestamp>.<body>".
//
// Network failures and answers of 5xx are tried again, twice at most and within five seconds in all. Redirects are failures.
type Webhook struct {
	url    string
	host   string
	key    []byte
	client *http.Client
	limit  time.Duration
	pauses []time.Duration // before the second and the third try
	now    func() time.Time
}

// NewWebhook returns a sender to the gateway. Now is the wall clock: gateways refuse timestamps that are far from theirs.
func NewWebhook(o SMSOptions, now func() time.Time) (*Webhook, error) {
	u, err := parseURL(o.URL, "https", "http")
	if err != nil {
		return nil, fmt.Errorf("text message webhook: %w", err)
	}
	key, err := o.Secret.key()
	if err != nil {
		return nil, fmt.Errorf("text message webhook: %w", err)
	}
	return &Webhook{
		url:    o.URL,
		host:   u.Host,
		key:    key,
		limit:  sendLimit,
		pauses: []time.Duration{200 * time.Millisecond, 800 * time.Millisecond},
		now:    now,
		client: outbound.NewClient(outbound.Options{Reach: outbound.Operator}),
	}, nil
}

// Send posts the message. Its errors name the host and the status, nothing of the message.
func (w *Webhook) Send(ctx context.Context, m Message) error {
	ctx, cancel := context.WithTimeout(ctx, w.limit)
	defer cancel()
	body, err := json.Marshal(struct {
		To       string `json:"to"`
		Body     string `json:"body"`
		PoolID   string `json:"poolId"`
		Username string `json:"username"`
		Reason   Reason `json:"reason"`
	}{m.To, m.Body, m.PoolID, m.Username, m.Reason})
	if err != nil {
		return fmt.Errorf("text message webhook: encode the message: %w", err)
	}
	if m.ID == "" {
		m.ID = newID()
	}
	for try := 0; ; try++ {
		again, err := w.post(ctx, m.ID, body)
		if err == nil {
			return nil
		}
		if !again || try == len(w.pauses) || !pause(ctx, w.pauses[try]) {
			return fmt.Errorf("text message webhook %s: %w", w.host, err)
		}
	}
}

// post makes one try and reports whether another may help.
func (w *Webhook) post(ctx context.Context, id string, body []byte) (again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return false, errors.New("the request cannot be made") // the cause would quote the URL
	}
	stamp := strconv.FormatInt(w.now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "cenote")
	req.Header.Set("Webhook-Id", id)
	req.Header.Set("Webhook-Timestamp", stamp)
	if len(w.key) > 0 {
		mac := hmac.New(sha256.New, w.key)
		_, _ = fmt.Fprintf(mac, "%s.%s.%s", id, stamp, body)
		req.Header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	res, err := w.client.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return false, fmt.Errorf("gave up after at most %s: %w", w.limit, ctx.Err())
		}
		return !errors.Is(err, outbound.ErrAddress), outbound.Cause(err)
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.CopyN(io.Discard, res.Body, 64<<10) // so that the connection can be used again; more is cut off
	switch {
	case res.StatusCode >= 200 && res.StatusCode < 300:
		return false, nil
	case res.StatusCode >= 300 && res.StatusCode < 400:
		return false, fmt.Errorf("answered %d; redirects are not followed", res.StatusCode)
	}
	return res.StatusCode >= 500, fmt.Errorf("answered %d", res.StatusCode)
}

// pause waits, and reports false when ctx ends first: at once, if its deadline says so.
func pause(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
