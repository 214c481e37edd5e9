package signin

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
)

// Attempt is the state of a sign-in between two requests. Clients see how long it is, so for a challenge that is also posed to nobody
// every part has the same length whoever it is about: times are whole numbers, and nobody has an id as well.
type Attempt struct {
	ID        string    `json:"i"` // consumed when the attempt succeeds
	Challenge Challenge `json:"c"` // what the client has to answer
	Someone   uint8     `json:"e"` // 1, or 0 when the name belongs to nobody
	UserID    string    `json:"u"` // for nobody, the id that person makes up
	Expires   int64     `json:"x"` // microseconds since 1970
	SRP       *srpState `json:"s,omitempty"`
}

// The answers for sessions, word for word as the service gives them (observed).
var (
	errInvalidSession = fault.New(fault.NotAuthorized, "Invalid session for the user.")
	errUsedSession    = fault.New(fault.NotAuthorized, "Invalid session for the user, session can only be used once.")
	errExpiredSession = fault.New(fault.NotAuthorized, "Invalid session for the user, session is expired.")
)

// newAttempt returns an attempt that lives as long as the client's sessions do.
func (m *Machine) newAttempt(c *pool.Client, challenge Challenge, w *person) *Attempt {
	a := &Attempt{ID: uuid.NewString(), Challenge: challenge, UserID: w.id, Expires: m.Now().Add(c.AttemptLife()).UnixMicro()}
	if w.user != nil {
		a.Someone = 1
	}
	return a
}

// seal returns the attempt as a session. Only the same pool and client can open it.
func (m *Machine) seal(p *pool.Pool, c *pool.Client, a *Attempt) (string, error) {
	plain, err := json.Marshal(a)
	if err != nil {
		return "", fmt.Errorf("encode attempt: %w", err)
	}
	return sessionEncoding.EncodeToString(p.Key.Seal(plain, "attempt", p.ID, c.ID)), nil
}

// open returns the attempt that a session holds. Whether it has succeeded before is found out when it is consumed.
func (m *Machine) open(p *pool.Pool, c *pool.Client, session string) (*Attempt, error) {
	sealed, err := sessionEncoding.DecodeString(session)
	if err != nil {
		return nil, errInvalidSession.Because(err)
	}
	plain, err := p.Key.Open(sealed, "attempt", p.ID, c.ID)
	if err != nil {
		return nil, errInvalidSession.Because(err)
	}
	var a Attempt
	if err := json.Unmarshal(plain, &a); err != nil {
		return nil, errInvalidSession.Because(err)
	}
	if m.Now().UnixMicro() >= a.Expires {
		return nil, errExpiredSession
	}
	return &a, nil
}

// sessionEncoding serves sessions and secret blocks: clients decode the latter as standard base64 with padding.
var sessionEncoding = base64.StdEncoding
