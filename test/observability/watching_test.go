package observability

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"go.yaml.in/yaml/v3"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

const folder = "../../deploy/observability/"

type rules struct {
	Groups []struct {
		Rules []struct {
			Alert, Expr string
			Labels      map[string]string
			Annotations map[string]string
		}
	}
}

func readRules(t *testing.T) (all rules) {
	t.Helper()
	text, err := os.ReadFile(folder + "alerts.yml")
	must(t, err)
	must(t, yaml.Unmarshal(text, &all))
	if len(all.Groups) == 0 || len(all.Groups[0].Rules) == 0 {
		t.Fatal("there are no rules")
	}
	return all
}

// expressions returns the queries of the dashboard.
func expressions(t *testing.T) (all []string) {
	t.Helper()
	text, err := os.ReadFile(folder + "dashboard.json")
	must(t, err)
	var dashboard struct {
		Panels []struct {
			ID      int
			Type    string
			Targets []struct{ Expr string }
		}
	}
	must(t, json.Unmarshal(text, &dashboard))
	seen := map[int]bool{}
	for _, p := range dashboard.Panels {
		if seen[p.ID] {
			t.Errorf("two panels have the id %d", p.ID)
		}
		seen[p.ID] = true
		for _, target := range p.Targets {
			all = append(all, target.Expr)
		}
	}
	if len(all) < 10 {
		t.Fatalf("the dashboard has only %d queries", len(all))
	}
	return all
}

var metricName = regexp.MustCompile(`\b(cenote|process|go)_[a-z_]+`)

// TestWhatIsWatchedExists compares the dashboard and the alerts with the metrics of a server that has had some traffic, and the other way
// round: a metric of ours that nobody looks at is missing on the dashboard.
func TestWhatIsWatchedExists(t *testing.T) {
	t.Parallel()
	function := newPeer(t)
	srv := cenotetest.Start(t, cenotetest.Options{Triggers: map[string]string{"check": function.URL}})
	_, err := srv.SDK().UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{
		UserPoolId: &srv.PoolID, LambdaConfig: &types.LambdaConfigType{PreSignUp: new("arn:aws:lambda:eu-west-1:000000000000:function:check")},
	})
	must(t, err)
	_, err = srv.SDK().SignUp(t.Context(), &idp.SignUpInput{ClientId: &srv.ClientID, Username: new("ana@example.com"), Password: new("Sesame-2026!")})
	must(t, err)
	there := map[string]bool{}
	for line := range strings.Lines(metrics(t, srv.URL, "text/plain")) {
		if name := metricName.FindString(line); name != "" && !strings.HasPrefix(line, "#") {
			there[name] = true
		}
	}
	watched := map[string]bool{}
	look := func(where, expr string) {
		for _, name := range metricName.FindAllString(expr, -1) {
			watched[name] = true
			if !there[name] {
				t.Errorf("%s asks for %s, which /metrics does not have", where, name)
			}
		}
	}
	for _, g := range readRules(t).Groups {
		for _, r := range g.Rules {
			look(r.Alert, r.Expr)
		}
	}
	for _, expr := range expressions(t) {
		look("the dashboard", expr)
	}
	for name := range there {
		base := regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, "")
		if strings.HasPrefix(name, "cenote_") && !watched[name] && !watched[base+"_bucket"] {
			t.Errorf("nobody looks at %s", name)
		}
	}
}

// TestEachAlertIsInTheRunbook holds alerts and runbook together.
func TestEachAlertIsInTheRunbook(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/runbook.md")
	must(t, err)
	var headings, alerts []string
	for _, m := range regexp.MustCompile(`(?m)^## (Cenote\w+)$`).FindAllStringSubmatch(string(text), -1) {
		headings = append(headings, m[1])
	}
	for _, g := range readRules(t).Groups {
		for _, r := range g.Rules {
			alerts = append(alerts, r.Alert)
			if want := "/docs/runbook.md#" + strings.ToLower(r.Alert); !strings.HasSuffix(r.Annotations["runbook_url"], want) {
				t.Errorf("%s leads to %q, want %s", r.Alert, r.Annotations["runbook_url"], want)
			}
			if r.Labels["severity"] == "" || r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
				t.Errorf("%s does not say how bad it is, or what", r.Alert)
			}
		}
	}
	if !slices.Equal(headings, alerts) {
		t.Errorf("the runbook has %v, the alerts are %v", headings, alerts)
	}
	tests, err := os.ReadFile(folder + "alerts_test.yml")
	must(t, err)
	for _, a := range alerts {
		if !strings.Contains(string(tests), "alertname: "+a+"\n") {
			t.Errorf("alerts_test.yml does not try %s", a)
		}
	}
}

// TestPromtoolTakesTheRules checks and tries the rules, and the form of every query of the dashboard, by Prometheus's own tool.
func TestPromtoolTakesTheRules(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("promtool"); err != nil {
		if os.Getenv("CENOTE_TEST_REQUIRE_CLIENTS") != "" {
			t.Fatal(err)
		}
		t.Skip("promtool is not installed; it is in Debian's package prometheus")
	}
	promtool := func(dir string, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "promtool", args...)
		cmd.Dir = dir
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, said)
		}
	}
	promtool(folder, "check", "rules", "alerts.yml")
	promtool(folder, "test", "rules", "alerts_test.yml")
	var recorded strings.Builder
	recorded.WriteString("groups:\n  - name: dashboard\n    rules:\n")
	for i, expr := range expressions(t) {
		expr = strings.ReplaceAll(strings.ReplaceAll(expr, "$__rate_interval", "5m"), "$instance", ".*")
		quoted, err := json.Marshal(expr)
		must(t, err)
		recorded.WriteString("      - record: query:" + strings.Repeat("x", i+1) + "\n        expr: " + string(quoted) + "\n")
	}
	dir := t.TempDir()
	must(t, os.WriteFile(dir+"/dashboard.yml", []byte(recorded.String()), 0o600))
	promtool(dir, "check", "rules", "dashboard.yml")
}
