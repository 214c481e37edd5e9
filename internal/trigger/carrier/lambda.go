package carrier

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/cenote-id/cenote/internal/outbound"
)

// LambdaOptions say where functions are invoked by the Invoke API, and as whom.
type LambdaOptions struct {
	Endpoint    string                  // base URL, http or https; empty means AWS, in the region of each function's ARN
	Credentials aws.CredentialsProvider // may be nil with an Endpoint: programs that emulate Lambda take any credentials
}

// Lambda invokes functions through the Invoke API and waits for their answer (invocation type RequestResponse).
type Lambda struct {
	client *lambda.Client
}

// NewLambda returns a carrier to the Invoke API. The SDK makes one attempt for each Invoke.
func NewLambda(o LambdaOptions) (*Lambda, error) {
	options := lambda.Options{
		Credentials: o.Credentials,
		Retryer:     aws.NopRetryer{},
		HTTPClient:  newClient(),
	}
	if o.Endpoint != "" {
		u, err := url.Parse(o.Endpoint)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return nil, fmt.Errorf("Lambda endpoint %q is not an http or https URL", o.Endpoint)
		}
		options.BaseEndpoint = aws.String(strings.TrimSuffix(o.Endpoint, "/"))
	}
	switch {
	case o.Credentials != nil:
	case o.Endpoint == "":
		return nil, errors.New("invoking functions in AWS needs credentials")
	default:
		options.Credentials = StaticCredentials("cenote", "cenote", "")
	}
	return &Lambda{client: lambda.New(options)}, nil
}

// StaticCredentials provides the same credentials for ever. The session token may be empty.
func StaticCredentials(accessKeyID, secretAccessKey, sessionToken string) aws.CredentialsProvider {
	c := aws.Credentials{AccessKeyID: accessKeyID, SecretAccessKey: secretAccessKey, SessionToken: sessionToken, Source: "cenote"}
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return c, nil })
}

// Invoke implements Carrier.
func (l *Lambda) Invoke(ctx context.Context, functionARN string, payload []byte) (Result, error) {
	full, qualifier := unqualified(functionARN)
	in := &lambda.InvokeInput{FunctionName: &full, InvocationType: types.InvocationTypeRequestResponse, Payload: payload}
	if qualifier != "" {
		in.Qualifier = &qualifier
	}
	out, err := l.client.Invoke(ctx, in, func(o *lambda.Options) { o.Region = regionOf(functionARN, "us-east-1") })
	if err != nil {
		return Result{}, lambdaError(ctx, err)
	}
	return Result{Payload: out.Payload, FunctionError: aws.ToString(out.FunctionError)}, nil
}

// lambdaError tells apart what the service refused and what never got there. An answer of 5xx is not tried again: the service
// says so of its triggers.
func lambdaError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("invoke: %w", ctx.Err())
	}
	if errors.Is(err, ErrTooLarge) {
		return ErrTooLarge
	}
	if errors.Is(err, outbound.ErrAddress) {
		return &Error{Name: accessDenied, Err: err}
	}
	status := 0
	if r := new(smithyhttp.ResponseError); errors.As(err, &r) && r.Response != nil {
		status = r.HTTPStatusCode()
	}
	var refused smithy.APIError
	if errors.As(err, &refused) {
		return &Error{Name: exceptionName(refused.ErrorCode()), Again: status == http.StatusTooManyRequests, Err: err}
	}
	if status != 0 {
		return &Error{Name: serviceException, Err: err}
	}
	return &Error{Again: true, Err: err}
}
