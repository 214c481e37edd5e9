package cli_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// screen is a terminal with a shell command in it.
type screen struct {
	keys io.Writer
	mu   sync.Mutex
	text bytes.Buffer
	read int // how much of the text expect has passed
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

// shell runs a command, in which $C is the binary, in a terminal.
func (d *desk) shell(t *testing.T, command string) *screen {
	t.Helper()
	program, err := exec.LookPath("script")
	if err != nil {
		t.Skip("script(1) of util-linux is not installed")
	}
	cmd := exec.CommandContext(t.Context(), program, "--quiet", "--return", "--command", command, "/dev/null")
	cmd.Env = append(os.Environ(), append(d.env, "C="+cenotetest.Binary(t), "F="+filepath.Join(d.dir, "sessions.json"), "SHELL=/bin/sh")...)
	s := &screen{}
	cmd.Stdout, cmd.WaitDelay = s, 10*time.Second
	keys, err := cmd.StdinPipe()
	must(t, err)
	s.keys = keys
	must(t, cmd.Start())
	t.Cleanup(func() {
		_, _ = io.WriteString(keys, "\x03") // ends what still asks
		_ = keys.Close()
		_ = cmd.Wait()
	})
	return s
}

// expect waits for a text and returns what stands before it.
func (s *screen) expect(t *testing.T, text string) string {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		s.mu.Lock()
		rest := s.text.String()[s.read:]
		before, _, found := strings.Cut(rest, text)
		if found {
			s.read += len(before) + len(text)
		}
		s.mu.Unlock()
		if found {
			return strings.ReplaceAll(before, "\r", "")
		}
	}
	t.Fatalf("%q does not appear in %q", text, s.text.String())
	return ""
}

func (s *screen) press(t *testing.T, keys string) {
	t.Helper()
	_, err := io.WriteString(s.keys, keys)
	must(t, err)
}

func TestCtrlCEndsAQuestionAndLeavesTheTerminalAsItWas(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.signedIn(t)
	for _, tc := range []struct{ name, command, question string }{
		{"a password", `sign-in ann@example.com`, "Password: "},
		{"a name", `sign-in`, "Username: "},
		{"the old password", `passwd`, "Old password: "},
		{"a consent", `delete`, " to delete the account for good: "},
		{"a code", `mfa --set-up`, "Code of the authenticator app: "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := d.shell(t, `trap : INT; stty cols 80; "$C" user `+tc.command+` --session-file "$F"; echo "exit $?"; stty -a; echo done`)
			s.expect(t, tc.question)
			s.press(t, "\x03")
			if said := s.expect(t, "exit 130"); !strings.HasSuffix(said, "\ncenote: error: interrupted\n") {
				t.Errorf("said %q", said)
			}
			if state := s.expect(t, "done"); !strings.Contains(state, " echo ") || !strings.Contains(state, " icanon ") {
				t.Errorf("the terminal is left with %s", state)
			}
		})
	}
}

func TestAPasswordDoesNotShowAndItsQuestionIsAskedAgainWhereThePoolRefusesIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	_, err := d.srv.SDK().AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
		UserPoolId: &d.srv.PoolID, Username: aws.String(ann), TemporaryPassword: aws.String("Temp0rary!"), MessageAction: types.MessageActionTypeSuppress,
	})
	must(t, err)
	s := d.shell(t, `"$C" user sign-in ann@example.com --session-file "$F"; echo "exit $?"`)
	for _, step := range []struct{ question, answer string }{
		{"Password: ", "Temp0rary!"},
		{"New password: ", "weak"},
		{"The same again: ", "weak"},
		{"Password does not conform to policy", ""},
		{"New password: ", password},
		{"The same again: ", password},
	} {
		s.expect(t, step.question)
		if step.answer != "" {
			s.press(t, step.answer+"\r")
		}
	}
	if said := s.expect(t, "exit 0"); !strings.Contains(said, "signed in as ann@example.com (") {
		t.Errorf("said %q", said)
	}
	for _, secret := range []string{"Temp0rary!", "weak", password} {
		if strings.Contains(s.text.String(), secret) {
			t.Errorf("%s shows in %q", secret, s.text.String())
		}
	}
}

func TestAQRCodeFitsTheTerminalOrIsLeftOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.signedIn(t)
	s := d.shell(t, `stty cols 80; "$C" user mfa --set-up --session-file "$F"`)
	picture := s.expect(t, "Scan this with an authenticator app")
	if lines := strings.Count(picture, "\n"); lines < 20 || lines > 23 {
		t.Errorf("the code has %d lines, which do not fit 24 lines but for the margin:\n%s", lines, picture)
	}
	s = d.shell(t, `stty cols 40; "$C" user mfa --set-up --session-file "$F"`)
	if picture := s.expect(t, "The terminal is too narrow for a QR code."); strings.Contains(picture, "█") {
		t.Errorf("a code is drawn all the same:\n%s", picture)
	}
	s.expect(t, "Code of the authenticator app: ")
}

func TestChoicesAreInTheWordsOfPeople(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.signedIn(t)
	d.env = []string{"CENOTE_URL=" + d.srv.URL, "CENOTE_POOL_ID=" + d.srv.PoolID, "CENOTE_CLIENT_ID=" + d.srv.ClientID}
	for _, answer := range []string{"1", "password", "PASSWORD_SRP"} {
		s := d.shell(t, `"$C" user sign-in ann@example.com --flow choice --session-file "$F"; echo "exit $?"`)
		s.expect(t, "Sign in with (1 password, 2 code by e-mail): ")
		s.press(t, "3\r")
		s.expect(t, "Sign in with (1 password, 2 code by e-mail): ")
		s.press(t, answer+"\r")
		s.expect(t, "Password: ")
		s.press(t, password+"\r")
		s.expect(t, "exit 0")
	}
}
