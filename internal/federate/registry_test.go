package federate_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/federate"
)

func TestARegistryReadsItsFilesAtTheStart(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	page := filepath.Join(folder, "page.html")
	must(t, os.WriteFile(page, []byte("<html/>"), 0o600))
	for source, want := range map[string]string{filepath.Join(folder, "missing.xml"): "no such file", page: "EntityDescriptor", folder: "directory"} {
		_, err := federate.NewRegistry(map[string]string{"arn:aws:iam::000000000000:saml-provider/Corp": source}, time.Now)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "saml-provider/Corp") {
			t.Errorf("%s: %v", source, err)
		}
	}
}
