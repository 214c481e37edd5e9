package notify

import (
	"context"
	"errors"

	"github.com/cenote-id/cenote/internal/message"
)

// Why the words of an invitation do not suit the user.
var (
	errPasswordUntold   = errors.New("the invitation template lacks {####}, the placeholder of the temporary password")
	errNoPasswordToTell = errors.New("the invitation template tells a temporary password, and the user has none")
)

// passwordless reports whether the note invites a user who has no password.
func (note Note) passwordless() bool {
	return note.Reason == message.AdminCreateUser && note.Code == ""
}

// unsuited says why an administrator's invitation must not be sent in these words. One that does not tell the password is not delivered,
// as the service documents it. Users who were migrated know their password: any words suit them.
func (note Note) unsuited(t message.Template) error {
	switch {
	case note.Reason != message.AdminCreateUser || note.Client != nil:
		return nil
	case note.Code != "" && !t.TellsCode():
		return errPasswordUntold
	case note.Code == "" && t.TellsCode():
		return errNoPasswordToTell
	}
	return nil
}

// withhold tells the log of the server, and that of the pool, that the note was not sent and why.
func (n *Notifier) withhold(ctx context.Context, note Note, why error) {
	n.later(ctx, note.about(), func(context.Context) error {
		n.failed(note.Pool, note.about(), why)
		return why
	})
}
