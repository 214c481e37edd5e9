package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/model"
)

func load(t *testing.T) []*model.Service {
	t.Helper()
	services, err := model.Load()
	if err != nil {
		t.Fatal(err)
	}
	return services
}

func TestGeneratedFilesAreCurrent(t *testing.T) {
	t.Parallel()
	files, err := wireFiles(load(t))
	if err != nil {
		t.Fatal(err)
	}
	again, err := wireFiles(load(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		onDisk, err := os.ReadFile(filepath.Join("..", "wire", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(content, onDisk) {
			t.Errorf("%s is not what the model gives: run go generate ./internal/wire", name)
		}
		if !bytes.Equal(content, again[name]) {
			t.Errorf("%s differs from one run to the next", name)
		}
	}
}

func TestTheOperationsPageIsCurrent(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	page, err := operationsPage(load(t), root)
	if err != nil {
		t.Fatal(err)
	}
	onDisk, err := os.ReadFile(filepath.Join(root, "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(page, onDisk) {
		t.Error("docs/operations.md is not what the tree gives: run make generate")
	}
}

func TestEveryPatternOfTheModelCanBeUsed(t *testing.T) {
	t.Parallel()
	for _, s := range load(t) {
		for name, shape := range s.Shapes {
			text := shape.GoPattern
			if text == "" {
				text = fromJava(shape.Pattern)
			}
			if _, err := regexp.Compile(text); err != nil {
				t.Errorf("%s: %v; it needs a goPattern in the overlay", name, err)
			}
		}
	}
}

func TestBucketNamesDoNotEndInADot(t *testing.T) {
	t.Parallel()
	pattern := regexp.MustCompile("^(?:" + load(t)[0].Shapes["S3BucketType"].GoPattern + ")$")
	for value, want := range map[string]bool{"": true, "a": true, "a.b": true, "a.": false, ".": false, "..a": true, "-_": true, "a b": false} {
		if got := pattern.MatchString(value); got != want {
			t.Errorf("%q: got %v, want %v", value, got, want)
		}
	}
}

func TestPatternsAreRewrittenFromJava(t *testing.T) {
	t.Parallel()
	for java, want := range map[string]string{
		`[\S]+`:         `[^\t\n\v\f\r ]+`,
		`[\w\s+]+`:      `[\w\t\n\v\f\r +]+`,
		`^[a-z.]+$`:     `[a-z.]+`,
		`a\.b.`:         `a\.b[^\n\r\x{85}\x{2028}\x{2029}]`,
		`(?s).*`:        `(?s).*`,
		`\{####\}`:      `\{####\}`,
		`[\x21-\x2E\]]`: `[\x21-\x2E\]]`,
	} {
		if got := fromJava(java); got != want {
			t.Errorf("%s: got %s, want %s", java, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"InitiateAuth":              "initiate_auth",
		"AdminSetUserMFAPreference": "admin_set_user_mfa_preference",
		"GetUICustomization":        "get_ui_customization",
		"GetCSVHeader":              "get_csv_header",
		"ListWebAuthnCredentials":   "list_web_authn_credentials",
		"GetId":                     "get_id",
	} {
		if got := snake(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	for value, want := range map[string]string{
		"USER_SRP_AUTH": "UserSRPAuth", "V1_0": "V1_0", "TLS_V1_2_2021": "TLSV1_2_2021", "phone_number": "PhoneNumber", "NoRisk": "NoRisk", "SMS": "SMS",
	} {
		if got := camel(value); got != want {
			t.Errorf("%s: got %s, want %s", value, got, want)
		}
	}
}

func TestOperationsPage(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for name, content := range map[string]string{
		"internal/api/userpools/operations.go":       "package userpools\n\nvar table = []entry{\n\top(\"SignUp\", s.SignUp),\n\top(\"TagResource\", s.TagResource),\n}\n",
		"internal/api/userpools/sign_up.go":          "package userpools\n",
		"internal/api/identitypools/operations.go":   "package identitypools\n\nvar table = []entry{\n\top(\"GetId\", s.GetId),\n}\n",
		"docs/divergences.md":                        "# Differences\n\n### SignUp\n\ntext\n",
		"internal/api/userpools/not_an_operation.go": "package userpools\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	page, err := operationsPage(load(t), root)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		rows[strings.TrimSpace(line)] = true
	}
	for _, want := range []string{
		"3 of 163 operations are complete. A missing one answers `UnknownOperationException`.",
		"| SignUp | cognito-idp | complete | – | [sign_up.go](../internal/api/userpools/sign_up.go) | [yes](divergences.md#signup) |",
		"| TagResource | cognito-idp | complete | signature |  |  |",
		"| TagResource | cognito-identity | missing | signature |  |  |",
		"| GetId | cognito-identity | complete | – |  |  |",
		"| GetUser | cognito-idp | missing | access token |  |  |",
	} {
		if !rows[want] {
			t.Errorf("no line %s", want)
		}
	}
}

func TestOperationsPageOfAnEmptyTree(t *testing.T) {
	t.Parallel()
	page, err := operationsPage(load(t), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(0, strings.Count(string(page), "| complete |")); diff != "" {
		t.Error(diff)
	}
}
