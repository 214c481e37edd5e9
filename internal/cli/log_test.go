package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/config"
)

func TestDurationsInTheLogCarryTheirUnit(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{"json": `"took_ms":12.345`, "text": "took=12.345ms"} {
		var out bytes.Buffer
		newLog(&out, &config.Config{LogFormat: format}).Info("request", "took", 12345*time.Microsecond)
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s: %s lacks %s", format, out.String(), want)
		}
	}
}
