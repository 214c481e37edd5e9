package tracing

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strconv"
	"time"

	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

const (
	maxAnswer    = 64 << 10
	retriesFor   = time.Minute
	firstPause   = 5 * time.Second
	longestPause = 30 * time.Second
)

// collector sends spans to a collector by OTLP over HTTP, in protobuf. It exists because the official client of this protocol links all of gRPC
// for a message of one field, which cost every server 3 MiB of resident memory.
type collector struct {
	environment
	client *http.Client
	pause  func(ctx context.Context, d time.Duration) error
	done   context.Context // ends with Stop
	stop   context.CancelFunc
}

func newCollector(e *environment) *collector {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = e.tls
	c := &collector{environment: *e, pause: pause, client: &http.Client{
		Transport: transport, Timeout: e.timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	c.done, c.stop = context.WithCancel(context.Background())
	return c
}

// Start implements otlptrace.Client.
func (c *collector) Start(context.Context) error { return nil }

// Stop implements otlptrace.Client. Uploads under way end.
func (c *collector) Stop(context.Context) error {
	c.stop()
	c.client.CloseIdleConnections()
	return nil
}

// UploadTraces implements otlptrace.Client. It tries again for a minute while the collector says that it is overloaded.
func (c *collector) UploadTraces(ctx context.Context, spans []*otlp.ResourceSpans) error {
	body, err := proto.Marshal(&otlp.TracesData{ResourceSpans: spans}) // the same bytes as an ExportTraceServiceRequest
	if err != nil {
		return err
	}
	if c.gzip {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		if _, err := w.Write(body); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		body = packed.Bytes()
	}
	ctx, cancel := context.WithTimeout(ctx, retriesFor)
	defer cancel()
	defer context.AfterFunc(c.done, cancel)()
	for wait := firstPause; ; wait = min(2*wait, longestPause) {
		again, after, err := c.post(ctx, body)
		if !again {
			return err
		}
		if after == 0 {
			after = jittered(wait)
		}
		if c.pause(ctx, after) != nil {
			return err
		}
	}
}

// jittered returns between half of a time and all of it, so that many servers do not come back at once.
func jittered(d time.Duration) time.Duration {
	some, err := rand.Int(rand.Reader, big.NewInt(int64(d/2)))
	if err != nil {
		return d
	}
	return d/2 + time.Duration(some.Int64())
}

// post sends one request. It reports whether to try again, and after what time if the collector says so.
func (c *collector) post(ctx context.Context, body []byte) (again bool, after time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return false, 0, err
	}
	req.Header = c.headers.Clone()
	req.Header.Set("Content-Type", "application/x-protobuf")
	if c.gzip {
		req.Header.Set("Content-Encoding", "gzip")
	}
	res, err := c.client.Do(req)
	if err != nil {
		return false, 0, err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return false, 0, err
	}
	switch res.StatusCode {
	case http.StatusOK, http.StatusAccepted, http.StatusNoContent:
		if res.Header.Get("Content-Type") != "application/x-protobuf" {
			return false, 0, nil
		}
		return false, 0, partialSuccess(answer)
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		again, after = true, retryAfter(res.Header.Get("Retry-After"))
	}
	return again, after, fmt.Errorf("the collector answered %s", res.Status)
}

// retryAfter reads the header of that name (RFC 9110, section 10.2.3); 0 when it says nothing.
func retryAfter(header string) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 16); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}

// partialSuccess reads an ExportTraceServiceResponse: its field 1 is a message of the spans that were rejected (1) and why (2). The error says
// so if there are any.
func partialSuccess(answer []byte) error {
	var rejected uint64
	var why []byte
	fields(answer, func(number int, _ uint64, partial []byte) {
		if number != 1 {
			return
		}
		fields(partial, func(number int, value uint64, text []byte) {
			switch number {
			case 1:
				rejected = value
			case 2:
				why = text
			}
		})
	})
	if rejected == 0 && len(why) == 0 {
		return nil
	}
	return fmt.Errorf("the collector rejected %d spans: %q", rejected, why)
}

// fields calls fn with each field of a message and its value, where that is a varint or text, until the message ends or makes no sense.
func fields(message []byte, fn func(number int, value uint64, text []byte)) {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return
		}
		message = message[n:]
		n = protowire.ConsumeFieldValue(number, kind, message)
		if n < 0 {
			return
		}
		var value uint64
		var text []byte
		if kind == protowire.VarintType {
			value, _ = protowire.ConsumeVarint(message)
		}
		if kind == protowire.BytesType {
			text, _ = protowire.ConsumeBytes(message)
		}
		fn(int(number), value, text)
		message = message[n:]
	}
}

// pause waits, unless the context ends before.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
