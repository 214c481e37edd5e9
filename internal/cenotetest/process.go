package cenotetest

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// BinaryOptions say how to run the command. The zero value is `cenote serve` on SQLite.
type BinaryOptions struct {
	Program  string   // path of the command; "" for what Binary builds
	Under    []string // what runs the command, such as nsenter with its arguments; it has to become the command, without a new process
	Listen   string   // address; "" for a free port of loopback
	Command  string   // "serve" when empty, or "dev"
	Args     []string // more flags
	Env      []string // more variables, as NAME=value; CENOTE_ROOT_ACCESS_KEY_ID and its secret are set unless they are empty here
	Database string   // a postgres:// URL; "" stands for SQLite in DataDir
	DataDir  string   // "" for a new folder; nodes of one database share it, because the master key is there
}

// Process is the command, running as a process of its own.
type Process struct {
	URL             string // without a trailing slash
	AccessKeyID     string
	SecretAccessKey string
	DataDir         string

	options BinaryOptions
	listen  string
	cmd     *exec.Cmd
	out     *Output // standard output
	said    *Output // standard error
	ended   chan struct{}
	err     error // of the process; to be read when ended is closed
}

// StartBinary builds the command if need be, runs it, and returns when it is ready. It ends with the test.
func StartBinary(t testing.TB, o BinaryOptions) *Process {
	t.Helper()
	if o.Command == "" {
		o.Command = "serve"
	}
	if o.DataDir == "" {
		o.DataDir = t.TempDir()
	}
	p := &Process{
		AccessKeyID: accessKeyID, SecretAccessKey: secretAccessKey, DataDir: o.DataDir,
		options: o, listen: o.Listen,
	}
	if p.listen == "" {
		p.listen = FreeAddress(t)
	}
	t.Cleanup(func() {
		if p.cmd != nil && p.cmd.Process != nil {
			p.Kill()
		}
	})
	p.Start(t)
	return p
}

// Start runs the command again after Kill or Stop, on the same data and address, and returns when it is ready.
func (p *Process) Start(t testing.TB) {
	t.Helper()
	args := append([]string{p.options.Command, "--listen", p.listen, "--data-dir", p.DataDir, "--log-format", "json"}, p.options.Args...)
	if p.options.Command == "serve" && !slices.Contains(p.options.Args, "--shutdown-delay") {
		args = append(args, "--shutdown-delay", "0s")
	}
	if p.options.Database != "" {
		args = append(args, "--database", p.options.Database)
	}
	program := p.options.Program
	if program == "" {
		program = Binary(t)
	}
	line := append(append(slices.Clone(p.options.Under), program), args...)
	p.cmd = exec.Command(line[0], line[1:]...)
	p.cmd.Dir = p.DataDir // no cenote.yaml from elsewhere
	env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "CENOTE_") })
	p.cmd.Env = append(append(env, "CENOTE_ROOT_ACCESS_KEY_ID="+accessKeyID, "CENOTE_ROOT_SECRET_ACCESS_KEY="+secretAccessKey), p.options.Env...)
	serving := make(chan servingLine, 1)
	p.out, p.said = &Output{}, &Output{}
	p.cmd.Stdout = p.out
	lines, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start cenote: %v", err)
	}
	ended, cmd := make(chan struct{}), p.cmd
	p.ended = ended
	go func() {
		defer close(ended)
		follow(lines, p.said, serving)
		p.err = cmd.Wait()
		forget()
	}()
	select {
	case line := <-serving:
		p.URL, p.listen = line.URL, line.Address
	case <-ended:
		t.Fatalf("cenote %s ended: %v\n%s", strings.Join(args, " "), p.err, p.said)
	case <-time.After(time.Minute):
		t.Fatalf("cenote does not serve\n%s", p.said)
	}
	p.awaitReady(t)
}

// servingLine is the line of the log in which a server says where it is.
type servingLine struct{ Msg, URL, Address string }

// follow copies the log and passes that line on.
func follow(lines io.Reader, to io.Writer, serving chan<- servingLine) {
	scan := bufio.NewScanner(lines)
	for scan.Scan() {
		_, _ = to.Write(append(scan.Bytes(), '\n'))
		var line servingLine
		if json.Unmarshal(scan.Bytes(), &line) == nil && line.Msg == "serving" {
			serving <- line
		}
	}
}

func (p *Process) awaitReady(t testing.TB) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL+"/readyz", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			continue
		}
		_ = res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return
		}
	}
	t.Fatalf("cenote is not ready\n%s", p.said)
}

// Kill ends the process at once, as kill -9 does, and waits until it is gone. A process that has ended already is left alone.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // fails only when it has ended
	<-p.ended
}

// Stop ends the process by SIGTERM and returns its exit code. It is killed when it does not end within a minute.
func (p *Process) Stop(t testing.TB) int {
	t.Helper()
	p.Signal(t, syscall.SIGTERM)
	return p.Wait(t)
}

// Signal sends the process a signal.
func (p *Process) Signal(t testing.TB, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatalf("signal cenote: %v", err)
	}
}

// Wait waits until the process ends and returns its exit code: -1 when a signal ended it. It is killed after a minute.
func (p *Process) Wait(t testing.TB) int {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(time.Minute):
		p.Kill()
		t.Fatalf("cenote does not end\n%s", p.said)
	}
	var exit *exec.ExitError
	if p.err != nil && !errors.As(p.err, &exit) {
		t.Fatalf("cenote: %v", p.err)
	}
	return p.cmd.ProcessState.ExitCode()
}

// Output returns what the process has written to standard output so far.
func (p *Process) Output() string { return p.out.String() }

// Log returns what the process has written to standard error so far.
func (p *Process) Log() string { return p.said.String() }

// SDK returns the official client for the server. It never retries.
func (p *Process) SDK() *idp.Client { return Dial(p.URL, p.AccessKeyID, p.SecretAccessKey) }

// PID returns the id of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }
