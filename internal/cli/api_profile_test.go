package cli_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestProfiles is not parallel, since it has an AWS CLI of its own in the path.
func TestProfiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte(text), mode))
		return path
	}
	process := func(id string) string {
		return `echo '{"Version":1,"AccessKeyId":"` + id + `","SecretAccessKey":"s","SessionToken":"token"}'`
	}
	write("aws", "#!/bin/sh\n[ \"$*\" = \"configure export-credentials --format process $WANT\" ] || exit 9\n"+process("OFCLI")+"\n", 0o700)
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Setenv("WANT", "--profile role")

	seen := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		signed := regexp.MustCompile(`Credential=(\w+)/\d+/([\w-]+)/`).FindStringSubmatch(r.Header.Get("Authorization"))
		if signed == nil {
			t.Errorf("a request is signed with %q", r.Header.Get("Authorization"))
			return
		}
		seen <- strings.TrimSpace(signed[1] + " " + signed[2] + " " + r.Header.Get("X-Amz-Security-Token"))
		_, _ = w.Write([]byte(`{"UserPools":[]}`))
	}))
	t.Cleanup(server.Close)
	config := write("config", `
[default]
region = eu-west-1
endpoint_url = `+server.URL+` ; ours
[profile  "two words"]
aws_access_key_id = OFCONFIG
aws_secret_access_key=s # not the secret
region = us-west-2
s3 =
  region = eu-south-1
[profile process]
credential_process = `+process("OFPROCESS")+`
[profile role]
role_arn = arn:aws:iam::123456789012:role/operator
source_profile = two words
[profile both]
services = ours
[services both]
aws_access_key_id = NOPROFILE
[services ours]
cognito_identity =
  endpoint_url = http://127.0.0.1:1
cognito_identity_provider =
  endpoint_url = `+server.URL+`
`, 0o600)
	credentials := write("credentials", `
# kept apart
[default]
AWS_Access_Key_Id = OFCREDENTIALS
aws_secret_access_key = s
aws_session_token = t=
[both]
aws_access_key_id = ID
aws_secret_access_key = s
region = sa-east-1
`, 0o600)
	for _, tc := range []struct {
		name string
		env  []string
		args []string
		want string // id of the access key, region, session token
	}{
		{"none is named", nil, nil, "OFCREDENTIALS eu-west-1 t="},
		{"in the configuration", nil, []string{"--profile", "two words", "--endpoint", server.URL}, "OFCONFIG us-west-2"},
		{"by the environment", []string{"AWS_PROFILE=both"}, nil, "ID sa-east-1"},
		{"a region of the environment", []string{"AWS_REGION=eu-north-1"}, []string{"--profile", "both", "--endpoint", server.URL}, "ID eu-north-1"},
		{"credentials of the environment", []string{"AWS_PROFILE=both", "AWS_ACCESS_KEY_ID=OFENV", "AWS_SECRET_ACCESS_KEY=s"}, nil, "OFENV sa-east-1"},
		{"a process", nil, []string{"--profile", "process", "--endpoint", server.URL}, "OFPROCESS us-east-1 token"},
		{"a role", nil, []string{"--profile", "role", "--endpoint", server.URL}, "OFCLI us-east-1 token"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := office{append([]string{"AWS_CONFIG_FILE=" + config, "AWS_SHARED_CREDENTIALS_FILE=" + credentials}, tc.env...)}
			o.ok(t, "", append([]string{"group", "list", "--pool", "us-east-1_x"}, tc.args...)...)
			if got := <-seen; got != tc.want {
				t.Errorf("signed with %q", got)
			}
		})
	}

	t.Setenv("PATH", t.TempDir())
	none := filepath.Join(dir, "none")
	o := office{[]string{"AWS_CONFIG_FILE=" + none, "AWS_SHARED_CREDENTIALS_FILE=" + none}}
	_, stderr, code := o.run(t, "", "pool", "show", "us-east-1_x", "--endpoint", "https://cenote.invalid")
	if code != 1 || !strings.HasPrefix(stderr, "cenote: error: there are no credentials: ") || !strings.HasSuffix(stderr, "the AWS CLI, which would look for them, is not installed)\n") {
		t.Errorf("without credentials it exits with %d: %q", code, stderr)
	}
}
