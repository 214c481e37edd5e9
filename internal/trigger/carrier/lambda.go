package carrier

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/encoding/httpbinding"

	"github.com/cenote-id/cenote/internal/outbound"
	"github.com/cenote-id/cenote/internal/wire"
)

// LambdaOptions say where functions are invoked by the Invoke API, and as whom.
type LambdaOptions struct {
	Endpoint    string                  // base URL, http or https; empty means AWS, in the region of each function's ARN
	Credentials aws.CredentialsProvider // may be nil with an Endpoint: programs that emulate Lambda take any credentials
	Now         func() time.Time        // the machine's time, which requests are signed with
}

// Lambda invokes functions through the Invoke API and waits for their answer (invocation type RequestResponse). It is one request, so it is
// written out here: the SDK's client of all of Lambda takes a megabyte of memory in every server.
type Lambda struct {
	endpoint *url.URL // nil: AWS
	signer   *outbound.Signer
	client   *http.Client
}

// NewLambda returns a carrier to the Invoke API.
func NewLambda(o LambdaOptions) (*Lambda, error) {
	l := &Lambda{client: newClient()}
	if o.Endpoint != "" {
		u, err := url.Parse(strings.TrimSuffix(o.Endpoint, "/"))
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return nil, fmt.Errorf("Lambda endpoint %q is not an http or https URL", o.Endpoint)
		}
		l.endpoint = u
	}
	credentials := o.Credentials
	if credentials == nil {
		if o.Endpoint == "" {
			return nil, errors.New("invoking functions in AWS needs credentials")
		}
		credentials = StaticCredentials("cenote", "cenote", "")
	}
	l.signer = outbound.NewSigner(credentials, o.Now)
	return l, nil
}

// StaticCredentials provides the same credentials for ever. The session token may be empty.
func StaticCredentials(accessKeyID, secretAccessKey, sessionToken string) aws.CredentialsProvider {
	c := aws.Credentials{AccessKeyID: accessKeyID, SecretAccessKey: secretAccessKey, SessionToken: sessionToken, Source: "cenote"}
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return c, nil })
}

// Invoke implements Carrier.
func (l *Lambda) Invoke(ctx context.Context, functionARN string, payload []byte) (Result, error) {
	req, err := l.request(ctx, functionARN, payload)
	if err != nil {
		return Result{}, &Error{Again: true, Err: err}
	}
	res, err := l.client.Do(req)
	if err != nil {
		return Result{}, unreached(req.URL, err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := readAnswer(res.Body)
	if err != nil {
		return Result{}, unreached(req.URL, err)
	}
	if res.StatusCode < 200 || res.StatusCode >= 300 {
		return Result{}, refusedBy(req.URL, res, body)
	}
	return Result{Payload: body, FunctionError: res.Header.Get("X-Amz-Function-Error")}, nil
}

// request returns a signed request of the Invoke API.
func (l *Lambda) request(ctx context.Context, functionARN string, payload []byte) (*http.Request, error) {
	full, qualifier := unqualified(functionARN)
	region := regionOf(functionARN, "us-east-1")
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.base(functionARN, region).String(), bytes.NewReader(payload))
	if err != nil {
		return nil, err
	}
	base := strings.TrimSuffix(req.URL.EscapedPath(), "/")
	req.URL.Path += "/2015-03-31/functions/" + full + "/invocations"
	req.URL.RawPath = base + "/2015-03-31/functions/" + httpbinding.EscapePath(full, true) + "/invocations"
	if qualifier != "" {
		req.URL.RawQuery = url.Values{"Qualifier": {qualifier}}.Encode()
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	req.Header.Set("X-Amz-Invocation-Type", "RequestResponse")
	return req, l.signer.Sign(ctx, req, payload, "lambda", region)
}

// base returns the URL of the service.
func (l *Lambda) base(functionARN, region string) *url.URL {
	if l.endpoint != nil {
		return l.endpoint
	}
	return outbound.AWS("lambda", region, functionARN)
}

// refusedBy returns the exception of the service in an answer, which is named by its header or its body. An answer of 5xx is not tried
// again: the service says so of its triggers.
func refusedBy(target *url.URL, res *http.Response, body []byte) error {
	var said struct {
		Type    string `json:"__type"`
		Code    string `json:"code"`
		Message string `json:"message,case:ignore"`
	}
	_ = wire.Unmarshal(body, &said) // what is no JSON says nothing
	name := outbound.Exception(cmp.Or(res.Header.Get("X-Amzn-Errortype"), said.Code, said.Type, "UnknownError"))
	return &Error{
		Name:  exceptionName(name),
		Again: res.StatusCode == http.StatusTooManyRequests,
		Err:   fmt.Errorf("%s answered %d: %.300q", target.Host, res.StatusCode, said.Message),
	}
}
