package sdk

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// installing lets one test at a time install packages.
var installing sync.Mutex

// InstallPackages installs the locked packages of a folder unless they are there already; make test does so before.
func InstallPackages(t testing.TB, folder string) {
	t.Helper()
	installing.Lock()
	defer installing.Unlock()
	if _, err := os.Stat(filepath.Join(folder, "node_modules/.package-lock.json")); err == nil {
		return
	}
	cmd := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts")
	cmd.Dir = folder
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("npm ci in %s: %v\n%s", folder, err, said)
	}
}
