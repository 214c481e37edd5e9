package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"go.yaml.in/yaml/v3"
)

// tool returns a program that make has built.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(".bin/" + name)
	must(t, err)
	if _, err := os.Stat(path); err != nil {
		skip(t, name+" is not built: make .bin/"+name)
	}
	return path
}

func helm(t *testing.T, args ...string) (string, error) {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), tool(t, "helm"), args...).CombinedOutput()
	return string(said), err
}

const chart = "deploy/helm/cenote"

func TestTheChartRendersWhatItPromises(t *testing.T) {
	if said, err := helm(t, "lint", "--strict", chart, "--set", "existingSecret=cenote"); err != nil {
		t.Errorf("helm lint: %v\n%s", err, said)
	}
	for _, tc := range []struct {
		name, set string
		kinds     []string
		want      []string
	}{
		{
			"one replica on the embedded database", "existingSecret=cenote",
			[]string{"ConfigMap", "Deployment", "PersistentVolumeClaim", "Service"},
			[]string{"type: Recreate", "claimName: users"},
		},
		{
			"several replicas on PostgreSQL",
			"existingSecret=cenote,database=postgres,replicas=3,settings.public-url=https://auth.example.com,settings.shutdown-delay=30s,terminationGracePeriodSeconds=60",
			[]string{"ConfigMap", "Deployment", "PodDisruptionBudget", "Service"},
			[]string{"replicas: 3", "key: CENOTE_DATABASE}", "public-url: https://auth.example.com", "maxUnavailable: 0", "terminationGracePeriodSeconds: 60"},
		},
		{
			"a private registry, and traces", "existingSecret=cenote,image.pullSecrets[0].name=registry,env[0].name=OTEL_EXPORTER_OTLP_ENDPOINT,env[0].value=http://collector:4318",
			[]string{"ConfigMap", "Deployment", "PersistentVolumeClaim", "Service"},
			[]string{"      imagePullSecrets:\n        - name: registry\n", "            - name: OTEL_EXPORTER_OTLP_ENDPOINT\n              value: http://collector:4318\n          ports:"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			said, err := helm(t, "template", "users", chart, "--set", tc.set)
			if err != nil {
				t.Fatalf("helm template: %v\n%s", err, said)
			}
			var kinds []string
			for d := yaml.NewDecoder(strings.NewReader(said)); ; {
				var object struct{ Kind string }
				if d.Decode(&object) != nil {
					break
				}
				if object.Kind != "" {
					kinds = append(kinds, object.Kind)
				}
			}
			slices.Sort(kinds)
			if !slices.Equal(kinds, tc.kinds) {
				t.Errorf("got %v, want %v", kinds, tc.kinds)
			}
			for _, part := range append(tc.want, "path: /healthz", "path: /readyz", "runAsNonRoot: true", "readOnlyRootFilesystem: true", "secretKeyRef: {name: cenote, key: CENOTE_MASTER_KEY}") {
				if !strings.Contains(said, part) {
					t.Errorf("%q is not in\n%s", part, said)
				}
			}
		})
	}
	for set, want := range map[string]string{
		"replicas=1":                         "existingSecret is needed",
		"existingSecret=cenote,replicas=2":   "several replicas need database=postgres",
		"existingSecret=cenote,replcas=2":    "replcas",
		"existingSecret=c,settings.listen=x": "settings.listen is set by the chart",

		"existingSecret=c,env[0].name=CENOTE_LISTEN,env[0].value=x": "/env/0/name",

		"existingSecret=c,settings.smtp-url=smtp://u:p@mail.example.com":      "settings.smtp-url holds a password",
		"existingSecret=c,settings.sms-url=https://:p@sms.example.com":        "settings.sms-url holds a password",
		"existingSecret=c,settings.log-delivery=https://u:p@logs.example.com": "settings.log-delivery holds a password",
	} {
		if said, err := helm(t, "template", "users", chart, "--set", set); err == nil || !strings.Contains(said, want) {
			t.Errorf("--set %s: %v, want %q in\n%s", set, err, want, said)
		}
	}
}

func TestTheChartAndTheComposeFileAreOfTheVersion(t *testing.T) {
	text, err := os.ReadFile("CHANGELOG.md")
	must(t, err)
	newest, _, _, err := readChangelog(string(text))
	must(t, err)
	for name, want := range map[string]string{
		chart + "/Chart.yaml":         "\nappVersion: " + newest + "\n",
		"deploy/compose/compose.yaml": "image: cenote:${CENOTE_VERSION:-" + newest + "}",
		"SECURITY.md":                 "| " + newest[:strings.LastIndex(newest, ".")] + ".x | yes |",
	} {
		content, err := os.ReadFile(name)
		must(t, err)
		if !strings.Contains(string(content), want) {
			t.Errorf("%s lacks %q", name, want)
		}
	}
}

func TestTheComposeFileConforms(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), tool(t, "compose-spec"), "--no-interpolation", "compose.yaml")
	cmd.Dir = "deploy/compose"
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
	content, err := os.ReadFile("deploy/compose/compose.yaml")
	must(t, err)
	for _, secret := range regexp.MustCompile(`(?m)(PASSWORD|KEY|SECRET_ACCESS_KEY): (.*)$`).FindAllStringSubmatch(string(content), -1) {
		if !strings.HasPrefix(secret[2], "${") {
			t.Errorf("a secret is written down: %s", secret[0])
		}
	}
}

// TestTheActionStartsADevelopmentServer runs the script of the action as a runner would.
func TestTheActionStartsADevelopmentServer(t *testing.T) {
	m := theRelease(t)
	var action struct {
		Inputs, Outputs map[string]any
		Runs            struct {
			Using string
			Steps []struct {
				ID, Shell, Run string
				Env            map[string]string
			}
		}
	}
	content, err := os.ReadFile("action.yml")
	must(t, err)
	must(t, yaml.Unmarshal(content, &action))
	step := action.Runs.Steps[0]
	if action.Runs.Using != "composite" || step.Shell != "bash" || step.Run != "${{ github.action_path }}/deploy/action/start" {
		t.Errorf("the action runs %+v", action.Runs)
	}
	temp := t.TempDir()
	must(t, os.Mkdir(filepath.Join(temp, "cenote-bin"), 0o755))
	unpack := exec.CommandContext(t.Context(), "tar", "-xzf", filepath.Join(m.dir, "cenote_"+m.version+"_linux_"+runtime.GOARCH+".tar.gz"),
		"-C", filepath.Join(temp, "cenote-bin"), "--strip-components=1")
	if said, err := unpack.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, said)
	}
	output := filepath.Join(temp, "output")
	start := func(listen string) (told string, err error) {
		must(t, os.RemoveAll(output))
		cmd := exec.CommandContext(t.Context(), "deploy/action/start")
		cmd.Env = append(os.Environ(), "RUNNER_TEMP="+temp, "GITHUB_OUTPUT="+output, "VERSION=", "SEED=", "LISTEN="+listen)
		said, err := cmd.CombinedOutput()
		if pid, readErr := os.ReadFile(filepath.Join(temp, "cenote.pid")); readErr == nil {
			var id int
			_, scanErr := fmt.Sscan(string(pid), &id)
			must(t, scanErr)
			t.Cleanup(func() { _ = syscall.Kill(id, syscall.SIGKILL) })
		}
		if err != nil {
			return "", fmt.Errorf("%w\n%s", err, said)
		}
		content, err := os.ReadFile(output)
		return string(content), err
	}
	told, err := start("127.0.0.1:0")
	must(t, err)
	outputs := regexp.MustCompile(`^url=http://(127\.0\.0\.1:\d+)\npool-id=us-east-1_\w{9}\nclient-id=[a-z0-9]{26}\n$`).FindStringSubmatch(told)
	if outputs == nil {
		t.Fatalf("the outputs are\n%s", told)
	}
	if told, err := start(outputs[1]); err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("where a server is already, a start tells %q and ends with %v", told, err)
	}
	for name := range action.Outputs {
		if !strings.Contains(told, name+"=") {
			t.Errorf("the output %s is not set", name)
		}
	}
}
