package server

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/tracing"
)

// metrics counts what a server does. No label holds an id, so their number is bounded by the table of operations.
type metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
}

func newMetrics(s *store.Store) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cenote_requests_total",
			Help: "Calls of operations, by operation and outcome: OK, the name of the exception, or Canceled when the client went away.",
		}, []string{"operation", "code"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "cenote_request_duration_seconds",
			Help:    "Time from the first byte of a call to its answer.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"operation"}),
	}
	m.registry.MustRegister(m.requests, m.durations, collectors.NewGoCollector(), collectors.NewBuildInfoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, c := range []struct {
		name, help string
		value      func(store.Stats) int64
	}{
		{"views", "Finished reading transactions, failed ones too.", func(s store.Stats) int64 { return s.Views }},
		{"updates", "Changes that were committed.", func(s store.Stats) int64 { return s.Updates }},
		{"commits", "Commits that the changes took; on SQLite concurrent changes share one.", func(s store.Stats) int64 { return s.Commits }},
		{"retries", "Transactions that were run again.", func(s store.Stats) int64 { return s.Retries }},
		{"settled_outcomes", "Commits whose answer was lost and whose outcome was found out.", func(s store.Stats) int64 { return s.Settled }},
		{"unknown_outcomes", "Commits of which it is not known whether they survived.", func(s store.Stats) int64 { return s.Unknown }},
		{"connection_waits", "Transactions that had to wait for a connection.", func(s store.Stats) int64 { return s.Waits }},
	} {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "cenote_store_" + c.name + "_total", Help: c.help},
			func() float64 { return float64(c.value(s.Stats())) }))
	}
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "cenote_store_connections", Help: "Open connections to the database."},
		func() float64 { return float64(s.Stats().Open) }))
	return m
}

// watchSigner shows what makes the signatures of tokens: a library that fails is replaced while the server runs.
func (m *metrics) watchSigner(by *token.Signer) {
	for _, name := range by.Implementations() {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "cenote_signer", Help: "What signs tokens: 1 for the implementation in use.", ConstLabels: prometheus.Labels{"implementation": name},
		}, func() float64 {
			if by.String() == name {
				return 1
			}
			return 0
		}))
	}
}

// watchEvents shows how many events of threat protection were dropped.
func (m *metrics) watchEvents(r *audit.Recorder) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "cenote_events_dropped_total", Help: "Authentication events that were not recorded, because too many waited to be written.",
	}, func() float64 { return float64(r.Lost()) }))
}

// watchMessages shows how many messages are behind the answer that caused them.
func (m *metrics) watchMessages(d *message.Dispatcher) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "cenote_messages_pending", Help: "Messages that wait to be sent after their request was answered, or are being sent.",
	}, func() float64 { return float64(d.Pending()) }))
}

// observe counts one call.
func (m *metrics) observe(ctx context.Context, operation, code string, took time.Duration) {
	m.requests.WithLabelValues(operation, code).Inc()
	of := m.durations.WithLabelValues(operation)
	if id := tracing.TraceID(ctx); id != "" {
		of.(prometheus.ExemplarObserver).ObserveWithExemplar(took.Seconds(), prometheus.Labels{"trace_id": id})
		return
	}
	of.Observe(took.Seconds())
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry, EnableOpenMetrics: true})
}
