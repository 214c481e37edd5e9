//go:build linux

package cluster

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// phones are those of all users: they receive codes.
type phones struct {
	url    string // of the webhook for text messages
	number atomic.Int64
	codes  sync.Map // number -> the newest code
}

var code = regexp.MustCompile(`\b\d{6}\b`)

func newPhones(t *testing.T, here *machine) *phones {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", here.address+":0")
	must(t, err)
	p := &phones{url: "http://" + l.Addr().String() + "/"}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var message struct{ To, Body string }
		if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		p.codes.Store(message.To, code.FindString(message.Body))
	})}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return p
}

// next is a number that no user has.
func (p *phones) next() string { return fmt.Sprintf("+1555%07d", p.number.Add(1)) }

// take returns the newest code that a number has received, once.
func (p *phones) take(number string) string {
	got, _ := p.codes.LoadAndDelete(number)
	text, _ := got.(string)
	return text
}
