package signin

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
)

// Attempt is the state of a sign-in between two requests.
type Attempt struct {
	ID        string        `json:"i"`           // consumed when the pending challenge is passed; the next one has a new id
	Challenge Challenge     `json:"c"`           // what the client has to answer
	UserID    string        `json:"u"`           // empty for a user who does not exist
	Username  string        `json:"n"`           // what the client must send as USERNAME
	Typed     string        `json:"t,omitempty"` // the name that nobody has, as it was typed
	First     FirstFactor   `json:"f,omitempty"` // empty until the first factor is passed
	Passed    []Challenge   `json:"p,omitempty"` // after the first factor
	Choices   []string      `json:"o,omitempty"` // what the user may choose from
	DeviceKey string        `json:"d,omitempty"` // device presented with the sign-in
	Secret    string        `json:"k,omitempty"` // software token handed out in this session
	SetUp     bool          `json:"y,omitempty"` // its first code was right
	Email     string        `json:"e,omitempty"` // address that is being set up as a second factor
	SRP       *srpState     `json:"s,omitempty"`
	Custom    *customState  `json:"m,omitempty"`
	Passkey   *passkeyState `json:"w,omitempty"`
	Trail     *audit.Trail  `json:"a,omitempty"` // of threat protection; nil where there is none
	Expires   time.Time     `json:"x"`
}

// The answers for sessions, word for word as the service gives them (observed).
var (
	errInvalidSession = fault.New(fault.NotAuthorized, "Invalid session for the user.")
	errUsedSession    = fault.New(fault.NotAuthorized, "Invalid session for the user, session can only be used once.")
	errExpiredSession = fault.New(fault.NotAuthorized, "Invalid session for the user, session is expired.")
)

// begin returns the attempt of a person who has not passed anything yet.
func begin(w *person, name string) *Attempt {
	a := &Attempt{UserID: w.userID(), Username: w.shownName}
	if w.user == nil {
		a.Typed = name
	}
	if w.device != nil {
		a.DeviceKey = w.device.Key
	}
	return a
}

// pending returns the attempt as it waits for an answer to the challenge: with a new id and its own time to live.
func (m *Machine) pending(c *pool.Client, a *Attempt, challenge Challenge) *Attempt {
	next := *a
	next.ID, next.Challenge, next.Expires = uuid.NewString(), challenge, m.Now().Add(c.AttemptLife())
	next.SRP, next.Passkey, next.Choices = nil, nil, nil
	next.Secret, next.SetUp, next.Email = "", false, ""
	return &next
}

// passed adds a challenge that was passed after the first factor.
func (a *Attempt) passed(c Challenge) { a.Passed = append(slices.Clone(a.Passed), c) }

// A session is
//
//	length of the client id (1 byte) | client id | sealed attempt
//
// in base64. The client id is readable, because some operations get a session and nothing that names the client or the pool; it is bound
// to what is sealed, so that the session opens for this client alone.

// seal returns the attempt as a session. Only the same pool and client can open it.
func (m *Machine) seal(p *pool.Pool, c *pool.Client, a *Attempt) (string, error) {
	plain, err := json.Marshal(a)
	if err != nil {
		return "", fmt.Errorf("encode attempt: %w", err)
	}
	if len(c.ID) > math.MaxUint8 {
		return "", fmt.Errorf("seal attempt: client id of %d bytes", len(c.ID))
	}
	plain = padded(plain)
	head := append([]byte{byte(len(c.ID))}, c.ID...)
	return sessionEncoding.EncodeToString(append(head, p.Key.Seal(plain, "attempt", p.ID, c.ID)...)), nil
}

// padded fills the text with spaces up to the next of a few lengths. A challenge is posed to nobody as well as to a user, and the length
// of the session must not tell which it was. The longest makes a session of 1,984 characters: operations take 2,048.
func padded(text []byte) []byte {
	for _, length := range []int{512, 1024, 1408} {
		if len(text) <= length {
			return append(text, bytes.Repeat([]byte(" "), length-len(text))...)
		}
	}
	return text
}

// parseSession takes a session apart.
func parseSession(session string) (clientID string, sealed []byte, err error) {
	raw, err := sessionEncoding.DecodeString(session)
	if err != nil {
		return "", nil, errInvalidSession.Because(err)
	}
	if len(raw) == 0 {
		return "", nil, errInvalidSession
	}
	end := 1 + int(raw[0])
	if len(raw) < end {
		return "", nil, errInvalidSession
	}
	clientID = string(raw[1:end])
	if strings.ContainsFunc(clientID, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", nil, errInvalidSession
	}
	return clientID, raw[end:], nil
}

// openAlone returns the attempt of a session that came without a client id, and the client and pool that it belongs to.
func (m *Machine) openAlone(ctx context.Context, session string) (Request, *Attempt, error) {
	clientID, _, err := parseSession(session)
	if err != nil {
		return Request{}, nil, err
	}
	p, c, err := m.Store.Client(ctx, clientID)
	if fault.Is(err, fault.ResourceNotFound) {
		return Request{}, nil, errInvalidSession.Because(err)
	}
	if err != nil {
		return Request{}, nil, err
	}
	a, err := m.open(p, c, session)
	return Request{Pool: p, Client: c}, a, err
}

// open returns the attempt that a session holds. Whether it has succeeded before is found out when it is consumed.
func (m *Machine) open(p *pool.Pool, c *pool.Client, session string) (*Attempt, error) {
	clientID, sealed, err := parseSession(session)
	if err != nil {
		return nil, err
	}
	if clientID != c.ID {
		return nil, errInvalidSession
	}
	plain, err := p.Key.Open(sealed, "attempt", p.ID, c.ID)
	if err != nil {
		return nil, errInvalidSession.Because(err)
	}
	var a Attempt
	if err := json.Unmarshal(plain, &a); err != nil {
		return nil, errInvalidSession.Because(err)
	}
	if !m.Now().Before(a.Expires) {
		return nil, errExpiredSession
	}
	return &a, nil
}

// sessionEncoding serves sessions and secret blocks: clients decode the latter as standard base64 with padding.
var sessionEncoding = base64.StdEncoding
