package cenotetest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/smithy-go"
)

// forget gives up the connections of http.DefaultClient, which the clients of tests share. A server that stops closes those that it has, and a
// client that had not noticed yet failed with its next request.
func forget() { http.DefaultClient.CloseIdleConnections() }

// Dial returns the official client with a key; it retries as Retries says.
func Dial(url, id, secret string) *idp.Client {
	return idp.New(idp.Options{
		Region: "us-east-1", BaseEndpoint: &url, Retryer: Retries{}, HTTPClient: http.DefaultClient,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: id, SecretAccessKey: secret}, nil
		}),
	})
}

// CodeOf returns the name of the exception that a call was answered with; "" for a success.
func CodeOf(t testing.TB, err error) string {
	t.Helper()
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return ""
}

// Get returns the status and the body of a page.
func Get(t testing.TB, client *http.Client, url string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// patience is far more than anything takes, also on a busy machine: only what fails waits so long.
const patience = 30 * time.Second

// Eventually looks until a change has come.
func Eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Errorf("not within %s: %s", patience, what)
}
