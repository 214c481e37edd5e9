package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDoctorFailsOnFilesThatAStartWouldRefuse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	nowhere := filepath.Join(dir, "nowhere")
	settings := filepath.Join(dir, "cenote.yaml")
	text := "functions:\n  f: " + nowhere + "\nsaml-providers:\n  arn:aws:iam::000000000000:saml-provider/Corp: " + nowhere + "\n"
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, _, code := cenote(t, nil, "doctor", "--data-dir", nowhere, "--listen", "127.0.0.1:0", "--config", settings,
		"--page-texts", nowhere, "--breached-passwords", nowhere, "--log-delivery", "file:"+nowhere)
	if code != 1 {
		t.Errorf("doctor exits with %d", code)
	}
	for _, name := range []string{": functions: ", ": saml-providers: ", "--page-texts: ", "--breached-passwords: ", "--log-delivery: "} {
		if !strings.Contains(stdout, name) {
			t.Errorf("doctor does not tell of %s:\n%s", name, stdout)
		}
	}
	if _, err := os.Stat(nowhere); !os.IsNotExist(err) {
		t.Errorf("doctor made %s: %v", nowhere, err)
	}
}
