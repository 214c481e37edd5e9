package logs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/cenote-id/cenote/internal/outbound"
	"github.com/cenote-id/cenote/internal/pool"
)

// Options say how records leave the server.
type Options struct {
	To          string                  // log, file:<folder>, an http or https URL, aws, or aws:<URL>
	Credentials aws.CredentialsProvider // for aws; nil: none
	Region      string                  // of buckets, whose ARNs have none
	Now         func() time.Time        // the wall clock, for signatures
	Log         *slog.Logger
}

// NewSink returns the sink that the options name. Errors do not quote URLs, which may hold a password.
func NewSink(o Options) (Sink, error) {
	kind, rest, _ := strings.Cut(o.To, ":")
	switch kind {
	case "log":
		return serverLog{o.Log}, nil
	case "file":
		if info, err := os.Stat(rest); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("%s is not a folder", rest)
		}
		return folder(rest), nil
	case "http", "https":
		u, err := url.Parse(o.To)
		if err != nil {
			return nil, errors.New("not a URL (percent-encode special characters in user and password)")
		}
		if err := outbound.Operator.CheckURL(u); err != nil {
			return nil, err
		}
		return collector{url: u, client: newClient()}, nil
	case "aws":
		return newCloud(o, rest)
	default:
		return nil, errors.New("neither log, file:<folder>, an http or https URL, nor aws")
	}
}

func newClient() *http.Client {
	return outbound.NewClient(outbound.Options{Reach: outbound.Operator, Timeout: 15 * time.Second, MaxBody: 256 << 10})
}

// serverLog writes records to the server's own log.
type serverLog struct{ log *slog.Logger }

// Deliver implements Sink.
func (s serverLog) Deliver(ctx context.Context, to pool.LogDestination, records []pool.LogRecord) error {
	for _, r := range records {
		s.log.InfoContext(ctx, "pool log", "pool", r.PoolID, "destination", to.ARN, "record", r.Text)
	}
	return nil
}

// folder holds a file of JSON lines for each destination. Files are opened for each batch, so they can be moved away at any time.
type folder string

// Deliver implements Sink.
func (f folder) Deliver(_ context.Context, to pool.LogDestination, records []pool.LogRecord) error {
	file, err := os.OpenFile(filepath.Join(string(f), fileName(to.ARN)), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open the file: %w", err)
	}
	if _, err = file.Write(lines(records)); err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// fileName makes a file's name of an ARN, which pools' administrators choose: its harmless characters, and a digest that keeps two apart.
func fileName(arn string) string {
	sum := sha256.Sum256([]byte(arn))
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, arn)
	return plain[:min(len(plain), 150)] + "." + hex.EncodeToString(sum[:4]) + ".jsonl"
}

// collector takes a POST of JSON lines.
type collector struct {
	url    *url.URL // user and password become basic authentication
	client *http.Client
}

// Deliver implements Sink.
func (c collector) Deliver(ctx context.Context, to pool.LogDestination, records []pool.LogRecord) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url.String(), bytes.NewReader(lines(records)))
	if err != nil {
		return errors.New("the request cannot be made") // the cause would quote the URL
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	req.Header.Set("User-Agent", "cenote")
	req.Header.Set("Cenote-User-Pool", records[0].PoolID)
	req.Header.Set("Cenote-Destination", to.ARN)
	_, err = exchange(c.client, req)
	return err
}

// lines are the records, one on each line.
func lines(records []pool.LogRecord) []byte {
	var b bytes.Buffer
	for _, r := range records {
		b.WriteString(r.Text)
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// exchange sends a request and returns the body of a 2xx answer. Errors name the host and the status.
func exchange(client *http.Client, req *http.Request) ([]byte, error) {
	res, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", req.URL.Host, outbound.Cause(err))
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", req.URL.Host, err)
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return body, &statusError{req.URL.Host, res.StatusCode, kindOf(res.Header.Get("X-Amzn-Errortype"), body)}
	}
	return body, nil
}

// statusError is an answer that is none of 2xx.
type statusError struct {
	host   string
	status int
	kind   string // the exception of an AWS service
}

// Error returns the host, the status and the exception.
func (e *statusError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("%s answered %d %s", e.host, e.status, e.kind))
}
