//go:build linux

package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// ledger is what clients have been told, and what of that turned out to be wrong.
type ledger struct {
	mu      sync.Mutex
	entries []*entry
	wrong   []string
	moments []time.Time // of acknowledged changes
	doubts  int         // changes that were neither acknowledged nor refused
}

// entry is about one user. Facts are what was acknowledged and must hold afterwards; after a change whose outcome the client does not know,
// only those hold that no change can undo.
type entry struct {
	name, phone, password string
	doubtful              bool
	facts                 []fact
}

// fact holds on every node.
type fact struct {
	what  string
	final bool // no change undoes it
	check func(ctx context.Context, api *idp.Client) error
}

// holds notes a fact.
func (e *entry) holds(what string, check func(ctx context.Context, api *idp.Client) error) {
	e.facts = append(e.facts, fact{what: what, check: check})
}

// forGood notes a fact that no change undoes.
func (e *entry) forGood(what string, check func(ctx context.Context, api *idp.Client) error) {
	e.facts = append(e.facts, fact{what: what, check: check, final: true})
}

func (l *ledger) open(e *entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, e)
}

func (l *ledger) complain(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wrong = append(l.wrong, fmt.Sprintf(format, args...))
}

// did notes the answer to a change and reports whether it is an acknowledgement. A refusal is wrong: clients ask for nothing that is not
// theirs to get.
func (l *ledger) did(e *entry, what string, err error) bool {
	if err != nil && !isDoubt(err) {
		e.doubtful = true
		l.complain("%s: %s was refused: %v", e.name, what, err)
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		e.doubtful = true
		l.doubts++
		return false
	}
	l.moments = append(l.moments, time.Now())
	return true
}

// isDoubt reports an answer that leaves the outcome open: none, or a failure of the server or HAProxy.
func isDoubt(err error) bool {
	if res, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && res.HTTPStatusCode() >= http.StatusInternalServerError {
		return true
	}
	api, ok := errors.AsType[smithy.APIError](err)
	return !ok || api.ErrorCode() == "CodeDeliveryFailureException"
}

// check compares everything with the nodes, and returns what is wrong.
func (l *ledger) check(t *testing.T, s *stack) []string {
	t.Helper()
	todo := make(chan int)
	var checking sync.WaitGroup
	for range 4 {
		checking.Go(func() {
			for i := range todo {
				l.checkEntry(t.Context(), l.entries[i], s.nodes, s.nodes[i%len(s.nodes)])
			}
		})
	}
	for i := range l.entries {
		todo <- i
	}
	close(todo)
	checking.Wait()
	return l.wrong
}

// checkEntry asks one node for what may have changed, and all of them for what must not.
func (l *ledger) checkEntry(ctx context.Context, e *entry, nodes []*node, one *node) {
	for _, f := range e.facts {
		ask := []*node{one}
		switch {
		case f.final:
			ask = nodes
		case e.doubtful:
			continue
		}
		for _, n := range ask {
			if err := f.check(ctx, n.api); err != nil {
				l.complain("%s on %s: %s: %v", e.name, n.name, f.what, err)
				return
			}
		}
	}
}

func (l *ledger) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Sprintf("%d changes of %d users, %d without an answer", len(l.moments), len(l.entries), l.doubts)
}

// wantSuccess is nil for an answer that is one.
func wantSuccess(err error) error { return err }

// wantRefusal is nil for an answer that begins with the message.
func wantRefusal(err error, message string) error {
	if api, ok := errors.AsType[smithy.APIError](err); ok && strings.HasPrefix(api.ErrorMessage(), message) {
		return nil
	}
	return fmt.Errorf("got %w, want %q", orSuccess(err), message)
}

var errSuccess = errors.New("success")

func orSuccess(err error) error {
	if err == nil {
		return errSuccess
	}
	return err
}
