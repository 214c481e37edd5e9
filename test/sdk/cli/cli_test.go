// Package cli_test judges the server with the AWS CLI, as an operator with a terminal meets it.
package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/test/sdk"
)

const password = "Corr3ct-horse!"

// terminal is a shell in which `aws cognito-idp` reaches the server.
type terminal struct {
	aws string
	srv *cenotetest.Server
	env []string
}

func open(t *testing.T, db sdk.Database) *terminal {
	t.Helper()
	aws := sdk.Program(t, "/usr/bin/aws") // Debian's; another one may come first in the path
	srv := sdk.Start(t, db)
	home := t.TempDir()
	ours := slices.DeleteFunc(sdk.Env(srv), func(v string) bool { return strings.HasPrefix(v, "AWS_PROFILE=") }) // an empty one is an unknown one
	env := append(ours, "HOME="+home, "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=2", "AWS_DEFAULT_OUTPUT=json")
	return &terminal{aws: aws, srv: srv, env: env}
}

// run returns what a command prints and what it complains about.
func (c *terminal) run(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, complaint bytes.Buffer
	cmd := exec.CommandContext(t.Context(), c.aws, append([]string{"--endpoint-url", c.srv.URL, "--region", "us-east-1", "cognito-idp"}, args...)...)
	cmd.Env, cmd.Stdout, cmd.Stderr = c.env, &out, &complaint
	err = cmd.Run()
	return out.String(), complaint.String(), err
}

// ok expects success and decodes the answer.
func (c *terminal) ok(t *testing.T, args ...string) map[string]any {
	t.Helper()
	out, complaint, err := c.run(t, args...)
	if err != nil {
		t.Fatalf("aws %s: %v\n%s", strings.Join(args, " "), err, complaint)
	}
	answer := map[string]any{}
	if strings.TrimSpace(out) == "" {
		return answer
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatalf("aws %s: %v in %s", args[0], err, out)
	}
	return answer
}

// refused expects the exit code of a service error and the service's words.
func (c *terminal) refused(t *testing.T, want string, args ...string) {
	t.Helper()
	out, complaint, err := c.run(t, args...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 254 {
		t.Errorf("aws %s: %v, want exit code 254; printed %s", strings.Join(args, " "), err, out)
	}
	if got := strings.TrimSpace(complaint); got != want {
		t.Errorf("aws %s says\n got %q\nwant %q", args[0], got, want)
	}
}

// at follows names and indexes into an answer.
func at(t *testing.T, answer any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, _ := answer.(map[string]any)
			answer = object[step]
		case int:
			list, _ := answer.([]any)
			if step >= len(list) {
				t.Fatalf("no element %d in %v (path %v)", step, list, path)
			}
			answer = list[step]
		}
	}
	if answer == nil {
		t.Fatalf("nothing at %v", path)
	}
	return answer
}

func text(t *testing.T, answer any, path ...any) string {
	t.Helper()
	s, ok := at(t, answer, path...).(string)
	if !ok {
		t.Fatalf("%v is no text", path)
	}
	return s
}

// code is the code in the newest message to a recipient, which may still be on its way.
func (c *terminal) code(t *testing.T, to string) string {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if messages := c.inbox(t, to); len(messages) > 0 {
			return messages[0].Code
		}
	}
	t.Fatalf("no message to %s", to)
	return ""
}

type message struct{ Code string }

func (c *terminal) inbox(t *testing.T, to string) (messages []message) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.srv.URL+"/_cenote/inbox?to="+url.QueryEscape(to), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&messages); err != nil {
		t.Fatalf("inbox of %s: %v", to, err)
	}
	return messages
}

// usernames lists the user names of a ListUsers answer, sorted.
func usernames(t *testing.T, answer any) []string {
	t.Helper()
	list, _ := at(t, answer, "Users").([]any)
	names := make([]string, len(list))
	for i := range list {
		names[i] = text(t, list[i], "Username")
	}
	slices.Sort(names)
	return names
}

func wrongFor(operation, fault, message string) string {
	return fmt.Sprintf("An error occurred (%s) when calling the %s operation: %s", fault, operation, message)
}

func TestAnOperatorRunsAPoolFromATerminal(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("each command starts a Python interpreter")
	}
	sdk.OnEachDatabase(t, func(t *testing.T, db sdk.Database) {
		aws := open(t, db)
		made := aws.ok(t, "create-user-pool", "--pool-name", "from the terminal", "--auto-verified-attributes", "email",
			"--policies", "PasswordPolicy={MinimumLength=10,RequireUppercase=true,RequireLowercase=true,RequireNumbers=true,RequireSymbols=false}",
			"--schema", "Name=team,AttributeDataType=String,Mutable=true,StringAttributeConstraints={MinLength=1,MaxLength=20}")
		pool := text(t, made, "UserPool", "Id")
		if !regexp.MustCompile(`^us-east-1_[0-9A-Za-z]{9}$`).MatchString(pool) {
			t.Errorf("pool id %q", pool)
		}
		if created := text(t, made, "UserPool", "CreationDate"); !regexp.MustCompile(`^20\d\d-`).MatchString(created) {
			t.Errorf("the CLI reads the creation date as %q", created)
		}
		client := text(t, aws.ok(t, "create-user-pool-client", "--user-pool-id", pool, "--client-name", "app", "--explicit-auth-flows",
			"ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"), "UserPoolClient", "ClientId")

		described := aws.ok(t, "describe-user-pool", "--user-pool-id", pool)
		if got := at(t, described, "UserPool", "Policies", "PasswordPolicy", "MinimumLength"); got != 10.0 {
			t.Errorf("minimum length %v, want 10", got)
		}
		if got := text(t, aws.ok(t, "describe-user-pool-client", "--user-pool-id", pool, "--client-id", client), "UserPoolClient", "ClientName"); got != "app" {
			t.Errorf("client name %q", got)
		}
		if got := text(t, aws.ok(t, "list-user-pool-clients", "--user-pool-id", pool), "UserPoolClients", 0, "ClientId"); got != client {
			t.Errorf("listed client %q, want %q", got, client)
		}

		signUp := aws.ok(t, "sign-up", "--client-id", client, "--username", "ann", "--password", password,
			"--user-attributes", "Name=email,Value=ann@example.com", "Name=custom:team,Value=blue")
		if got := text(t, signUp, "CodeDeliveryDetails", "Destination"); got != "a***@e***" {
			t.Errorf("destination %q", got)
		}
		aws.refused(t, wrongFor("InitiateAuth", "UserNotConfirmedException", "User is not confirmed."),
			"initiate-auth", "--client-id", client, "--auth-flow", "USER_PASSWORD_AUTH", "--auth-parameters", "USERNAME=ann,PASSWORD="+password)
		aws.ok(t, "confirm-sign-up", "--client-id", client, "--username", "ann", "--confirmation-code", aws.code(t, "ann@example.com"))

		signedIn := aws.ok(t, "admin-initiate-auth", "--user-pool-id", pool, "--client-id", client,
			"--auth-flow", "ADMIN_USER_PASSWORD_AUTH", "--auth-parameters", "USERNAME=ann,PASSWORD="+password)
		access := text(t, signedIn, "AuthenticationResult", "AccessToken")
		if got := at(t, signedIn, "AuthenticationResult", "ExpiresIn"); got != 3600.0 {
			t.Errorf("expires in %v", got)
		}
		if got := text(t, aws.ok(t, "get-user", "--access-token", access), "Username"); got != "ann" {
			t.Errorf("get-user answers %q", got)
		}
		refreshed := aws.ok(t, "initiate-auth", "--client-id", client, "--auth-flow", "REFRESH_TOKEN_AUTH",
			"--auth-parameters", "REFRESH_TOKEN="+text(t, signedIn, "AuthenticationResult", "RefreshToken"))
		text(t, refreshed, "AuthenticationResult", "IdToken")

		invited := aws.ok(t, "admin-create-user", "--user-pool-id", pool, "--username", "bob", "--temporary-password", "Temp0rary-word",
			"--desired-delivery-mediums", "EMAIL", "--user-attributes", "Name=email,Value=bob@example.com", "Name=email_verified,Value=true")
		if got := text(t, invited, "User", "UserStatus"); got != "FORCE_CHANGE_PASSWORD" {
			t.Errorf("an invited user is %s", got)
		}
		asked := aws.ok(t, "admin-initiate-auth", "--user-pool-id", pool, "--client-id", client,
			"--auth-flow", "ADMIN_USER_PASSWORD_AUTH", "--auth-parameters", "USERNAME=bob,PASSWORD=Temp0rary-word")
		answered := aws.ok(t, "admin-respond-to-auth-challenge", "--user-pool-id", pool, "--client-id", client,
			"--challenge-name", text(t, asked, "ChallengeName"), "--session", text(t, asked, "Session"),
			"--challenge-responses", "USERNAME=bob,NEW_PASSWORD="+password)
		text(t, answered, "AuthenticationResult", "AccessToken")

		for i := range 5 {
			aws.ok(t, "admin-create-user", "--user-pool-id", pool, "--username", fmt.Sprintf("many%d", i), "--message-action", "SUPPRESS")
		}
		everyone := usernames(t, aws.ok(t, "list-users", "--user-pool-id", pool, "--page-size", "2"))
		if want := []string{"ann", "bob", "many0", "many1", "many2", "many3", "many4"}; !slices.Equal(everyone, want) {
			t.Errorf("pages of two list %v, want %v", everyone, want)
		}
		for filter, want := range map[string][]string{
			`email = "ann@example.com"`:                     {"ann"},
			`username ^= "many"`:                            {"many0", "many1", "many2", "many3", "many4"},
			`cognito:user_status = "CONFIRMED"`:             {"ann", "bob"},
			`email ^= "nobody"`:                             {},
			`cognito:user_status = "FORCE_CHANGE_PASSWORD"`: {"many0", "many1", "many2", "many3", "many4"},
		} {
			if got := usernames(t, aws.ok(t, "list-users", "--user-pool-id", pool, "--filter", filter)); !slices.Equal(got, want) {
				t.Errorf("filter %s finds %v, want %v", filter, got, want)
			}
		}

		aws.ok(t, "create-group", "--user-pool-id", pool, "--group-name", "readers", "--precedence", "3")
		aws.ok(t, "admin-add-user-to-group", "--user-pool-id", pool, "--username", "ann", "--group-name", "readers")
		groups := aws.ok(t, "admin-list-groups-for-user", "--user-pool-id", pool, "--username", "ann")
		if got := at(t, groups, "Groups", 0, "Precedence"); got != 3.0 {
			t.Errorf("precedence %v", got)
		}
		if got := usernames(t, aws.ok(t, "list-users-in-group", "--user-pool-id", pool, "--group-name", "readers")); !slices.Equal(got, []string{"ann"}) {
			t.Errorf("members %v", got)
		}
		aws.ok(t, "admin-set-user-password", "--user-pool-id", pool, "--username", "ann", "--password", "An0ther-word", "--permanent")
		aws.ok(t, "admin-user-global-sign-out", "--user-pool-id", pool, "--username", "ann")

		aws.refused(t, wrongFor("GetUser", "NotAuthorizedException", "Access Token has been revoked"), "get-user", "--access-token", access)
		aws.refused(t, wrongFor("InitiateAuth", "NotAuthorizedException", "Incorrect username or password."),
			"initiate-auth", "--client-id", client, "--auth-flow", "USER_PASSWORD_AUTH", "--auth-parameters", "USERNAME=ann,PASSWORD="+password)
		aws.refused(t, wrongFor("ListUsers", "InvalidParameterException", "Error while parsing filter."),
			"list-users", "--user-pool-id", pool, "--filter", "email")
		aws.refused(t, wrongFor("AdminGetUser", "UserNotFoundException", "User does not exist."),
			"admin-get-user", "--user-pool-id", pool, "--username", "nobody")
		aws.refused(t, wrongFor("DescribeUserPool", "ResourceNotFoundException", "User pool us-east-1_AAAAAAAAA does not exist."),
			"describe-user-pool", "--user-pool-id", "us-east-1_AAAAAAAAA")

		aws.ok(t, "delete-user-pool-client", "--user-pool-id", pool, "--client-id", client)
		aws.ok(t, "delete-user-pool", "--user-pool-id", pool)
		aws.refused(t, wrongFor("DescribeUserPool", "ResourceNotFoundException", "User pool "+pool+" does not exist."),
			"describe-user-pool", "--user-pool-id", pool)
	})
}
