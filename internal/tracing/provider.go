package tracing

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Provider exports spans by OTLP over HTTP. A nil Provider traces nothing.
type Provider struct {
	sdk    *sdk.TracerProvider
	tracer trace.Tracer
}

// New makes a provider of the standard environment: OTEL_EXPORTER_OTLP_* say where spans go, OTEL_TRACES_SAMPLER which are kept,
// OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES what the server is called, OTEL_BSP_* how they are gathered. What cannot be exported is
// dropped and logged.
func New(ctx context.Context, version string, log *slog.Logger) (*Provider, error) {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces", "error", err) }))
	e, err := readAll(os.Getenv)
	if err != nil {
		return nil, err
	}
	exporter, err := otlptrace.New(ctx, newCollector(e))
	if err != nil {
		return nil, fmt.Errorf("export traces: %w", err)
	}
	r, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "cenote"), attribute.String("service.version", version)),
		resource.WithTelemetrySDK(), resource.WithFromEnv(), // the last one counts
	)
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	p := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(r))
	return &Provider{sdk: p, tracer: p.Tracer(scope)}, nil
}

// Collector is the URL that the environment has spans sent to, which may hold a password, or an error that names a variable.
func Collector() (url string, err error) {
	e, err := readAll(os.Getenv)
	if err != nil {
		return "", err
	}
	return e.url, nil
}

// readAll reads the environment, and refuses it when the SDK would not understand its part of it.
func readAll(get func(string) string) (*environment, error) {
	if err := checkSDK(get); err != nil {
		return nil, err
	}
	return readEnvironment(get)
}

// Close exports what is left.
func (p *Provider) Close(ctx context.Context) error {
	if p == nil {
		return nil
	}
	return p.sdk.Shutdown(ctx)
}
