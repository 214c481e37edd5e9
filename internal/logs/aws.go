package logs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/cenote-id/cenote/internal/outbound"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// cloud delivers to CloudWatch Logs, Data Firehose and S3, of AWS or of programs that speak their APIs.
type cloud struct {
	endpoint *url.URL // nil: AWS
	region   string
	client   *http.Client
	signer   *outbound.Signer
}

func newCloud(o Options, endpoint string) (*cloud, error) {
	c := &cloud{region: o.Region, client: newClient(), signer: outbound.NewSigner(o.Credentials, o.Now)}
	if endpoint != "" {
		u, err := url.Parse(endpoint)
		if err != nil || u.User != nil {
			return nil, errors.New("aws: needs a URL without user and password behind it, or nothing")
		}
		if err := outbound.Operator.CheckURL(u); err != nil {
			return nil, err
		}
		c.endpoint = u
	}
	if o.Credentials == nil {
		return nil, errors.New("aws needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment")
	}
	return c, nil
}

// Deliver implements Sink.
func (c *cloud) Deliver(ctx context.Context, to pool.LogDestination, records []pool.LogRecord) error {
	switch to.Service {
	case pool.CloudWatch:
		return c.putEvents(ctx, to, records)
	case pool.Firehose:
		return c.putRecords(ctx, to, records)
	case pool.S3:
		return c.putObject(ctx, to, records)
	}
	return fmt.Errorf("no delivery to %s", to.Service)
}

// putEvents appends to the pool's stream in the log group, and makes the stream when there is none.
func (c *cloud) putEvents(ctx context.Context, to pool.LogDestination, records []pool.LogRecord) error {
	type event struct {
		Timestamp int64  `json:"timestamp"`
		Message   string `json:"message"`
	}
	in := struct {
		Group  string  `json:"logGroupName"`
		Stream string  `json:"logStreamName"`
		Events []event `json:"logEvents"`
	}{Group: to.Name(), Stream: records[0].PoolID}
	for _, r := range records {
		in.Events = append(in.Events, event{r.Created.UnixMilli(), r.Text})
	}
	_, err := c.call(ctx, to, "Logs_20140328.PutLogEvents", in)
	var no *statusError
	if !errors.As(err, &no) || no.kind != "ResourceNotFoundException" {
		return err
	}
	_, err = c.call(ctx, to, "Logs_20140328.CreateLogStream", map[string]string{"logGroupName": in.Group, "logStreamName": in.Stream})
	if err != nil && (!errors.As(err, &no) || no.kind != "ResourceAlreadyExistsException") { // another node may have made it
		return err
	}
	_, err = c.call(ctx, to, "Logs_20140328.PutLogEvents", in)
	return err
}

func (c *cloud) putRecords(ctx context.Context, to pool.LogDestination, records []pool.LogRecord) error {
	type data struct{ Data []byte }
	in := struct {
		DeliveryStreamName string
		Records            []data
	}{DeliveryStreamName: to.Name()}
	for _, r := range records {
		in.Records = append(in.Records, data{[]byte(r.Text + "\n")})
	}
	body, err := c.call(ctx, to, "Firehose_20150804.PutRecordBatch", in)
	if err != nil {
		return err
	}
	var out struct{ FailedPutCount int }
	if err := wire.Unmarshal(body, &out); err != nil || out.FailedPutCount > 0 {
		return fmt.Errorf("the stream did not take %d records", out.FailedPutCount)
	}
	return nil
}

// putObject writes one object of JSON lines under the pool and the day.
func (c *cloud) putObject(ctx context.Context, to pool.LogDestination, records []pool.LogRecord) error {
	bucket, prefix, _ := strings.Cut(to.Name(), "/")
	first := records[0]
	u := c.base("s3", c.region, to).JoinPath(bucket, strings.Trim(prefix, "/"), first.PoolID, first.Created.UTC().Format("2006/01/02"), first.ID+".jsonl")
	body := lines(records)
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, u.String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	if err := c.signer.Sign(ctx, req, body, "s3", c.region); err != nil {
		return err
	}
	_, err = exchange(c.client, req)
	return err
}

// call calls an operation of a service that speaks JSON 1.1.
func (c *cloud) call(ctx context.Context, to pool.LogDestination, target string, in any) ([]byte, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	service := string(to.Service)
	u := c.base(service, to.Region(), to)
	if u.Path == "" {
		u.Path = "/"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", target)
	if err := c.signer.Sign(ctx, req, body, service, to.Region()); err != nil {
		return nil, err
	}
	return exchange(c.client, req)
}

// base is where a service takes what goes to the destination.
func (c *cloud) base(service, region string, to pool.LogDestination) *url.URL {
	if c.endpoint != nil {
		u := *c.endpoint
		return &u
	}
	return outbound.AWS(service, region, to.ARN)
}

// kindOf finds the exception in the header or the body of an answer.
func kindOf(header string, body []byte) string {
	var out struct {
		Type string `json:"__type"`
	}
	if header == "" && wire.Unmarshal(body, &out) == nil {
		header = out.Type
	}
	name := outbound.Exception(header)
	return name[:min(len(name), 80)]
}
