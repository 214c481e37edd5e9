package tracing

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// w3c reads and writes the header traceparent, and tracestate beside it.
var w3c propagation.TraceContext

// Handler makes a span of each request, within the trace that the request names by W3C Trace Context. A door may give it a better name and
// tell more.
func (p *Provider) Handler(next http.Handler) http.Handler {
	if p == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/healthz", "/readyz", "/metrics": // asked all the time
			next.ServeHTTP(w, r)
			return
		}
		ctx := w3c.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		method := methodOf(r.Method)
		scheme := "http"
		if r.TLS != nil {
			scheme = "https"
		}
		ctx, span := p.tracer.Start(ctx, method, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
			attribute.String("http.request.method", method), attribute.String("url.scheme", scheme),
			attribute.String("network.protocol.version", strings.TrimPrefix(r.Proto, "HTTP/")),
		))
		defer span.End()
		r = r.WithContext(ctx)
		answer := &answer{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(answer, r)
		s := Span{span}
		if r.Pattern != "" { // set by the mux on its way
			_, route, found := strings.Cut(r.Pattern, " ")
			if !found {
				route = r.Pattern
			}
			s.Text("http.route", route)
			if !answer.named {
				s.Name(method + " " + route)
			}
		}
		s.Int("http.response.status_code", answer.status)
		if answer.status >= http.StatusInternalServerError {
			s.Fail(strconv.Itoa(answer.status))
		}
	})
}

// methodOf keeps methods that nobody knows out of names.
func methodOf(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodPatch:
		return method
	}
	return "_OTHER"
}

// answer notes the status of a response.
type answer struct {
	http.ResponseWriter
	status int
	named  bool // the span has a better name than that of its route
}

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Operation tells which operation of the API a request is, and how it ended.
func Operation(ctx context.Context, w http.ResponseWriter, service, name, requestID, failure string) {
	s := Current(ctx)
	if !s.On() || service == "" {
		return
	}
	if a, ok := w.(*answer); ok {
		a.named = true
	}
	s.Name(service + "/" + name)
	s.span.SetAttributes(attribute.String("rpc.system", "aws-api"), attribute.String("rpc.service", service), attribute.String("rpc.method", name),
		attribute.String("aws.request_id", requestID))
	if failure != "" {
		s.Fail(failure)
	}
}

// RoundTrip makes a span of a call of another server. With pass, the call tells that server which trace it belongs to.
func RoundTrip(req *http.Request, pass bool, do func(*http.Request) (*http.Response, error)) (*http.Response, error) {
	method := methodOf(req.Method)
	ctx, s := Start(req.Context(), Client, method)
	if s.span == nil {
		return do(req)
	}
	defer s.End()
	s.Text("http.request.method", method)
	s.Text("url.scheme", req.URL.Scheme)
	s.Text("server.address", req.URL.Hostname())
	s.Int("server.port", portOf(req.URL))
	req = req.Clone(ctx)
	if pass {
		w3c.Inject(ctx, propagation.HeaderCarrier(req.Header))
		req.Header.Set("X-Amzn-Trace-Id", xray(s.span.SpanContext()))
	}
	res, err := do(req)
	if err != nil {
		s.Fail("_OTHER")
		return nil, err
	}
	s.Int("http.response.status_code", res.StatusCode)
	if res.StatusCode >= http.StatusBadRequest {
		s.Fail(strconv.Itoa(res.StatusCode))
	}
	return res, nil
}

func portOf(u *url.URL) int {
	if port, err := strconv.Atoi(u.Port()); err == nil {
		return port
	}
	if u.Scheme == "https" {
		return 443
	}
	return 80
}

// xray spells a trace context as AWS hands it to functions: Lambda passes this header on, and traceparent not.
func xray(c trace.SpanContext) string {
	id, sampled := c.TraceID().String(), "0"
	if c.IsSampled() {
		sampled = "1"
	}
	return "Root=1-" + id[:8] + "-" + id[8:] + ";Parent=" + c.SpanID().String() + ";Sampled=" + sampled
}
