package cenotetest

import (
	"testing"
	"time"
)

// Message is an e-mail or a text message that the server would have sent.
type Message struct {
	ID       string
	Time     time.Time // of the machine, not of the clock that Advance moves
	Medium   string    // EMAIL or SMS
	To       string    // an e-mail address, or a phone number in E.164 form
	Subject  string    // empty for SMS
	Body     string    // HTML for EMAIL, plain text for SMS
	Code     string    // the code or temporary password that the body tells
	Link     string    // the address that confirms by itself, in pools that verify by link
	PoolID   string
	Username string
	Reason   string // SignUp, ResendCode, ForgotPassword, VerifyUserAttribute, UpdateUserAttribute, AdminCreateUser, Authentication
}

// Messages returns what was sent to an e-mail address or phone number, newest first; to "" means to anybody.
func (s *Server) Messages(to string) []Message {
	var all []Message
	for _, m := range s.running.Dev.Inbox.Messages(to) {
		all = append(all, Message{
			ID: m.ID, Time: m.Time, Medium: string(m.Medium), To: m.To, Subject: m.Subject, Body: m.Body, Code: m.Code, Link: m.Link,
			PoolID: m.PoolID, Username: m.Username, Reason: string(m.Reason),
		})
	}
	return all
}

// patience is how long Code waits: messages to users who may not exist are sent behind the answer.
const patience = 5 * time.Second

// Code returns the code or temporary password in the newest message to an e-mail address or phone number. It waits a moment for one that
// is on its way, and fails the test when none comes.
func (s *Server) Code(t testing.TB, to string) string {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		if found := s.Messages(to); len(found) > 0 {
			return found[0].Code
		}
		if time.Now().After(end) {
			t.Fatalf("cenotetest: no message was sent to %s", to)
		}
	}
}
