package rpc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
)

func TestDoorRendersErrors(t *testing.T) {
	t.Parallel()
	const quoted = "1 validation error detected: Value 'ä\r\nSet-Cookie: a=b' at 'x' failed"
	tests := []struct {
		name    string
		err     error
		status  int
		code    string
		message string
		level   string // of the log line
	}{
		{
			"a fault", fault.New(fault.NotAuthorized, "Incorrect username or password."), 400,
			"NotAuthorizedException", "Incorrect username or password.", "DEBUG",
		},
		{
			"a fault that the model gives another status", fault.New(fault.TooManyRequests, "Rate exceeded"), 400,
			"TooManyRequestsException", "Rate exceeded", "DEBUG",
		},
		{"a fault without a message", fault.New(fault.Forbidden, ""), 400, "ForbiddenException", "", "DEBUG"},
		{
			"a wrapped fault", fmt.Errorf("load user: %w", fault.New(fault.UserNotConfirmed, "User is not confirmed.")), 400,
			"UserNotConfirmedException", "User is not confirmed.", "DEBUG",
		},
		{
			"a fault with a cause", fault.New(fault.UnexpectedLambda, "PreSignUp failed.").Because(errors.New("connection refused")), 400,
			"UnexpectedLambdaException", "PreSignUp failed.", "INFO",
		},
		{
			"a token that cannot be read", fault.New(fault.NotAuthorized, "Invalid Access Token").Because(errors.New("not a JWS")), 400,
			"NotAuthorizedException", "Invalid Access Token", "DEBUG",
		},
		{
			"a message that quotes what a client sent", fault.New(fault.InvalidParameter, quoted), 400,
			"InvalidParameterException", quoted, "DEBUG",
		},
		{"a message with broken UTF-8", fault.New(fault.InvalidParameter, "a\xffb"), 400, "InvalidParameterException", "a\uFFFDb", "DEBUG"},
		{
			"a long message", fault.New(fault.InvalidParameter, strings.Repeat("long ", 1000)), 400,
			"InvalidParameterException", strings.Repeat("long ", 1000), "DEBUG",
		},
		{"an internal fault", fault.New(fault.InternalError, "We are sorry."), 500, "InternalErrorException", "We are sorry.", "ERROR"},
		{"a fault of being unavailable", fault.New(fault.ServiceUnavailable, ""), 503, "ServiceUnavailableException", "", "ERROR"},
		{"any other error", errors.New("password s3cret in the cause"), 500, "InternalErrorException", "Something went wrong", "ERROR"},
		{"a fault without a code", fault.New("", "nothing"), 500, "InternalErrorException", "Something went wrong", "ERROR"},
		{"an exception that the operation does not declare", fault.New(fault.GroupExists, "A group."), 400, "GroupExistsException", "A group.", "WARN"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url, log := open(t, Config{Operations: calls(answering(nil, tt.err), "InitiateAuth")})
			resp := send(t, request(t, url, idpTarget+"InitiateAuth", `{"ClientId":"abc","AuthFlow":"USER_SRP_AUTH"}`))
			resp.wantFault(t, tt.status, tt.code, tt.message)
			if want := "InitiateAuth " + tt.code; log.counted() != want {
				t.Errorf("counted %q, want %q", log.counted(), want)
			}
			line := log.String()
			for _, want := range []string{"level=" + tt.level, "code=" + tt.code, resp.Header.Get("x-amzn-RequestId"), "error="} {
				if !strings.Contains(line, want) {
					t.Errorf("log line has no %q:\n%s", want, line)
				}
			}
			if strings.Count(line, "\n") != 1 {
				t.Errorf("want one line of log, got:\n%s", line)
			}
		})
	}
}

func TestDoorFailsLoudlyForUndeclaredErrorsInTests(t *testing.T) {
	t.Parallel()
	url, log := open(t, Config{StrictErrors: true, Operations: calls(answering(nil, fault.New(fault.GroupExists, "A group.")), "SignUp")})
	send(t, request(t, url, idpTarget+"SignUp", signUpBody)).wantFault(t, 500, "InternalErrorException",
		"SignUp answers GroupExistsException, which it does not declare: GroupExistsException: A group.")
	if !strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("log:\n%s", log)
	}
}

func TestDoorLetsDeclaredErrorsPassInTests(t *testing.T) {
	t.Parallel()
	url, _ := open(t, Config{StrictErrors: true, Operations: calls(answering(nil, fault.New(fault.UsernameExists, "User already exists")), "SignUp")})
	send(t, request(t, url, idpTarget+"SignUp", signUpBody)).wantFault(t, 400, "UsernameExistsException", "User already exists")
}

func TestDoorCatchesPanics(t *testing.T) {
	t.Parallel()
	url, log := open(t, Config{Operations: calls(func(context.Context, any) (any, error) {
		var m map[string]string
		m["a"] = "b" //nolint:staticcheck // the panic is the point
		return nil, nil
	}, "SignUp")})
	for range 2 { // the door works on
		send(t, request(t, url, idpTarget+"SignUp", signUpBody)).wantFault(t, 500, "InternalErrorException", "Something went wrong")
	}
	if s := log.String(); !strings.Contains(s, "assignment to entry in nil map") || !strings.Contains(s, "errors_test.go") || strings.Contains(s, "Sup3r") {
		t.Errorf("log should tell the panic and the stack, and no input:\n%s", s)
	}
}

func TestDoorEndsWorkAtTheTimeLimit(t *testing.T) {
	t.Parallel()
	url, log := open(t, Config{TimeLimit: time.Millisecond, Operations: calls(func(ctx context.Context, _ any) (any, error) {
		<-ctx.Done()
		return nil, fmt.Errorf("save user: %w", ctx.Err())
	}, "SignUp")})
	send(t, request(t, url, idpTarget+"SignUp", signUpBody)).wantFault(t, 500, "InternalErrorException", "Something went wrong")
	if !strings.Contains(log.String(), "deadline exceeded") {
		t.Errorf("log:\n%s", log)
	}
}

func TestDoorIsQuietWhenTheClientGoesAway(t *testing.T) {
	t.Parallel()
	ctx, leave := context.WithCancel(t.Context())
	d, log := newDoor(t, Config{Operations: calls(func(ctx context.Context, _ any) (any, error) {
		leave()
		<-ctx.Done()
		return nil, errors.New("interrupted")
	}, "SignUp")})
	w := httptest.NewRecorder()
	d.ServeHTTP(w, request(t, "http://127.0.0.1/", idpTarget+"SignUp", signUpBody).WithContext(ctx))
	if w.Code != http.StatusInternalServerError {
		t.Errorf("status = %d: whoever still listens must not take it for a success", w.Code)
	}
	if log.counted() != "SignUp Canceled" || !strings.Contains(log.String(), "level=DEBUG") || strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("counted %q, logged:\n%s", log.counted(), log)
	}
}

func TestDoorRefusesABodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	d, _ := newDoor(t, Config{Operations: calls(answering(nil, nil), "SignUp")})
	r := request(t, "http://127.0.0.1/", idpTarget+"SignUp", "")
	r.Body = io.NopCloser(iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(signUpBody))))
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest || w.Body.String() != `{"__type":"SerializationException"}` {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestHeaderText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"plain text stays", "Incorrect username or password.", "Incorrect username or password."},
		{"lines are joined", "a\r\nSet-Cookie: b\tc", "a  Set-Cookie: b c"},
		{"control characters go", "a\x00\x1b[31mb\x7f", "a[31mb"},
		{"other characters become question marks", "ä€\U0001F600\xff", "????"},
		{"spaces around go", " a\n", "a"},
		{"a long text is cut", strings.Repeat("a", 5000), strings.Repeat("a", 1024)},
		{"a cut inside a character leaves no half", strings.Repeat("a", 1023) + "ä", strings.Repeat("a", 1023) + "?"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := headerText(tt.in); got != tt.want {
				t.Errorf("headerText(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestNewRefusesWhatLacksAPart(t *testing.T) {
	t.Parallel()
	base := Config{Operations: calls(answering(nil, nil), "SignUp"), AnyCredentials: true, Now: time.Now, Log: discard()}
	tests := []struct {
		name string
		make func(*Config)
	}{
		{"no operations", func(c *Config) { c.Operations = nil }},
		{"no clock", func(c *Config) { c.Now = nil }},
		{"no log", func(c *Config) { c.Log = nil }},
		{"no keys", func(c *Config) { c.AnyCredentials = false }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := base
			tt.make(&c)
			if _, err := New(c); err == nil {
				t.Error("New made a door")
			}
		})
	}
	if _, err := New(base); err != nil {
		t.Errorf("New refuses what is right: %v", err)
	}
}
