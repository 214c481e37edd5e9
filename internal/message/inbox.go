package message

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/cenote-id/cenote/internal/wire"
)

// inboxSize is how many messages an inbox keeps.
const inboxSize = 1000

// Inbox keeps the latest messages for people and tests to read: the last thousand, then the oldest goes. It lives in memory, and in a
// file where it was given one. It is safe for concurrent use.
type Inbox struct {
	// Seen, unless nil, is told of each message that comes. Set it before the first.
	Seen func(Message)

	mu      sync.Mutex
	kept    []Message // oldest first
	path    string    // of the file; empty for none
	written int       // lines in the file
}

// NewInbox returns an empty inbox in memory.
func NewInbox() *Inbox { return &Inbox{} }

// Keep keeps the messages in a file too, from now on, and takes in those that are there. The file holds codes as they were sent, so only
// this user can read it.
func (b *Inbox) Keep(path string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("open the inbox: %w", err)
	}
	var before []Message
	for line := range bytes.Lines(text) {
		var m Message
		if wire.Unmarshal(line, &m) == nil { // the last line may have been cut off by a crash
			before = append(before, m)
		}
	}
	b.path, b.kept = path, append(before, b.kept...)
	b.drop()
	return b.rewrite()
}

// Send keeps the message. It fails only when the file cannot be written.
func (b *Inbox) Send(_ context.Context, m Message) error {
	err := b.keep(m)
	if b.Seen != nil {
		b.Seen(m)
	}
	return err
}

func (b *Inbox) keep(m Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kept = append(b.kept, m)
	b.drop()
	if b.path == "" {
		return nil
	}
	if b.written >= 2*inboxSize {
		return b.rewrite()
	}
	return b.write(os.O_APPEND, m)
}

// drop forgets the oldest messages.
func (b *Inbox) drop() {
	if n := len(b.kept) - inboxSize; n > 0 {
		b.kept = slices.Delete(b.kept, 0, n)
	}
}

// rewrite makes the file hold what is kept, and nothing else. The caller holds mu.
func (b *Inbox) rewrite() error {
	b.written = 0
	return b.write(os.O_TRUNC, b.kept...)
}

// write adds messages to the file. The caller holds mu.
func (b *Inbox) write(mode int, messages ...Message) error {
	if b.path == "" {
		return nil
	}
	var lines bytes.Buffer
	for _, m := range messages {
		if err := json.NewEncoder(&lines).Encode(m); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(b.path, os.O_WRONLY|os.O_CREATE|mode, 0o600)
	if err != nil {
		return fmt.Errorf("write the inbox: %w", err)
	}
	_, err = f.Write(lines.Bytes())
	b.written += len(messages)
	return errors.Join(err, f.Close())
}

// Messages returns what was sent to the address or phone number, newest first; to "" means to anybody.
// Upper and lower case are the same in it.
func (b *Inbox) Messages(to string) []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	found := make([]Message, 0, len(b.kept))
	for _, m := range slices.Backward(b.kept) {
		if to == "" || strings.EqualFold(m.To, to) {
			found = append(found, m)
		}
	}
	return found
}

// Message returns the message with the id.
func (b *Inbox) Message(id string) (Message, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.kept, func(m Message) bool { return m.ID == id })
	if i < 0 {
		return Message{}, false
	}
	return b.kept[i], true
}

// Clear forgets all messages.
func (b *Inbox) Clear() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kept = nil
	return b.rewrite()
}
