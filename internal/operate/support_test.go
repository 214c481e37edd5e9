package operate_test

import (
	"encoding/base64"
	"testing"
)

var oneKey = base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef"))

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
