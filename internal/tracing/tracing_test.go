package tracing

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
)

// A server that does not trace goes through these on every sign-in.
func TestNoSpanCostsNothing(t *testing.T) {
	ctx := t.Context()
	w := httptest.NewRecorder()
	if n := testing.AllocsPerRun(100, func() {
		ctx, span := Start(ctx, Client, "update")
		span.Text("db.system.name", "sqlite")
		span.Int("n", 1)
		span.Fail("_OTHER")
		span.End()
		Operation(ctx, w, "Cognito Identity Provider", "SignUp", "id", "")
		if TraceID(ctx) != "" || span.On() {
			t.Error("there is a trace")
		}
	}); n != 0 {
		t.Errorf("%.0f allocations", n)
	}
}

func TestAServerThatDoesNotTraceHasItsOwnHandler(t *testing.T) {
	t.Parallel()
	var p *Provider
	own := http.NewServeMux()
	if p.Handler(own) != http.Handler(own) {
		t.Error("another handler")
	}
	if err := p.Close(context.Background()); err != nil {
		t.Error(err)
	}
}
