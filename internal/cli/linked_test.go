package cli_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// Every server holds in memory what the program links, whatever command it runs (docs/performance.md, "Memory").
func TestTheProgramLinksNoClientForASingleRequest(t *testing.T) {
	t.Parallel()
	packages, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "github.com/cenote-id/cenote/cmd/cenote").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, heavy := range []string{
		"github.com/aws/aws-sdk-go-v2/config", // links the clients of four services
		"github.com/aws/aws-sdk-go-v2/service/kms",
		"github.com/aws/aws-sdk-go-v2/service/lambda",
		"github.com/aws/aws-sdk-go-v2/service/sts",
		"google.golang.org/grpc",
	} {
		if strings.Contains("\n"+string(packages), "\n"+heavy+"\n") {
			t.Errorf("%s is linked", heavy)
		}
	}
}

func TestTheProgramLinksOnlyTheOperationsThatItCalls(t *testing.T) {
	t.Parallel()
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
