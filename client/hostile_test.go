package client_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cenote-id/cenote/client"
)

// answers is a server that gives the same answer to an operation again and again.
type answers map[string]string

// against returns a pool whose server means ill, and how often it was asked.
func against(t testing.TB, handle http.HandlerFunc) (*client.Pool, *atomic.Int32) {
	t.Helper()
	var asked atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		handle(w, r)
	}))
	t.Cleanup(srv.Close)
	p, err := client.NewPool(client.Config{PoolID: "us-east-1_Abc123XyZ", ClientID: "c", Endpoint: srv.URL})
	must(t, err)
	return p, &asked
}

func (a answers) handle(w http.ResponseWriter, r *http.Request) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_, _ = io.WriteString(w, a[operation])
}

func verifier(b, salt, block string) string {
	text, _ := json.Marshal(map[string]any{"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": map[string]string{
		"SRP_B": b, "SALT": salt, "SECRET_BLOCK": block, "USER_ID_FOR_SRP": "ann", "USERNAME": "ann",
	}})
	return string(text)
}

func forged(claims string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".AA"
}

func TestAHostileServerGetsNoProofAndNoEndlessSignIn(t *testing.T) {
	t.Parallel()
	good := verifier("2", "1", "AA==")
	tests := map[string]answers{
		"B is zero":                          {"InitiateAuth": verifier("0", "1", "AA==")},
		"B is huge":                          {"InitiateAuth": verifier(strings.Repeat("f", 100_000), "1", "AA==")},
		"B is missing":                       {"InitiateAuth": `{"ChallengeName":"PASSWORD_VERIFIER","ChallengeParameters":{}}`},
		"the salt is no number":              {"InitiateAuth": verifier("2", "salt", "AA==")},
		"the secret block is no base64":      {"InitiateAuth": verifier("2", "1", "!")},
		"the password is asked for forever":  {"InitiateAuth": good, "RespondToAuthChallenge": good},
		"a device is asked for that is none": {"InitiateAuth": good, "RespondToAuthChallenge": `{"ChallengeName":"DEVICE_SRP_AUTH"}`},
		"neither challenge nor tokens":       {"InitiateAuth": `{}`},
		"null":                               {"InitiateAuth": `null`},
		"tokens that are none":               {"InitiateAuth": `{"AuthenticationResult":{"AccessToken":"a","IdToken":"b","RefreshToken":"c"}}`},
		"tokens without JSON":                {"InitiateAuth": `{"AuthenticationResult":{"AccessToken":"` + forged("x") + `","IdToken":"` + forged("x") + `"}}`},
		"required attributes that are none":  {"InitiateAuth": `{"ChallengeName":"NEW_PASSWORD_REQUIRED","ChallengeParameters":{"requiredAttributes":"{"}}`},
		"attributes that are none":           {"InitiateAuth": `{"ChallengeName":"NEW_PASSWORD_REQUIRED","ChallengeParameters":{"userAttributes":"[1]"}}`},
		"choices that are none":              {"InitiateAuth": `{"ChallengeName":"SELECT_MFA_TYPE","ChallengeParameters":{"MFAS_CAN_CHOOSE":"7"}}`},
		"passkey options that are none":      {"InitiateAuth": `{"ChallengeName":"WEB_AUTHN","ChallengeParameters":{"CREDENTIAL_REQUEST_OPTIONS":"<"}}`},
	}
	for name, server := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, sent := against(t, server.handle)
			r, err := p.User("ann").SignIn(t.Context(), client.SignIn{Password: password})
			if !errors.Is(err, client.ErrProtocol) || r != nil {
				t.Errorf("got %v, %v, want ErrProtocol", r, err)
			}
			if sent.Load() > 2 {
				t.Errorf("%d requests were sent", sent.Load())
			}
			if _, err := p.CurrentUser(t.Context()); !errors.Is(err, client.ErrNoSession) {
				t.Errorf("somebody is signed in: %v", err)
			}
		})
	}
}

func TestAHostileServerCannotAskForADeviceForever(t *testing.T) {
	t.Parallel()
	p, sent := against(t, answers{
		"InitiateAuth":           `{"ChallengeName":"DEVICE_SRP_AUTH","ChallengeParameters":{}}`,
		"RespondToAuthChallenge": `{"ChallengeName":"DEVICE_SRP_AUTH","ChallengeParameters":{}}`,
	}.handle)
	s := client.NewMemoryStorage()
	prefix := "CognitoIdentityServiceProvider.c.ann."
	must(t, s.Set(t.Context(), map[string]string{prefix + "deviceKey": "us-east-1_k", prefix + "deviceGroupKey": "-g", prefix + "randomPasswordKey": "p"}))
	_, err := p.WithStorage(s).User("ann").SignIn(t.Context(), client.SignIn{Password: password})
	if !errors.Is(err, client.ErrProtocol) || sent.Load() != 2 {
		t.Errorf("got %v after %d requests", err, sent.Load())
	}
}

func TestAnEndlessAnswerCostsLittle(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"a success": 200, "a refusal": 400} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var taken atomic.Int64
			p, _ := against(t, func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(status)
				chunk := []byte(`{"ChallengeName":"` + strings.Repeat("x", 64<<10))
				for r.Context().Err() == nil {
					n, err := w.Write(chunk)
					taken.Add(int64(n))
					if err != nil {
						return
					}
				}
			})
			_, err := p.User("ann").SignIn(t.Context(), client.SignIn{Password: password})
			if client.Code(err) != client.NetworkError {
				t.Errorf("got %v", err)
			}
			if taken.Load() > 32<<20 { // a megabyte is read, the rest waits in buffers of the machine
				t.Errorf("%d bytes were taken", taken.Load())
			}
		})
	}
}

func TestAServerThatNeverAnswersIsLeftWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	p, _ := against(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := p.User("ann").SignIn(ctx, client.SignIn{Password: password}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// A program asks for NetworkError to try again later; a slow server is no reason to think that its own context has ended.
func TestAServerThatIsTooSlowIsANetworkError(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(srv.Close)
	p, err := client.NewPool(client.Config{
		PoolID: "us-east-1_Abc123XyZ", ClientID: "c", Endpoint: srv.URL, HTTPClient: &http.Client{Timeout: 20 * time.Millisecond},
	})
	must(t, err)
	ann := p.User("ann")
	_, signIn := ann.SignIn(t.Context(), client.SignIn{Password: password})
	_, refresh := ann.RefreshSessionWith(t.Context(), "refresh")
	must(t, ann.SetSession(t.Context(), futureSession(t)))
	_, sessions := ann.ActiveSessions(t.Context()) // which the SDK does not have
	for name, err := range map[string]error{"SignIn": signIn, "RefreshSessionWith": refresh, "ActiveSessions": sessions} {
		if client.Code(err) != client.NetworkError || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func futureSession(t testing.TB) *client.Session {
	t.Helper()
	token := forged(`{"exp":4000000000,"username":"ann"}`)
	s, err := client.NewSession(token, token, "refresh", time.Now())
	must(t, err)
	return s
}

func TestAnswersThatAreNotOfTheServiceAreToldApart(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		body   string
	}{
		"a page":                    {200, "<html>"},
		"a page of a proxy":         {502, "<html>"},
		"a refusal without a name":  {400, "{}"},
		"a number that is too huge": {200, `{"AuthenticationResult":{"ExpiresIn":1e400}}`},
	} {
		p, _ := against(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(tt.status)
			_, _ = io.WriteString(w, tt.body)
		})
		ann := p.User("ann")
		_, signIn := ann.SignIn(t.Context(), client.SignIn{Password: password})
		must(t, ann.SetSession(t.Context(), futureSession(t)))
		_, sessions := ann.ActiveSessions(t.Context())
		if tt.body[0] == '{' && tt.status == 200 {
			sessions = signIn // the number is not in its answer
		}
		for call, err := range map[string]error{"SignIn": signIn, "ActiveSessions": sessions} {
			var e *client.Error
			if !errors.As(err, &e) || e.Code != "UnknownError" || e.StatusCode != tt.status && tt.status != 200 || !errors.Is(err, client.ErrProtocol) {
				t.Errorf("%s, %s: got %v", name, call, err)
			}
		}
	}
}

func TestASessionWithoutTimesDoesNotLastForever(t *testing.T) {
	t.Parallel()
	if s := futureSession(t); s.ClockDrift != 0 || !s.Expires().Equal(time.Unix(4000000000, 0)) {
		t.Errorf("without iat it drifts by %s and expires at %s", s.ClockDrift, s.Expires())
	}
	token := forged(`{"username":"ann"}`)
	s, err := client.NewSession(token, token, "refresh", time.Now())
	must(t, err)
	if s.Valid() {
		t.Errorf("without exp it expires at %s", s.Expires())
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var reached atomic.Bool
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Store(true) }))
	t.Cleanup(elsewhere.Close)
	p, _ := against(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	srv := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusPermanentRedirect))
	t.Cleanup(srv.Close)
	own, err := client.NewPool(client.Config{PoolID: "us-east-1_Abc123XyZ", ClientID: "c", Endpoint: srv.URL, HTTPClient: &http.Client{}})
	must(t, err)
	for name, p := range map[string]*client.Pool{"no client": p, "a client of the program": own} {
		if _, err := p.User("ann").SignIn(t.Context(), client.SignIn{Flow: client.FlowPassword, Password: password}); err == nil || reached.Load() {
			t.Errorf("%s: got %v, the password was sent elsewhere: %v", name, err, reached.Load())
		}
	}
}

func TestARefreshWithNonsenseKeepsTheSession(t *testing.T) {
	t.Parallel()
	token := forged(`{"exp":1,"iat":0,"username":"ann"}`)
	for name, answer := range map[string]string{
		"no tokens": `{}`, "tokens that are none": `{"AuthenticationResult":{"AccessToken":"x","IdToken":"y"}}`, "no JSON": `<html>`,
	} {
		p, _ := against(t, answers{"GetTokensFromRefreshToken": answer}.handle)
		s, err := client.NewSession(token, token, "refresh", time.Now())
		must(t, err)
		s.ClockDrift = 0
		ann := p.User("ann")
		must(t, ann.SetSession(t.Context(), s))
		if _, err := ann.Session(t.Context()); err == nil || errors.Is(err, client.ErrNotAuthenticated) {
			t.Errorf("%s: got %v", name, err)
		}
		if kept, err := ann.StoredSession(t.Context()); err != nil || kept.RefreshToken != "refresh" {
			t.Errorf("%s: the session is gone: %v", name, err)
		}
	}
}

func TestAServerWithoutTheNewerRefreshIsAskedTheOlderWay(t *testing.T) {
	t.Parallel()
	token := forged(`{"exp":4000000000,"iat":1,"username":"ann"}`)
	p, _ := against(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".InitiateAuth") {
			answers{"InitiateAuth": `{"AuthenticationResult":{"AccessToken":"` + token + `","IdToken":"` + token + `"}}`}.handle(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"__type":"UnknownOperationException"}`)
	})
	s, err := p.User("ann").RefreshSessionWith(t.Context(), "refresh")
	must(t, err)
	if s.RefreshToken != "refresh" || !s.Valid() {
		t.Errorf("the session has %q", s.RefreshToken)
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add("e30.e30.AA")
	f.Add(forged(`{"exp":1e300,"iat":-1}`))
	f.Add(forged(`{"exp":"soon"}`))
	f.Fuzz(func(t *testing.T, text string) {
		token, err := client.ParseToken(text)
		if err != nil {
			return
		}
		if token.JWT() != text || token.Claims() == nil {
			t.Errorf("%q became %q", text, token.JWT())
		}
		_ = token.Expires().Add(time.Hour)
	})
}

// A service that has learned a new challenge can be answered before this package has.
func TestAChallengeThatThePackageDoesNotKnowIsAnswered(t *testing.T) {
	t.Parallel()
	p, _ := against(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		switch {
		case strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".InitiateAuth"):
			_, _ = io.WriteString(w, `{"ChallengeName":"PALM_READING","Session":"first","ChallengeParameters":{"hand":"left"}}`)
		case strings.Contains(string(body), `"PALM":"lines"`) && strings.Contains(string(body), `"USERNAME":"ann"`) && strings.Contains(string(body), `"Session":"first"`):
			_, _ = io.WriteString(w, `{"AuthenticationResult":{"AccessToken":"`+forged(`{"username":"ann","exp":9999999999}`)+`","IdToken":"`+forged(`{"exp":9999999999}`)+`","ExpiresIn":3600}}`)
		default:
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"__type":"InvalidParameterException","message":"`+strings.ReplaceAll(string(body), `"`, "'")+`"}`)
		}
	})
	result, err := p.User("ann").SignIn(t.Context(), client.SignIn{Flow: client.FlowCustom})
	must(t, err)
	challenge, ok := result.Challenge.(*client.OtherChallenge)
	if !ok || challenge.Name() != "PALM_READING" || challenge.Parameters["hand"] != "left" {
		t.Fatalf("the challenge is %#v", result.Challenge)
	}
	result, err = challenge.Answer(t.Context(), map[string]string{"PALM": "lines"})
	must(t, err)
	if result.Session == nil {
		t.Fatalf("the answer leads to %+v", result)
	}
}
