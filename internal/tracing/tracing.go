// Package tracing tells OpenTelemetry what a request did: a span for the request, and spans within it for transactions, triggers, messages
// and calls of other servers.
//
// Its one idea: a span begins within the span of its context, and where there is none nothing happens at all. So a server that does not trace
// pays one look at the context for each span that it does not make, and there is nothing global. No attribute holds what a person typed, was
// sent or is known by: no names, addresses, tokens, codes, queries or paths.
//
// Start with Start, which every package below the doors uses, and with Provider, which the server makes.
package tracing

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// scope names the instrumentation in exported spans.
const scope = "github.com/cenote-id/cenote"

// Kind is what a span is to the servers around it.
type Kind trace.SpanKind

// The kinds.
const (
	Internal Kind = Kind(trace.SpanKindInternal)
	Client   Kind = Kind(trace.SpanKindClient) // a call of another server
)

// Span is a span under way, or none.
type Span struct{ span trace.Span }

// Start begins a span within that of the context, and returns the context for what belongs to it. Without one it returns no span.
func Start(ctx context.Context, kind Kind, name string) (context.Context, Span) {
	parent := trace.SpanFromContext(ctx)
	if !parent.SpanContext().IsValid() {
		return ctx, Span{}
	}
	ctx, span := parent.TracerProvider().Tracer(scope).Start(ctx, name, trace.WithSpanKind(trace.SpanKind(kind)))
	return ctx, Span{span}
}

// Current returns the span of the context, or none.
func Current(ctx context.Context) Span {
	if span := trace.SpanFromContext(ctx); span.SpanContext().IsValid() {
		return Span{span}
	}
	return Span{}
}

// On reports whether what is told of the span is kept: whoever has to work for an attribute asks first.
func (s Span) On() bool { return s.span != nil && s.span.IsRecording() }

// Name gives the span another name.
func (s Span) Name(name string) {
	if s.On() {
		s.span.SetName(name)
	}
}

// Text sets an attribute; not to the empty text.
func (s Span) Text(key, value string) {
	if s.On() && value != "" {
		s.span.SetAttributes(attribute.String(key, value))
	}
}

// Int sets an attribute.
func (s Span) Int(key string, value int) {
	if s.On() {
		s.span.SetAttributes(attribute.Int(key, value))
	}
}

// Fail marks the span as failed. The kind is a word of few: the name of an exception or a status, never a text of an error.
func (s Span) Fail(kind string) {
	if s.On() {
		s.span.SetAttributes(attribute.String("error.type", kind))
		s.span.SetStatus(codes.Error, "")
	}
}

// End ends the span.
func (s Span) End() {
	if s.span != nil {
		s.span.End()
	}
}

// TraceID returns the id of the trace that the context belongs to, as hex, if the trace is kept; else "".
func TraceID(ctx context.Context) string {
	if c := trace.SpanContextFromContext(ctx); c.IsSampled() {
		return c.TraceID().String()
	}
	return ""
}

// Link is a span that goes on in work which outlives its request.
type Link struct{ span trace.Span }

// LinkOf returns the link to the span of the context.
func LinkOf(ctx context.Context) Link { return Link{trace.SpanFromContext(ctx)} }

// Join has spans of the context begin within the linked one.
func (l Link) Join(ctx context.Context) context.Context {
	if !l.span.SpanContext().IsValid() {
		return ctx
	}
	return trace.ContextWithSpan(ctx, l.span)
}
