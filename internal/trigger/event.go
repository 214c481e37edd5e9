package trigger

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/pool"
)

// Call says about which user, for which client and on which occasion a function is asked.
type Call struct {
	Pool      *pool.Pool
	ClientID  string // empty for calls of administrators that name no client
	UserName  string // the user's real name; in UserMigration what the caller typed
	UserAgent string // of the caller: X-Amz-User-Agent, which browsers' clients send, and User-Agent
	Source    Source
}

// CallFrom returns the Call about a user for the request that the context belongs to. The client id is empty for operations of
// administrators that name none.
func CallFrom(ctx context.Context, p *pool.Pool, clientID, userName string, s Source) Call {
	by := caller.From(ctx)
	return Call{Pool: p, ClientID: clientID, UserName: userName, UserAgent: by.SDK + " " + by.UserAgent, Source: s}
}

// noClient stands for the client id in events of administrators' calls (observed with AdminCreateUser).
const noClient = "CLIENT_ID_NOT_APPLICABLE"

// event is what a function gets. Encoding/json writes it because absent, null and empty members mean different things to handlers:
// a nil map is null, and the tags say what is left out.
type event struct {
	Version       string `json:"version"`
	Region        string `json:"region"`
	UserPoolID    string `json:"userPoolId"`
	UserName      string `json:"userName"`
	CallerContext struct {
		SDKVersion string  `json:"awsSdkVersion"`
		ClientID   *string `json:"clientId"`
	} `json:"callerContext"`
	TriggerSource Source          `json:"triggerSource"`
	Request       any             `json:"request"`
	Response      json.RawMessage `json:"response,omitempty"` // neutral; absent for the senders, which answer nothing
}

// write returns the JSON of the event for the call.
func (c Call) write(version string, request any, neutral string) ([]byte, error) {
	e := event{
		Version: version, Region: c.Pool.Region(), UserPoolID: c.Pool.ID, UserName: c.UserName,
		TriggerSource: c.Source, Request: request, Response: json.RawMessage(neutral),
	}
	e.CallerContext.SDKVersion = sdkVersion(c.UserAgent)
	switch {
	case c.ClientID != "":
		e.CallerContext.ClientID = &c.ClientID
	case c.Source != CustomEmailSender.On(OnAccountTakeOver): // whose context may be null
		id := noClient
		e.CallerContext.ClientID = &id
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		return nil, fmt.Errorf("encode %s event: %w", c.Source, err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// unknownSDK is what the service says of a caller that it does not recognise.
const unknownSDK = "aws-sdk-unknown-unknown"

// sdkVersion finds the SDK in a User-Agent: aws-sdk-js/3.473.0 becomes aws-sdk-js-3.473.0.
func sdkVersion(userAgent string) string {
	for product := range strings.FieldsSeq(userAgent) {
		name, version, ok := strings.Cut(product, "/")
		if ok && strings.HasPrefix(name, "aws-sdk-") && len(product) <= 64 && isPlain(name) && version != "" && isPlain(version) {
			return name + "-" + version
		}
	}
	return unknownSDK
}

// isPlain keeps what callers write into headers from being anything but a name or a version in an event.
func isPlain(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-._+", r)
	})
}

// filled returns an empty map for a nil one, where handlers expect an object and not null.
func filled(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
