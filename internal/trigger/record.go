package trigger

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/seal"
)

// Record is one event and what became of it, for developers to look at. Events hold passwords as they were typed, so records
// are for development only, are kept in memory only, and print as [hidden].
type Record struct {
	seal.Hidden `json:"-"`
	ID          string          `json:"id"`
	Time        time.Time       `json:"time"`
	Trigger     Trigger         `json:"trigger"`
	Source      Source          `json:"source"`
	Function    string          `json:"function"` // its ARN
	Request     json.RawMessage `json:"request"`  // the event
	Answer      json.RawMessage `json:"answer,omitempty"`
	Error       string          `json:"error,omitempty"` // what the caller was told, with its cause
	Attempts    int             `json:"attempts"`
	Duration    time.Duration   `json:"duration"` // nanoseconds
	ReplayOf    string          `json:"replayOf,omitempty"`
}

// Recorder takes records. It gives each an ID and returns it with that.
type Recorder interface {
	Record(rec Record) Record
}

// The bounds of Records.
const (
	maxRecords     = 500
	maxRecordBytes = 32 << 20 // of events and answers together
)

// Records is a Recorder that keeps the latest records in memory. It is safe for concurrent use.
type Records struct {
	mu    sync.Mutex
	kept  []Record // oldest first
	bytes int
}

// NewRecords returns an empty Records.
func NewRecords() *Records { return &Records{} }

// Record implements Recorder. Old records make room.
func (s *Records) Record(rec Record) Record {
	rec.ID = rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, rec)
	s.bytes += rec.size()
	drop := 0
	for len(s.kept)-drop > maxRecords || (s.bytes > maxRecordBytes && len(s.kept)-drop > 1) {
		s.bytes -= s.kept[drop].size()
		drop++
	}
	s.kept = slices.Delete(s.kept, 0, drop)
	return rec
}

func (r Record) size() int { return len(r.Request) + len(r.Answer) }

// All returns the records, newest first.
func (s *Records) All() []Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := slices.Clone(s.kept)
	slices.Reverse(all)
	return all
}

// Find returns the record with the ID.
func (s *Records) Find(id string) (Record, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.kept, func(r Record) bool { return r.ID == id })
	if i < 0 {
		return Record{}, false
	}
	return s.kept[i], true
}

// Clear forgets all records.
func (s *Records) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept, s.bytes = nil, 0
}

// Replay sends the event of an earlier record to its function again and returns the new record. Nothing follows from the answer
// but the record; what a method would have made of it is not repeated. The error is that of the function, also in the record.
func (r *Runner) Replay(ctx context.Context, old Record) (Record, error) {
	again := Record{Trigger: old.Trigger, Source: old.Source, Function: old.Function, Request: old.Request, ReplayOf: old.ID}
	var answer any = new(struct{})
	if old.Trigger == CustomEmailSender || old.Trigger == CustomSMSSender {
		answer = nil
	}
	return r.exchange(ctx, again, answer)
}
