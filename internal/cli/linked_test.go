package cli_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// Every server holds in memory what the program links, whatever command it runs (docs/performance.md, "Memory").
func TestTheProgramLinksOnlyTheOperationsThatItCalls(t *testing.T) {
	symbols, err := exec.CommandContext(t.Context(), "go", "tool", "nm", cenotetest.Binary(t)).Output()
	if err != nil {
		t.Fatal(err)
	}
	const method = "service/cognitoidentityprovider.(*Client)."
	if !strings.Contains(string(symbols), method+"InitiateAuth") {
		t.Error("not even InitiateAuth is linked: is this how its symbol is called?")
	}
	if strings.Contains(string(symbols), method+"AdminInitiateAuth") {
		t.Error("all operations of the SDK are linked: a type that reaches an interface leads to its client")
	}
}
