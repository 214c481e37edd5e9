package client

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/aws/smithy-go"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// call runs an operation of the SDK.
func call[In, Out any](
	ctx context.Context, name string, run operation[In, Out], in *In, options ...func(*idp.Options),
) (*Out, error) {
	out, err := run(ctx, in, options...)
	if err != nil {
		return nil, wrap(ctx, name, err)
	}
	return out, nil
}

// post calls an operation that the SDK does not have, the way the SDK would.
func (p *Pool) post(ctx context.Context, name string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	url := p.config.endpoint()
	if url == "" {
		url = "https://cognito-idp." + p.region + ".amazonaws.com"
		if strings.HasPrefix(p.region, "cn-") {
			url += ".cn"
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(url, "/")+"/", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+name)
	res, err := p.http.Do(req)
	if err != nil {
		return wrap(ctx, name, err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return wrap(ctx, name, err)
	}
	if res.StatusCode != http.StatusOK {
		return wrap(ctx, name, &refusal{api: readFault(answer), status: res.StatusCode, requestID: res.Header.Get("X-Amzn-Requestid")})
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return wrap(ctx, name, &smithy.DeserializationError{Err: err})
	}
	return nil
}

// readFault reads the body of a refusal.
func readFault(body []byte) *smithy.GenericAPIError {
	var fault struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(body, &fault); err != nil || fault.Type == "" {
		return &smithy.GenericAPIError{Code: unknownError}
	}
	return &smithy.GenericAPIError{Code: fault.Type[strings.LastIndexByte(fault.Type, '#')+1:], Message: fault.Message}
}

// refusal is an answer of post that is not a success.
type refusal struct {
	api       *smithy.GenericAPIError
	status    int
	requestID string
}

func (r *refusal) Error() string            { return r.api.Error() }
func (r *refusal) Unwrap() error            { return r.api }
func (r *refusal) HTTPStatusCode() int      { return r.status }
func (r *refusal) ServiceRequestID() string { return r.requestID }
