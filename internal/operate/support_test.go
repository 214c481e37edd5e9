package operate_test

import (
	"encoding/base64"
	"log/slog"
	"testing"
)

var oneKey = base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef"))

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var quiet = slog.New(slog.DiscardHandler)
