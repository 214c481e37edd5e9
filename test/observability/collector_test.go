// Package observability judges what a server shows to those who watch it: traces, metrics, and the dashboard and alerts made of them.
package observability

import (
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// span is an exported span in plain words.
type span struct {
	name, trace, id, parent string
	kind                    string
	failed                  bool
	attributes              map[string]string
}

// sink is a collector of OTLP over HTTP.
type sink struct {
	*httptest.Server
	mu       sync.Mutex
	spans    []span
	resource map[string]string
	text     strings.Builder // everything that was exported
}

func newSink(t *testing.T) *sink {
	t.Helper()
	s := &sink{resource: map[string]string{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var in collector.ExportTraceServiceRequest
		if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &in) != nil {
			t.Errorf("%s %s: %d bytes are no traces", r.Method, r.URL.Path, len(body))
		}
		s.take(&in)
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *sink) take(in *collector.ExportTraceServiceRequest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.WriteString(in.String())
	for _, r := range in.ResourceSpans {
		for _, a := range r.Resource.Attributes {
			s.resource[a.Key] = a.Value.GetStringValue()
		}
		for _, scope := range r.ScopeSpans {
			for _, x := range scope.Spans {
				got := span{
					name: x.Name, trace: hex.EncodeToString(x.TraceId), id: hex.EncodeToString(x.SpanId), parent: hex.EncodeToString(x.ParentSpanId),
					kind: strings.TrimPrefix(x.Kind.String(), "SPAN_KIND_"), failed: x.Status.GetCode() == traces.Status_STATUS_CODE_ERROR,
					attributes: map[string]string{},
				}
				for _, a := range x.Attributes {
					if got.attributes[a.Key] = a.Value.GetStringValue(); got.attributes[a.Key] == "" {
						got.attributes[a.Key] = fmt.Sprint(a.Value.GetIntValue())
					}
				}
				s.spans = append(s.spans, got)
			}
		}
	}
}

// await returns the spans of a trace, as soon as there is one with the name.
func (s *sink) await(t *testing.T, trace, name string) []span {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		s.mu.Lock()
		var of []span
		found := false
		for _, x := range s.spans {
			if x.trace == trace {
				of = append(of, x)
				found = found || x.name == name
			}
		}
		s.mu.Unlock()
		if found {
			return of
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t.Fatalf("no span %q in trace %s, but %v", name, trace, s.spans)
	return nil
}

// one returns the span with the name.
func one(t *testing.T, spans []span, name string) span {
	t.Helper()
	for _, x := range spans {
		if x.name == name {
			return x
		}
	}
	t.Fatalf("no span %q among %v", name, spans)
	return span{}
}
