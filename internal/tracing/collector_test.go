package tracing

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	export "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// spans is a batch of one span.
var spans = []*otlp.ResourceSpans{{ScopeSpans: []*otlp.ScopeSpans{{Spans: []*otlp.Span{{Name: "GET /path", TraceId: []byte("0123456789abcdef")}}}}}}

// collectorFor returns a client of the collector that the variables name. Their endpoint goes on after the URL.
func collectorFor(t *testing.T, url string, variables map[string]string) *collector {
	t.Helper()
	e, err := readEnvironment(func(name string) string {
		if strings.HasSuffix(name, "ENDPOINT") && variables[name] != "" {
			return url + strings.TrimPrefix(variables[name], "/")
		}
		return variables[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	c := newCollector(e)
	c.pause = func(context.Context, time.Duration) error { t.Error("a pause"); return errors.New("no time") }
	t.Cleanup(func() { _ = c.Stop(context.Background()) })
	return c
}

func TestSpansReachTheCollectorThatTheEnvironmentNames(t *testing.T) {
	t.Parallel()
	const general, own = "OTEL_EXPORTER_OTLP_", "OTEL_EXPORTER_OTLP_TRACES_"
	for name, tc := range map[string]struct {
		variables map[string]string
		path      string
		headers   map[string]string
	}{
		"a collector of everything":       {map[string]string{general + "ENDPOINT": "/"}, "/v1/traces", nil},
		"behind a path":                   {map[string]string{general + "ENDPOINT": "/otlp/"}, "/otlp/v1/traces", nil},
		"a collector of traces":           {map[string]string{general + "ENDPOINT": "/all", own + "ENDPOINT": "/traces"}, "/traces", nil},
		"a collector of traces, no path":  {map[string]string{own + "ENDPOINT": "/"}, "/", nil},
		"with credentials":                {map[string]string{general + "ENDPOINT": "/", general + "HEADERS": "Authorization=Basic%20YQ%3D%3D, x-tenant=a=b"}, "/v1/traces", map[string]string{"Authorization": "Basic YQ==", "X-Tenant": "a=b"}},
		"headers of traces replace those": {map[string]string{general + "ENDPOINT": "/", general + "HEADERS": "a=1", own + "HEADERS": "b=2"}, "/v1/traces", map[string]string{"A": "", "B": "2"}},
		"compressed":                      {map[string]string{general + "ENDPOINT": "/", general + "COMPRESSION": "gzip"}, "/v1/traces", map[string]string{"Content-Encoding": "gzip"}},
		"not compressed":                  {map[string]string{general + "ENDPOINT": "/", general + "COMPRESSION": "gzip", own + "COMPRESSION": "none"}, "/v1/traces", map[string]string{"Content-Encoding": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got export.ExportTraceServiceRequest
			to := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				var body io.Reader = r.Body
				if r.Header.Get("Content-Encoding") == "gzip" {
					unpacked, err := gzip.NewReader(r.Body)
					if err != nil {
						t.Error(err)
						return
					}
					body = unpacked
				}
				text, err := io.ReadAll(body)
				if err = errors.Join(err, proto.Unmarshal(text, &got)); err != nil {
					t.Error(err)
				}
				if r.URL.Path != tc.path || r.Header.Get("Content-Type") != "application/x-protobuf" {
					t.Errorf("%s, %s", r.URL.Path, r.Header.Get("Content-Type"))
				}
				for name, want := range tc.headers {
					if value := r.Header.Get(name); value != want {
						t.Errorf("%s: %q, want %q", name, value, want)
					}
				}
			}))
			defer to.Close()
			if err := collectorFor(t, to.URL+"/", tc.variables).UploadTraces(t.Context(), spans); err != nil {
				t.Fatal(err)
			}
			if want := (&export.ExportTraceServiceRequest{ResourceSpans: spans}); !proto.Equal(&got, want) {
				t.Errorf("got %v", &got)
			}
		})
	}
}

func TestAnOverloadedCollectorIsAskedAgain(t *testing.T) {
	t.Parallel()
	partial, err := proto.Marshal(&export.ExportTraceServiceResponse{PartialSuccess: &export.ExportTracePartialSuccess{RejectedSpans: 3, ErrorMessage: "too old"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		answers []int
		after   string
		body    []byte
		pauses  []time.Duration // 0 for a random one
		says    string
	}{
		"taken":                {[]int{200}, "", nil, nil, ""},
		"overloaded":           {[]int{503, 429, 502, 504, 200}, "7", nil, []time.Duration{7e9, 7e9, 7e9, 7e9}, ""},
		"without a word":       {[]int{503, 503, 200}, "", nil, []time.Duration{0, 0}, ""},
		"with a silly word":    {[]int{503, 200}, "-1", nil, []time.Duration{0}, ""},
		"in the past":          {[]int{503, 200}, "Thu, 01 Jan 1970 00:00:00 GMT", nil, []time.Duration{0}, ""},
		"refused":              {[]int{400}, "", nil, nil, "the collector answered 400 Bad Request"},
		"sent elsewhere":       {[]int{307}, "", nil, nil, "the collector answered 307 Temporary Redirect"},
		"partly taken":         {[]int{200}, "", partial, nil, `the collector rejected 3 spans: "too old"`},
		"no protobuf after it": {[]int{200}, "", []byte("\xff\xff\xff"), nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answers := tc.answers
			to := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if body, err := io.ReadAll(r.Body); err != nil || len(body) == 0 {
					t.Errorf("%d bytes, %v", len(body), err)
				}
				w.Header().Set("Content-Type", "application/x-protobuf")
				w.Header().Set("Retry-After", tc.after)
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(answers[0])
				answers = answers[1:]
				_, _ = w.Write(tc.body)
			}))
			defer to.Close()
			c := collectorFor(t, to.URL, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "/"})
			var pauses []time.Duration
			c.pause = func(_ context.Context, d time.Duration) error {
				if tc.after != "7" && d >= firstPause/2 && d <= longestPause {
					d = 0
				}
				pauses = append(pauses, d)
				return nil
			}
			err := c.UploadTraces(t.Context(), spans)
			if err == nil != (tc.says == "") || err != nil && err.Error() != tc.says {
				t.Errorf("error %v, want %q", err, tc.says)
			}
			if len(answers) != 0 || !slices.Equal(pauses, tc.pauses) {
				t.Errorf("%d answers left, pauses %v, want %v", len(answers), pauses, tc.pauses)
			}
		})
	}
}

func TestAnUploadEndsWithTheProvider(t *testing.T) {
	t.Parallel()
	to := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	defer to.Close()
	c := collectorFor(t, to.URL, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "/"})
	c.pause = func(ctx context.Context, _ time.Duration) error {
		_ = c.Stop(ctx)
		return pause(ctx, time.Hour)
	}
	if err := c.UploadTraces(t.Context(), spans); err == nil || err.Error() != "the collector answered 503 Service Unavailable" {
		t.Error(err)
	}
}

func TestACollectorMayHaveItsOwnAuthorityAndAskForACertificate(t *testing.T) {
	t.Parallel()
	certificate, key := selfSigned(t)
	to := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if len(r.TLS.PeerCertificates) != 1 {
			t.Error("no certificate of the client")
		}
	}))
	to.TLS = requireClient()
	to.StartTLS()
	defer to.Close()
	authority := writePEM(t, "CERTIFICATE", to.Certificate().Raw)
	variables := map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": "/", "OTEL_EXPORTER_OTLP_CERTIFICATE": authority,
		"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": certificate, "OTEL_EXPORTER_OTLP_CLIENT_KEY": key,
	}
	if err := collectorFor(t, to.URL, variables).UploadTraces(t.Context(), spans); err != nil {
		t.Error(err)
	}
	delete(variables, "OTEL_EXPORTER_OTLP_CERTIFICATE")
	if err := collectorFor(t, to.URL, variables).UploadTraces(t.Context(), spans); err == nil {
		t.Error("an unknown authority is trusted")
	}
}

func TestAWrongVariableIsToldByItsName(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct{ variable, value, says string }{
		"a host alone":     {"OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "not an http or https URL"},
		"another scheme":   {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "grpc://:secret@collector:4317", "not an http or https URL"},
		"headers":          {"OTEL_EXPORTER_OTLP_HEADERS", "Bearer secret", "not of the form name=value,name=value with percent-encoded values"},
		"encoded headers":  {"OTEL_EXPORTER_OTLP_HEADERS", "a=secret%2", "not of the form name=value,name=value with percent-encoded values"},
		"a time with unit": {"OTEL_EXPORTER_OTLP_TIMEOUT", "10s", `"10s" is not a number of milliseconds`},
		"no time":          {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "0", `"0" is not a number of milliseconds`},
		"compression":      {"OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", `"zstd" is neither gzip nor none`},
		"no certificate":   {"OTEL_EXPORTER_OTLP_CERTIFICATE", empty, empty + " holds no certificate"},
		"no file":          {"OTEL_EXPORTER_OTLP_CERTIFICATE", empty + "x", "no such file"},
		"no key":           {"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", empty, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readEnvironment(func(name string) string {
				if name != tc.variable {
					return ""
				}
				return tc.value
			})
			if err == nil || !strings.HasPrefix(err.Error(), tc.variable+": ") || !strings.Contains(err.Error(), tc.says) || strings.Contains(err.Error(), "secret") {
				t.Errorf("error %v, want %s", err, tc.says)
			}
		})
	}
}
