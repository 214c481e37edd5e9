package flows

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// hook is the operator's function behind every trigger: it keeps the events and answers what the test says.
type hook struct {
	url string

	mu      sync.Mutex
	events  []hookEvent
	answers map[string]func(e hookEvent) any // by trigger; what it returns becomes the response. A *hookError is thrown
}

// hookEvent is an event as a function gets it.
type hookEvent struct {
	Version       string
	UserPoolID    string `json:"userPoolId"`
	UserName      string `json:"userName"`
	CallerContext struct {
		ClientID string `json:"clientId"`
		SDK      string `json:"awsSdkVersion"`
	} `json:"callerContext"`
	Source   string          `json:"triggerSource"`
	Request  map[string]any  `json:"request"`
	Response json.RawMessage `json:"response"`
}

// hookError makes a function throw, or answer something that is no event.
type hookError struct {
	message string
	raw     string // the whole body of the answer, instead
	wait    bool   // never answers
}

const hookARN = "arn:aws:lambda:us-east-1:000000000000:function:hook"

func newHook(t testing.TB) *hook {
	t.Helper()
	h := &hook{answers: map[string]func(hookEvent) any{}}
	srv := httptest.NewServer(http.HandlerFunc(h.serve))
	t.Cleanup(srv.Close)
	h.url = srv.URL
	return h
}

func (h *hook) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var e hookEvent
	var whole map[string]json.RawMessage
	if json.Unmarshal(body, &e) != nil || json.Unmarshal(body, &whole) != nil {
		http.Error(w, "no event", http.StatusBadRequest)
		return
	}
	trigger, _, _ := strings.Cut(e.Source, "_")
	if trigger == "TokenGeneration" {
		trigger = "PreTokenGeneration"
	}
	h.mu.Lock()
	h.events = append(h.events, e)
	answer := h.answers[trigger]
	h.mu.Unlock()
	if answer == nil {
		_, _ = w.Write(body)
		return
	}
	response := answer(e)
	if failed, ok := response.(*hookError); ok {
		switch {
		case failed.wait:
			<-r.Context().Done()
		case failed.raw != "":
			_, _ = io.WriteString(w, failed.raw)
		default:
			w.WriteHeader(http.StatusInternalServerError)
			_ = json.NewEncoder(w).Encode(map[string]string{"errorMessage": failed.message, "errorType": "Error"})
		}
		return
	}
	whole["response"], _ = json.Marshal(response)
	_ = json.NewEncoder(w).Encode(whole)
}

// on answers a trigger from now on; nil returns the event as it came.
func (h *hook) on(trigger string, answer func(hookEvent) any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answers[trigger] = answer
}

// always answers a trigger with one response.
func (h *hook) always(trigger string, response any) {
	h.on(trigger, func(hookEvent) any { return response })
}

// take returns the events since the last call.
func (h *hook) take() []hookEvent {
	h.mu.Lock()
	defer h.mu.Unlock()
	taken := h.events
	h.events = nil
	return taken
}

// sources returns the sources of the events since the last call.
func (h *hook) sources() []string {
	names := []string{}
	for _, e := range h.take() {
		names = append(names, e.Source)
	}
	return names
}

// await returns the first event with the source, which may still be on its way.
func (h *hook) await(t testing.TB, source string) hookEvent {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		h.mu.Lock()
		i := slices.IndexFunc(h.events, func(e hookEvent) bool { return e.Source == source })
		var e hookEvent
		if i >= 0 {
			e = h.events[i]
		}
		h.mu.Unlock()
		if i >= 0 {
			return e
		}
	}
	t.Fatalf("no event %s", source)
	return hookEvent{}
}

// attributes returns the userAttributes of the request.
func (e hookEvent) attributes() map[string]any {
	a, _ := e.Request["userAttributes"].(map[string]any)
	return a
}

// hooked is an application whose pool has triggers.
type hooked struct {
	*idp.Client
	*hook
	srv    *cenotetest.Server
	pool   string
	client string
}

// allTriggers sets every trigger that answers. Senders replace messages and are set by those who want them.
func allTriggers() *types.LambdaConfigType {
	arn := aws.String(hookARN)
	return &types.LambdaConfigType{
		PreSignUp: arn, PostConfirmation: arn, PreAuthentication: arn, PostAuthentication: arn, CustomMessage: arn, UserMigration: arn,
		DefineAuthChallenge: arn, CreateAuthChallenge: arn, VerifyAuthChallengeResponse: arn, PreTokenGeneration: arn,
	}
}

// newHooked starts a server with a pool whose functions are the hook. change, unless nil, changes what is asked for.
func newHooked(t testing.TB, change func(*idp.CreateUserPoolInput, *idp.CreateUserPoolClientInput)) *hooked {
	t.Helper()
	h := newHook(t)
	srv := cenotetest.Start(t, cenotetest.Options{Triggers: map[string]string{"hook": h.url}})
	a := &hooked{Client: srv.SDK(), hook: h, srv: srv}
	p := &idp.CreateUserPoolInput{
		PoolName: aws.String("hooked"), AutoVerifiedAttributes: []types.VerifiedAttributeType{"email"}, LambdaConfig: allTriggers(),
	}
	c := &idp.CreateUserPoolClientInput{ClientName: aws.String("app"), ExplicitAuthFlows: []types.ExplicitAuthFlowsType{
		"ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_AUTH",
		"ALLOW_CUSTOM_AUTH",
	}}
	if change != nil {
		change(p, c)
	}
	pool, err := a.CreateUserPool(t.Context(), p)
	hookMust(t, err)
	a.pool = *pool.UserPool.Id
	c.UserPoolId = &a.pool
	client, err := a.CreateUserPoolClient(t.Context(), c)
	hookMust(t, err)
	a.client = *client.UserPoolClient.ClientId
	return a
}

const hookPassword = "Corr3ct-horse!"

// addUser makes a confirmed user with a password and a verified address, and forgets the events of that.
func (a *hooked) addUser(t testing.TB, name string) {
	t.Helper()
	_, err := a.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
		UserPoolId: &a.pool, Username: &name, MessageAction: "SUPPRESS",
		UserAttributes: hookAttributes("email", name+"@example.com", "email_verified", "true"),
	})
	hookMust(t, err)
	_, err = a.AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{
		UserPoolId: &a.pool, Username: &name, Password: aws.String(hookPassword), Permanent: true,
	})
	hookMust(t, err)
	a.take()
}

func (a *hooked) signUp(t testing.TB, name string) (*idp.SignUpOutput, error) {
	t.Helper()
	return a.SignUp(t.Context(), &idp.SignUpInput{
		ClientId: &a.client, Username: &name, Password: aws.String(hookPassword),
		UserAttributes: hookAttributes("email", name+"@example.com"), ClientMetadata: map[string]string{"from": "sign-up"},
		ValidationData: hookAttributes("captcha", "solved"),
	})
}

// start begins a sign-in; the parameters come in pairs.
func (a *hooked) start(t testing.TB, flow types.AuthFlowType, params ...string) (*idp.InitiateAuthOutput, error) {
	t.Helper()
	return a.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
		ClientId: &a.client, AuthFlow: flow, AuthParameters: hookPairs(params...), ClientMetadata: map[string]string{"from": "start"},
	})
}

func (a *hooked) password(t testing.TB, name, password string) (*idp.InitiateAuthOutput, error) {
	t.Helper()
	return a.start(t, types.AuthFlowTypeUserPasswordAuth, "USERNAME", name, "PASSWORD", password)
}

// answer answers a challenge; the responses come in pairs.
func (a *hooked) answer(
	t testing.TB, challenge types.ChallengeNameType, session *string, responses ...string,
) (*idp.RespondToAuthChallengeOutput, error) {
	t.Helper()
	return a.RespondToAuthChallenge(t.Context(), &idp.RespondToAuthChallengeInput{
		ClientId: &a.client, ChallengeName: challenge, Session: session, ChallengeResponses: hookPairs(responses...),
		ClientMetadata: map[string]string{"from": "answer"},
	})
}

func hookPairs(pairs ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

func hookAttributes(pairs ...string) []types.AttributeType {
	var out []types.AttributeType
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, types.AttributeType{Name: &pairs[i], Value: &pairs[i+1]})
	}
	return out
}

func hookMust(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// hookRefused checks the code and the text of a refusal.
func hookRefused(t testing.TB, err error, code, text string) {
	t.Helper()
	var refused smithy.APIError
	if !errors.As(err, &refused) {
		t.Fatalf("got %v, want %s", err, code)
	}
	if refused.ErrorCode() != code || refused.ErrorMessage() != text {
		t.Errorf("got %s %q, want %s %q", refused.ErrorCode(), refused.ErrorMessage(), code, text)
	}
}

// hookClaims reads the claims of a token.
func hookClaims(t testing.TB, token *string) map[string]any {
	t.Helper()
	if token == nil {
		t.Fatal("no token")
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(*token, ".")[1])
	hookMust(t, err)
	var claims map[string]any
	hookMust(t, json.Unmarshal(payload, &claims))
	return claims
}
