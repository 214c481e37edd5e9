package message

import (
	"context"
	"slices"
	"strings"
	"sync"
)

// inboxSize is how many messages an inbox keeps.
const inboxSize = 1000

// Inbox keeps the latest messages in memory, for people and tests to read: the last thousand, then the oldest goes.
// It is safe for concurrent use.
type Inbox struct {
	mu   sync.Mutex
	ring []Message // grows to inboxSize, then is written in a circle
	next int       // where the next message goes once the ring is full
}

// NewInbox returns an empty inbox.
func NewInbox() *Inbox { return &Inbox{} }

// Send keeps the message. It never fails.
func (b *Inbox) Send(_ context.Context, m Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.ring) < inboxSize {
		b.ring = append(b.ring, m)
		return nil
	}
	b.ring[b.next] = m
	b.next = (b.next + 1) % inboxSize
	return nil
}

// Messages returns what was sent to the address or phone number, newest first; to "" means to anybody.
// Upper and lower case are the same in it.
func (b *Inbox) Messages(to string) []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	found := make([]Message, 0, len(b.ring))
	for _, part := range [][]Message{b.ring[b.next:], b.ring[:b.next]} { // oldest first
		for _, m := range part {
			if to == "" || strings.EqualFold(m.To, to) {
				found = append(found, m)
			}
		}
	}
	slices.Reverse(found)
	return found
}

// Message returns the message with the id.
func (b *Inbox) Message(id string) (Message, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.ring, func(m Message) bool { return m.ID == id })
	if i < 0 {
		return Message{}, false
	}
	return b.ring[i], true
}

// Clear forgets all messages.
func (b *Inbox) Clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ring, b.next = nil, 0
}
