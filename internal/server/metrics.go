package server

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/tracing"
	"github.com/cenote-id/cenote/internal/trigger"
)

// metrics counts what a server does. No label holds an id, so their number is bounded by the table of operations.
type metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	running   prometheus.Gauge
	triggers  *prometheus.HistogramVec
	messages  *prometheus.CounterVec
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
		running: prometheus.NewGauge(prometheus.GaugeOpts{Name: "cenote_requests_in_flight", Help: "Requests that wait for their answer."}),
		triggers: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "cenote_trigger_duration_seconds",
			Help:    "Time until a trigger's function has answered, with all attempts, by trigger and outcome: OK, the name of the exception, or Canceled when the client went away.",
			Buckets: []float64{.005, .025, .1, .25, .5, 1, 2.5, 5, 10, 15},
		}, []string{"trigger", "outcome"}),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cenote_messages_total", Help: "Messages handed to the mail server or the gateway, by medium and outcome: sent, failed, or canceled when the client went away meanwhile.",
		}, []string{"medium", "outcome"}),
	}
	for _, medium := range []message.Medium{message.Email, message.SMS} { // so that the first failure is an increase
		for _, outcome := range []string{"sent", "failed"} {
			m.messages.WithLabelValues(string(medium), outcome)
		}
	}
	m.registry.MustRegister(m.requests, m.durations, m.running, m.triggers, m.messages, collectors.NewGoCollector(), collectors.NewBuildInfoCollector(),
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
		func() float64 { return float64(s.Stats().Open) }), prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "cenote_store_connections_max", Help: "How many connections to the database may be open.",
	}, func() float64 { return float64(s.Stats().Max) }))
	return m
}

// watchHealth shows what /readyz says.
func (m *metrics) watchHealth(h *health) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "cenote_ready", Help: "1 when /readyz answers 200, else 0.",
	}, func() float64 {
		if h.ready() {
			return 1
		}
		return 0
	}))
}

// count counts the requests under way.
func (m *metrics) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.running.Inc()
		defer m.running.Dec()
		next.ServeHTTP(w, r)
	})
}

// triggered notes the answer of a trigger.
func (m *metrics) triggered(t trigger.Trigger, took time.Duration, err error) {
	outcome := "OK"
	switch {
	case err == nil:
	case canceled(err):
		outcome = fault.Canceled
	default:
		outcome = cmp.Or(string(fault.CodeOf(err)), string(fault.InternalError))
	}
	m.triggers.WithLabelValues(string(t), outcome).Observe(took.Seconds())
}

// sent notes what became of a message.
func (m *metrics) sent(medium message.Medium, err error) {
	outcome := "sent"
	switch {
	case canceled(err):
		outcome = "canceled"
	case err != nil:
		outcome = "failed"
	}
	m.messages.WithLabelValues(string(medium), outcome).Inc()
}

// canceled reports whether what failed was cut off because nobody waited for it any more. It is then no failure, whatever code it has.
func canceled(err error) bool { return errors.Is(err, context.Canceled) }

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
	}, func() float64 { return float64(d.Pending()) }), prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "cenote_messages_dropped_total", Help: "Messages that nobody tried to send, because too many waited or the server stopped.",
	}, func() float64 { return float64(d.Dropped()) }))
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
