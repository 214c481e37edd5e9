package signin

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// Attempt is the state of a sign-in between two requests.
type Attempt struct {
	ID        string        `json:"i"`           // consumed when the pending challenge is passed; the next one has a new id
	Challenge Challenge     `json:"c"`           // what the client has to answer
	UserID    string        `json:"u"`           // or a phantom's
	Username  string        `json:"n"`           // what the client must send as USERNAME
	Typed     string        `json:"t,omitempty"` // the name of a phantom, where the username does not tell it
	Phantom   int           `json:"h"`           // 1 for a phantom; always written, as all that differs between users and phantoms
	Ground    string        `json:"g"`           // what the sign-in rests on; see ground
	First     FirstFactor   `json:"f,omitempty"` // empty until the first factor is passed
	Passed    []Challenge   `json:"p,omitempty"` // after the first factor
	Choices   []string      `json:"o,omitempty"` // what the user may choose from
	DeviceKey string        `json:"d,omitempty"` // device presented with the sign-in
	Secret    string        `json:"k,omitempty"` // software token handed out in this session
	SetUp     bool          `json:"y,omitempty"` // its first code was right
	Enrols    string        `json:"e,omitempty"` // address or phone number that is being set up as a second factor
	SRP       *srpState     `json:"s,omitempty"`
	Custom    *customState  `json:"m,omitempty"`
	Passkey   *passkeyState `json:"w,omitempty"`
	Trail     *audit.Trail  `json:"a,omitempty"` // of threat protection; nil where there is none
	Provider  string        `json:"v,omitempty"` // that has proved the first factor; empty: the pool itself
	AskMFA    bool          `json:"q,omitempty"` // a second factor follows the provider's
	New       bool          `json:"b,omitempty"` // the user was made by this sign-in
	Posed     int64         `json:"z"`           // when the pending challenge was, in milliseconds
	Expires   time.Time     `json:"x"`
}

// The answers for sessions, word for word as the service gives them (observed).
var (
	errInvalidSession = fault.New(fault.NotAuthorized, "Invalid session for the user.")
	errUsedSession    = fault.New(fault.NotAuthorized, "Invalid session for the user, session can only be used once.")
	errExpiredSession = fault.New(fault.NotAuthorized, "Invalid session for the user, session is expired.")
)

// IsOver reports whether an error says that a session is no longer good, so that the sign-in has to begin anew.
func IsOver(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && f.Code == fault.NotAuthorized && strings.HasPrefix(f.Message, strings.TrimSuffix(errInvalidSession.Message, "."))
}

// begin returns the attempt of a person who has not passed anything yet.
func begin(p *pool.Pool, w *person) *Attempt {
	a := &Attempt{UserID: w.user.ID, Username: w.shown(), Ground: ground(w.user)}
	if w.user.Phantom {
		a.Phantom = 1
		if a.Username != p.Fold(w.typed) {
			a.Typed = w.typed
		}
	}
	if w.device != nil {
		a.DeviceKey = w.device.Key
	}
	return a
}

// phantom returns the person of a phantom's attempt; nil for a user's.
func (a *Attempt) phantom(p *pool.Pool) *person {
	if a.Phantom == 0 {
		return nil
	}
	return nobody(p, cmp.Or(a.Typed, a.Username))
}

// ground is a digest of what a sign-in under way rests on: the password, the sign-outs everywhere, and the status. When one of them
// changes, what was proved before proves nothing any longer: whoever knew the old password must not go on to set up a second factor.
func ground(u *user.User) string {
	var salt []byte
	if u.Password != nil {
		salt = u.Password.Verifier.Salt
	}
	digest := sha256.Sum256(fmt.Appendf(nil, "%x|%d|%s", salt, u.SignOuts, u.Status))
	return base64.RawStdEncoding.EncodeToString(digest[:12])
}

// checkGround refuses an attempt whose ground has gone.
func (a *Attempt) checkGround(u *user.User) error {
	if a.Ground != ground(u) {
		return errInvalidSession
	}
	return nil
}

// reread reads the user of an attempt again, in the transaction that changes the user by what the attempt has proved.
func (a *Attempt) reread(tx *store.Tx, p *pool.Pool) (*user.User, error) {
	u, err := tx.UserByID(p, a.UserID)
	if err != nil {
		return nil, err
	}
	return u, a.checkGround(u)
}

// pending returns the attempt as it waits for an answer to the challenge: with a new id and its own time to live.
func (m *Machine) pending(c *pool.Client, a *Attempt, challenge Challenge) *Attempt {
	next := *a
	now := m.Now()
	next.ID, next.Challenge, next.Posed, next.Expires = uuid.NewString(), challenge, now.UnixMilli(), now.Add(c.AttemptLife())
	next.SRP, next.Passkey, next.Choices = nil, nil, nil
	next.Secret, next.SetUp, next.Enrols = "", false, ""
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
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // a username of 128 "<" must not take 768 bytes
	if err := encoder.Encode(a); err != nil {
		return "", fmt.Errorf("encode attempt: %w", err)
	}
	if len(c.ID) > math.MaxUint8 {
		return "", fmt.Errorf("seal attempt: client id of %d bytes", len(c.ID))
	}
	plain := padded(text.Bytes(), a.SRP != nil)
	head := append([]byte{byte(len(c.ID))}, c.ID...)
	return sessionEncoding.EncodeToString(append(head, p.Key.Seal(plain, "attempt", p.ID, c.ID)...)), nil
}

// padded fills the text of an attempt with spaces. A challenge is posed to a phantom as well as to a user, and the length of the session
// must not tell which it was, whatever names they have. The longest makes a session of 1,984 characters: operations take 2,048.
func padded(text []byte, withSRP bool) []byte {
	length := 1024
	if withSRP {
		length = 1344
	}
	if len(text) > length {
		length = 1408
	}
	return append(text, bytes.Repeat([]byte(" "), max(0, length-len(text)))...)
}

// parseSession takes a session apart.
func parseSession(session string) (clientID string, sealed []byte, err error) {
	raw, err := sessionEncoding.DecodeString(session)
	if err != nil {
		return "", nil, errInvalidSession.Because(err)
	}
	if len(raw) == 0 || sessionEncoding.EncodeToString(raw) != session { // one session has one spelling
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
	if err := wire.Unmarshal(plain, &a); err != nil {
		return nil, errInvalidSession.Because(err)
	}
	if !m.Now().Before(a.Expires) || time.UnixMilli(a.Posed).Before(m.Store.Lost()) {
		return nil, errExpiredSession
	}
	return &a, nil
}

// sessionEncoding serves sessions and secret blocks: clients decode the latter as standard base64 with padding.
var sessionEncoding = base64.StdEncoding
