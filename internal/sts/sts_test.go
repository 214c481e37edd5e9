package sts_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/sts"
)

const (
	given = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials>` +
		`<AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>session</SessionToken>` +
		`<Expiration>2030-01-02T03:04:05Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`
	refused = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>%s</Code><Message>No.</Message></Error></ErrorResponse>`
)

type answer struct {
	status int
	body   string
}

func refusal(status int, code string) answer { return answer{status, fmt.Sprintf(refused, code)} }

func TestAssumeRole(t *testing.T) {
	ok := answer{http.StatusOK, given}
	misconfigured, unavailable := fault.InvalidIdentityPoolConfiguration, fault.ExternalService
	for _, test := range []struct {
		name    string
		answers []answer // to one request after the other; the last one to all that follow
		want    fault.Code
		asked   int
	}{
		{"credentials", []answer{ok}, "", 1},
		{"a role that trusts nobody", []answer{refusal(http.StatusForbidden, "AccessDenied")}, misconfigured, 1},
		{"a failure, then credentials", []answer{refusal(http.StatusInternalServerError, "InternalFailure"), ok}, "", 2},
		{"a service that fails", []answer{refusal(http.StatusInternalServerError, "InternalFailure")}, unavailable, 2},
		{"a service that cannot reach this server, at first", []answer{refusal(http.StatusBadRequest, "IDPCommunicationError"), ok}, "", 2},
		{"a service that has too much to do", []answer{refusal(http.StatusBadRequest, "Throttling")}, unavailable, 2},
		{"no security token service", []answer{{http.StatusNotFound, "<html>not here</html>"}}, unavailable, 2},
		{"an answer that is no XML", []answer{{http.StatusOK, "{}"}}, unavailable, 1},
		{"an answer without credentials", []answer{{http.StatusOK, "<AssumeRoleWithWebIdentityResponse/>"}}, unavailable, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if err := r.ParseForm(); err != nil || r.PostForm.Get("RoleArn") != "arn:role" || r.PostForm.Get("WebIdentityToken") != "a+b/c=" {
					t.Errorf("asked %v (%v)", r.PostForm, err)
				}
				a := test.answers[min(asked, len(test.answers)-1)]
				asked++
				w.WriteHeader(a.status)
				fmt.Fprint(w, a.body)
			}))
			defer service.Close()
			got, err := sts.New(service.URL).AssumeRole(t.Context(), "arn:role", "a+b/c=")
			var want identity.Credentials
			if test.want == "" {
				want = identity.Credentials{
					AccessKeyID: "ASIAEXAMPLE", SecretKey: "secret", SessionToken: "session", Expires: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC),
				}
			}
			if fault.CodeOf(err) != test.want || got != want || asked != test.asked {
				t.Errorf("%+v, %v after %d requests", got, err, asked)
			}
		})
	}
}

func TestNobodyListens(t *testing.T) {
	service := httptest.NewServer(http.NotFoundHandler())
	service.Close()
	if _, err := sts.New(service.URL).AssumeRole(t.Context(), "arn:role", "token"); fault.CodeOf(err) != fault.ExternalService {
		t.Error(err)
	}
}
