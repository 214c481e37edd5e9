package trigger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/trigger/carrier"
	"github.com/cenote-id/cenote/internal/wire"
)

const arn = "arn:aws:lambda:eu-west-1:123456789012:function:auth"

// functions stand in for what is behind the carrier: code of somebody else.
type functions func(ctx context.Context, functionARN string, event []byte) (carrier.Result, error)

func (f functions) Invoke(ctx context.Context, functionARN string, event []byte) (carrier.Result, error) {
	return f(ctx, functionARN, event)
}

// returning is a function that returns always the same.
func returning(payload string) functions {
	return func(context.Context, string, []byte) (carrier.Result, error) {
		return carrier.Result{Payload: []byte(payload)}, nil
	}
}

func failing(err error) functions {
	return func(context.Context, string, []byte) (carrier.Result, error) { return carrier.Result{}, err }
}

// echo returns the event untouched.
func echo(_ context.Context, _ string, event []byte) (carrier.Result, error) {
	return carrier.Result{Payload: event}, nil
}

func newPool() *pool.Pool {
	return &pool.Pool{ID: "eu-west-1_AbCdEfGhI", Settings: wire.UserPoolType{LambdaConfig: &wire.LambdaConfigType{
		PreSignUp: arn, CustomMessage: arn, PostConfirmation: arn, PreAuthentication: arn, PostAuthentication: arn,
		DefineAuthChallenge: arn, CreateAuthChallenge: arn, VerifyAuthChallengeResponse: arn, PreTokenGeneration: arn, UserMigration: arn,
		CustomSMSSender:   &wire.CustomSMSLambdaVersionConfigType{LambdaVersion: "V1_0", LambdaArn: arn},
		CustomEmailSender: &wire.CustomEmailLambdaVersionConfigType{LambdaVersion: "V1_0", LambdaArn: arn},
		KMSKeyID:          "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
	}}}
}

func newRunner(f functions) *Runner { return New(Options{Carrier: f, Now: time.Now}) }

func call(p *pool.Pool, s Source) Call {
	return Call{Pool: p, ClientID: "1example23456789", UserName: "alice", Source: s}
}

// preSignUp asks the simplest question.
func preSignUp(ctx context.Context, r *Runner) error {
	_, err := r.PreSignUp(ctx, call(newPool(), PreSignUpSignUp), PreSignUpRequest{})
	return err
}

// TestHas is not parallel: it counts allocations.
func TestHas(t *testing.T) { //nolint:paralleltest // see above
	r, with, without, none := newRunner(echo), newPool(), &pool.Pool{}, &pool.Pool{}
	without.Settings.LambdaConfig = &wire.LambdaConfigType{}
	all := []Trigger{
		PreSignUp, PostConfirmation, PreAuthentication, PostAuthentication, PreTokenGeneration, UserMigration, DefineAuthChallenge,
		CreateAuthChallenge, VerifyAuthChallenge, CustomMessage, CustomEmailSender, CustomSMSSender,
	}
	for _, k := range all {
		if !r.Has(with, k) || r.Has(without, k) || r.Has(none, k) {
			t.Errorf("%s: got %t, %t, %t; want true, false, false", k, r.Has(with, k), r.Has(without, k), r.Has(none, k))
		}
		if n := testing.AllocsPerRun(10, func() { r.Has(none, k) }); n != 0 {
			t.Errorf("%s: %v allocations to find that there is no trigger", k, n)
		}
	}
	if r.Has(with, "Nothing") {
		t.Error("an unknown trigger is configured")
	}
}

func TestPoolWithoutTriggers(t *testing.T) {
	t.Parallel()
	r := newRunner(failing(errors.New("must not be invoked")))
	ctx, c := t.Context(), Call{Pool: &pool.Pool{ID: "eu-west-1_AbCdEfGhI"}}
	signUp, err1 := r.PreSignUp(ctx, c, PreSignUpRequest{})
	migrated, err2 := r.UserMigration(ctx, c, UserMigrationRequest{})
	changes, err3 := r.PreTokenGeneration(ctx, c, PreTokenGenerationRequest{})
	words, err4 := r.CustomMessage(ctx, c, CustomMessageRequest{})
	challenge, err5 := r.CreateAuthChallenge(ctx, c, CreateAuthChallengeRequest{})
	correct, err6 := r.VerifyAuthChallenge(ctx, c, VerifyAuthChallengeRequest{})
	err := errors.Join(err1, err2, err3, err4, err5, err6,
		r.PostConfirmation(ctx, c, PostConfirmationRequest{}),
		r.PreAuthentication(ctx, c, PreAuthenticationRequest{}),
		r.PostAuthentication(ctx, c, PostAuthenticationRequest{}),
		r.CustomEmailSender(ctx, c, CustomSenderRequest{Code: "123456"}),
		r.CustomSMSSender(ctx, c, CustomSenderRequest{Code: "123456"}))
	if err != nil {
		t.Error(err)
	}
	if signUp != (PreSignUpResponse{}) || migrated.UserAttributes != nil || changes.IDToken.Set != nil || words != (CustomMessageResponse{}) ||
		challenge.PublicChallengeParameters != nil || correct {
		t.Error("a pool without triggers has an answer")
	}
	_, err = r.DefineAuthChallenge(ctx, c, DefineAuthChallengeRequest{})
	if diff := cmp.Diff("InvalidParameterException: Custom auth lambda trigger is not configured for the user pool.",
		fmt.Sprint(err)); diff != "" {
		t.Errorf("a custom sign-in without Define (-want +got):\n%s", diff)
	}
}

// TestWhatTheCallerIsTold has the texts of the service for functions that fail.
func TestWhatTheCallerIsTold(t *testing.T) {
	t.Parallel()
	thrown := func(payload string) functions {
		return func(context.Context, string, []byte) (carrier.Result, error) {
			return carrier.Result{Payload: []byte(payload), FunctionError: "Unhandled"}, nil
		}
	}
	refused := func(name string) functions { return failing(&carrier.Error{Name: name, Err: errors.New("403")}) }
	tests := []struct {
		name string
		f    functions
		code fault.Code
		want string
	}{
		{"a function throws", thrown(`{"errorMessage":"No.","errorType":"Error"}`), fault.UserLambdaValidation, "PreSignUp failed with error No.."},
		{"what it throws looks like a format", thrown(`{"errorMessage":"100%d"}`), fault.UserLambdaValidation, "PreSignUp failed with error 100%d."},
		{"it throws nothing", thrown(`{"errorMessage":null}`), fault.UserLambdaValidation, "PreSignUp failed with error null."},
		{"what it throws is not JSON", thrown(`boom`), fault.UserLambdaValidation, "PreSignUp failed with error null."},
		{
			"no permission", refused("AccessDeniedException"), fault.UnexpectedLambda,
			"PreSignUp invocation failed due to error AccessDeniedException.",
		},
		{
			"no such function", refused("ResourceNotFoundException"), fault.UnexpectedLambda,
			"PreSignUp invocation failed due to error ResourceNotFoundException.",
		},
		{
			"the network fails", failing(&carrier.Error{Err: errors.New("refused")}), fault.UnexpectedLambda,
			"PreSignUp invocation failed due to error Connection failure while invoking Lambda function.",
		},
		{"it returns null", returning(`null`), fault.InvalidLambdaResponse, "Unrecognizable lambda output"},
		{"it returns a text", returning(`"ok"`), fault.InvalidLambdaResponse, "Unrecognizable lambda output"},
		{"it returns a list", returning(`[{"response":{}}]`), fault.InvalidLambdaResponse, "Unrecognizable lambda output"},
		{"it returns no response", returning(`{"version":"1"}`), fault.InvalidLambdaResponse, "Unrecognizable lambda output"},
		{"its response is null", returning(`{"response":null}`), fault.InvalidLambdaResponse, "Unrecognizable lambda output"},
		{"its response has another case", returning(`{"Response":{}}`), fault.InvalidLambdaResponse, "Unrecognizable lambda output"},
		{"it returns nothing", returning(``), fault.InvalidLambdaResponse, "Invalid lambda function output : Invalid JSON"},
		{"it returns half a document", returning(`{"response":{`), fault.InvalidLambdaResponse, "Invalid lambda function output : Invalid JSON"},
		{"its response is a text", returning(`{"response":"ok"}`), fault.InvalidLambdaResponse, "Invalid lambda function output : Invalid JSON"},
		{
			"a member has the wrong type", returning(`{"response":{"autoConfirmUser":"yes"}}`), fault.InvalidLambdaResponse,
			"Invalid lambda function output : Invalid JSON",
		},
		{"it returns 5 MB", failing(carrier.ErrTooLarge), fault.InvalidLambdaResponse, "Invalid lambda function output : Invalid JSON"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := preSignUp(t.Context(), newRunner(tt.f))
			var f *fault.Error
			if !errors.As(err, &f) || f.Code != tt.code || f.Message != tt.want {
				t.Errorf("got %v\nwant %s: %s", err, tt.code, tt.want)
			}
		})
	}
}

func TestTheTextsNameTheTrigger(t *testing.T) {
	t.Parallel()
	r := newRunner(func(context.Context, string, []byte) (carrier.Result, error) {
		return carrier.Result{Payload: []byte(`{"errorMessage":"M"}`), FunctionError: "Unhandled"}, nil
	})
	_, err := r.VerifyAuthChallenge(t.Context(), call(newPool(), VerifyAuthChallengeAuthentication), VerifyAuthChallengeRequest{})
	if want := "UserLambdaValidationException: VerifyAuthChallengeResponse failed with error M."; fmt.Sprint(err) != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

// TestAttempts counts the attempts and the time they take, in the bubble's own time.
func TestAttempts(t *testing.T) {
	t.Parallel()
	hang := func(ctx context.Context) (carrier.Result, error) {
		<-ctx.Done()
		return carrier.Result{}, ctx.Err()
	}
	again := &carrier.Error{Name: "TooManyRequestsException", Again: true, Err: errors.New("429")}
	tests := []struct {
		name     string
		attempt  func(ctx context.Context, n int) (carrier.Result, error)
		attempts int
		took     time.Duration
		want     string // in the error; empty: none
	}{
		{
			"a function that never answers is asked three times",
			func(ctx context.Context, _ int) (carrier.Result, error) { return hang(ctx) }, 3, 15 * time.Second,
			"PreSignUp invocation failed due to error Socket timeout while invoking Lambda function.",
		},
		{
			"a function that answers the second time is asked twice",
			func(ctx context.Context, n int) (carrier.Result, error) {
				if n == 1 {
					return hang(ctx)
				}
				return carrier.Result{Payload: []byte(`{"response":{}}`)}, nil
			}, 2, 5 * time.Second, "",
		},
		{
			"a throttled function is asked three times",
			func(context.Context, int) (carrier.Result, error) { return carrier.Result{}, again }, 3, 200 * time.Millisecond,
			"PreSignUp invocation failed due to error TooManyRequestsException.",
		},
		{
			"an answer of 5xx is final",
			func(context.Context, int) (carrier.Result, error) {
				return carrier.Result{}, &carrier.Error{Name: "ServiceException", Err: errors.New("500")}
			}, 1, 0, "PreSignUp invocation failed due to error ServiceException.",
		},
		{
			"an error of the function is final",
			func(context.Context, int) (carrier.Result, error) {
				return carrier.Result{Payload: []byte(`{"errorMessage":"no"}`), FunctionError: "Unhandled"}, nil
			}, 1, 0, "PreSignUp failed with error no.",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n, start := 0, time.Now()
				err := preSignUp(t.Context(), newRunner(func(ctx context.Context, _ string, _ []byte) (carrier.Result, error) {
					n++
					return tt.attempt(ctx, n)
				}))
				if (tt.want == "") != (err == nil) || (err != nil && !strings.Contains(err.Error(), tt.want)) {
					t.Errorf("got %v, want %q", err, tt.want)
				}
				if took := time.Since(start); n != tt.attempts || took != tt.took {
					t.Errorf("%d attempts in %s, want %d in %s", n, took, tt.attempts, tt.took)
				}
			})
		})
	}
}

func TestTheCallerLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
		defer cancel()
		n, start := 0, time.Now()
		err := preSignUp(ctx, newRunner(func(ctx context.Context, _ string, _ []byte) (carrier.Result, error) {
			n++
			<-ctx.Done()
			return carrier.Result{}, ctx.Err()
		}))
		if !errors.Is(err, context.DeadlineExceeded) || fault.CodeOf(err) != "" {
			t.Errorf("got %v, want the error of the context and no fault", err)
		}
		if took := time.Since(start); n != 2 || took != 7*time.Second {
			t.Errorf("%d attempts in %s, want 2 in 7s", n, took)
		}
	})
}

func TestRecords(t *testing.T) {
	t.Parallel()
	records := NewRecords()
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	answers := []string{`{"response":{"autoConfirmUser":true}}`, `{"errorMessage":"no"}`}
	asked := 0
	r := New(Options{
		Recorder: records,
		Now:      func() time.Time { now = now.Add(time.Millisecond); return now },
		Carrier: functions(func(context.Context, string, []byte) (carrier.Result, error) {
			asked++
			kind := ""
			if asked == 2 {
				kind = "Unhandled"
			}
			return carrier.Result{Payload: []byte(answers[asked-1]), FunctionError: kind}, nil
		}),
	})
	if err := preSignUp(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	first := records.All()[0]
	if first.Time != now.Add(-time.Millisecond) || first.Duration != time.Millisecond || first.Attempts != 1 || first.Function != arn {
		t.Errorf("recorded %s, %s, %d attempts at %s", first.Time, first.Duration, first.Attempts, first.Function)
	}
	if string(first.Answer) != answers[0] || first.Error != "" || !json.Valid(first.Request) || first.Source != PreSignUpSignUp {
		t.Errorf("recorded answer %s, error %q", first.Answer, first.Error)
	}
	found, ok := records.Find(first.ID)
	if !ok {
		t.Fatal("the record cannot be found by its id")
	}
	second, err := r.Replay(t.Context(), found)
	if !fault.Is(err, fault.UserLambdaValidation) {
		t.Errorf("replay: %v, want the function's error", err)
	}
	if second.ReplayOf != first.ID || string(second.Request) != string(first.Request) || !strings.Contains(second.Error, "no") {
		t.Errorf("replayed %s with error %q", second.Request, second.Error)
	}
	if all := records.All(); len(all) != 2 || all[0].ID != second.ID {
		t.Errorf("%d records, want 2 with the newest first", len(all))
	}
	records.Clear()
	if _, ok := records.Find(first.ID); ok || len(records.All()) != 0 {
		t.Error("cleared records can be found")
	}
}

func TestRecordsAreBounded(t *testing.T) {
	t.Parallel()
	many := NewRecords()
	for range maxRecords + 10 {
		many.Record(Record{Request: json.RawMessage(`{}`)})
	}
	if n := len(many.All()); n != maxRecords {
		t.Errorf("%d records are kept, want %d", n, maxRecords)
	}
	large := NewRecords()
	event := make([]byte, maxRecordBytes/4)
	for range 6 {
		large.Record(Record{Request: event})
	}
	if n := len(large.All()); n != 4 {
		t.Errorf("%d large records are kept, want 4", n)
	}
}

func FuzzReadResponse(f *testing.F) {
	for _, seed := range []string{`{"response":{"userAttributes":{"email":"a@example.com"}}}`, `null`, `{"response":1}`, `{"response":{},"response":{}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		var m UserMigrationResponse
		var v v2Response
		for _, into := range []any{&m, &v} {
			if err := readResponse(payload, into); err != nil && !fault.Is(err, fault.InvalidLambdaResponse) {
				t.Errorf("got %v, want InvalidLambdaResponseException", err)
			}
		}
		if c, err := v.changes(); err == nil {
			c.ID(map[string]any{"sub": "s"})
			c.Access(map[string]any{"sub": "s", "scope": "a b", "client_id": "c"})
		}
	})
}
