package carrier

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// TestMain makes the test's own program a function: as bootstrap in a folder it serves events with the official Go runtime.
func TestMain(m *testing.M) {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") == "" {
		os.Exit(m.Run())
	}
	if os.Getenv("FAIL_AT_START") != "" {
		fmt.Fprintln(os.Stderr, "cannot start")
		os.Exit(3)
	}
	count := 0
	lambda.Start(func(ctx context.Context, event map[string]any) (map[string]any, error) {
		count++
		switch event["do"] {
		case "fail":
			return nil, errors.New("no such luck")
		case "exit":
			os.Exit(7)
		case "hang":
			time.Sleep(time.Hour)
		case "grow":
			return map[string]any{"large": strings.Repeat("x", 5_000_000)}, nil
		}
		lc, _ := lambdacontext.FromContext(ctx)
		_, limited := ctx.Deadline()
		fmt.Println("a line from the function")
		return map[string]any{
			"count": count, "pid": os.Getpid(), "arn": lc.InvokedFunctionArn, "name": os.Getenv("AWS_LAMBDA_FUNCTION_NAME"), "limited": limited,
			"root": os.Getenv("LAMBDA_TASK_ROOT"), "secret": os.Getenv("CENOTE_MASTER_KEY"), "inherited": os.Getenv("INHERITED"), "own": os.Getenv("OWN"),
			"password": os.Getenv("PGPASSWORD"), "key": os.Getenv("AWS_SECRET_ACCESS_KEY"), "path": os.Getenv("PATH") != "",
		}, nil
	})
}

// goFunction is a folder with a bootstrap.
func goFunction(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.Symlink(self, filepath.Join(folder, "bootstrap")); err != nil {
		t.Skip(err)
	}
	return folder
}

// script is a folder with one file, for an interpreter that this machine has.
func script(t *testing.T, interpreter, file, text string) string {
	t.Helper()
	if _, err := exec.LookPath(interpreter); err != nil {
		t.Skip(err)
	}
	folder := t.TempDir()
	write(t, filepath.Join(folder, file), text)
	return folder
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// buffer is where a test's functions log.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) { b.mu.Lock(); defer b.mu.Unlock(); return b.b.Write(p) }

func (b *buffer) String() string { b.mu.Lock(); defer b.mu.Unlock(); return b.b.String() }

// local returns a carrier with the one function "auth", which is closed with the test.
func local(t *testing.T, f Function, log *buffer) *Local {
	t.Helper()
	l, err := NewLocal(LocalOptions{
		Functions: map[string]Function{"auth": f}, Inherit: []string{"INHERITED", "CENOTE_MASTER_KEY"},
		Environ: append(os.Environ(), "CENOTE_MASTER_KEY=secret", "INHERITED=yes", "PGPASSWORD=secret", "AWS_SECRET_ACCESS_KEY=secret"),
		Log:     slog.New(slog.NewTextHandler(log, nil)), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// ask invokes and decodes.
func ask(t *testing.T, c Carrier, event string) (map[string]any, Result) {
	t.Helper()
	got, err := c.Invoke(t.Context(), arn+":live", []byte(event))
	if err != nil {
		t.Fatal(err)
	}
	var answer map[string]any
	if err := json.Unmarshal(got.Payload, &answer); err != nil {
		t.Fatalf("%v in %s", err, got.Payload)
	}
	return answer, got
}

func TestLocalGo(t *testing.T) {
	t.Parallel()
	log := new(buffer)
	l := local(t, Function{Folder: goFunction(t), Env: map[string]string{"OWN": "too"}}, log)
	first, _ := ask(t, l, `{}`)
	for name, want := range map[string]any{
		"arn": arn + ":live", "name": "auth", "limited": true, "secret": "", "inherited": "yes", "password": "", "key": "", "path": true, "own": "too",
		"root": l.functions["auth"].program.folder,
	} {
		if first[name] != want {
			t.Errorf("%s is %v, want %v", name, first[name], want)
		}
	}
	second, _ := ask(t, l, `{}`)
	if second["pid"] != first["pid"] || second["count"] != 2.0 {
		t.Errorf("the second event went to %v, the first to %v", second, first)
	}
	failed, result := ask(t, l, `{"do":"fail"}`)
	if result.FunctionError != "Unhandled" || failed["errorMessage"] != "no such luck" {
		t.Errorf("got %v, %s", failed, result.FunctionError)
	}
	if third, _ := ask(t, l, `{}`); third["pid"] != first["pid"] {
		t.Error("an error of the handler ended the process")
	}

	crashed, result := ask(t, l, `{"do":"exit"}`)
	text, _ := crashed["errorMessage"].(string)
	if result.FunctionError != "Unhandled" || !strings.HasPrefix(text, "RequestId: ") ||
		!strings.HasSuffix(text, " Error: Runtime exited with error: exit status 7") {
		t.Errorf("a crash says %q", text)
	}
	if fourth, _ := ask(t, l, `{}`); fourth["pid"] == first["pid"] || fourth["count"] != 1.0 {
		t.Errorf("after a crash got %v, want a new process", fourth)
	}
	if _, err := l.Invoke(t.Context(), arn, []byte(`{"do":"grow"}`)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("5 MB: got %v, want ErrTooLarge", err)
	}
	if _, err := l.Invoke(t.Context(), arn+"2", nil); err == nil {
		t.Error("an unknown function answered")
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(log.String(), `line="a line from the function"`) {
		t.Errorf("the function's output is not in the log:\n%s", log)
	}
	if _, err := l.Invoke(t.Context(), arn, []byte(`{}`)); err == nil {
		t.Error("a closed carrier answered")
	}
}

func TestLocalHangs(t *testing.T) {
	t.Parallel()
	l := local(t, Function{Folder: goFunction(t), Timeout: 2 * time.Second}, new(buffer))
	first, _ := ask(t, l, `{}`)
	got, result := ask(t, l, `{"do":"hang"}`)
	text, _ := got["errorMessage"].(string)
	if result.FunctionError != "Unhandled" || !strings.HasSuffix(text, " Task timed out after 2.00 seconds") {
		t.Errorf("a function over its limit says %q", text)
	}
	if again, _ := ask(t, l, `{}`); again["pid"] == first["pid"] {
		t.Error("the process over its limit still answers")
	}
}

func TestLocalCallerLeaves(t *testing.T) {
	t.Parallel()
	l := local(t, Function{Folder: goFunction(t)}, new(buffer))
	first, _ := ask(t, l, `{}`)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := l.Invoke(ctx, arn, []byte(`{"do":"hang"}`)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the end of the context", err)
	}
	if other, _ := ask(t, l, `{}`); other["pid"] == first["pid"] {
		t.Error("a process that is busy was asked")
	}
}

func TestLocalManyAtOnce(t *testing.T) {
	t.Parallel()
	l := local(t, Function{Folder: goFunction(t)}, new(buffer))
	var all sync.WaitGroup
	for range 3 * maxInstances {
		all.Go(func() {
			if got, err := l.Invoke(t.Context(), arn, []byte(`{}`)); err != nil || got.FunctionError != "" {
				t.Errorf("got %s (%v)", got.Payload, err)
			}
		})
	}
	all.Wait()
	f := l.functions["auth"]
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(f.idle); n < 1 || n > maxInstances {
		t.Errorf("%d processes are left, want 1 to %d", n, maxInstances)
	}
}

func TestLocalCannotStart(t *testing.T) {
	t.Parallel()
	l := local(t, Function{Folder: goFunction(t), Env: map[string]string{"FAIL_AT_START": "1"}}, new(buffer))
	before := time.Now()
	got, result := ask(t, l, `{}`)
	text, _ := got["errorMessage"].(string)
	if result.FunctionError == "" || !strings.HasSuffix(text, "Runtime exited with error: exit status 3") {
		t.Errorf("got %q", text)
	}
	f := l.functions["auth"]
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failures != 1 {
		t.Errorf("%d failures", f.failures)
	}
	pauses := func(want time.Duration) {
		t.Helper()
		if f.restart.Before(before.Add(want)) || f.restart.After(time.Now().Add(want)) {
			t.Errorf("restart at %s, want it %s after the failure, which was later than %s", f.restart, want, before)
		}
	}
	pauses(firstBackoff)
	for want := firstBackoff; want <= 2*lastBackoff; want *= 2 {
		f.failures--
		before = time.Now()
		f.failed()
		pauses(min(want, lastBackoff))
		f.failures++
	}
}

func TestLocalNode(t *testing.T) {
	t.Parallel()
	const boom = "const e = new TypeError('boom'); throw e;"
	tests := []struct {
		name, file, text, handler string
		want                      string // the answer, or the message of an error
		failed                    bool
	}{
		{
			name: "an async handler of a module", file: "index.mjs",
			text: "export const handler = async (event, context) => { event.response = { name: context.functionName }; return event; };",
			want: `{"a":"é","response":{"name":"auth"}}`,
		},
		{
			name: "a handler with a callback", file: "index.js",
			text: "exports.handler = (event, context, callback) => { setTimeout(() => callback(null, { done: event.a }), 1); };", want: `{"done":"é"}`,
		},
		{name: "a handler that ends by its context", file: "index.cjs", text: "exports.handler = (e, context) => context.succeed({ ok: 1 });", want: `{"ok":1}`},
		{name: "a handler that never answers", file: "index.js", text: "exports.handler = () => {};", want: `null`},
		{name: "another file and name", file: "sign.js", text: "exports.up = { run: async () => 5 };", handler: "sign.up.run", want: `5`},
		{name: "a handler that throws", file: "index.mjs", text: "export async function handler() { " + boom + " }", want: "boom", failed: true},
		{name: "a callback with a text", file: "index.js", text: "exports.handler = (e, c, callback) => callback('no way');", want: "no way", failed: true},
		{name: "a module that throws", file: "index.mjs", text: boom, want: "boom", failed: true},
		{name: "a module without the handler", file: "index.js", text: "exports.other = 1;", want: "index.handler is undefined or not exported", failed: true},
		{
			name: "an error that nobody catches", file: "index.mjs", failed: true, want: "late",
			text: "export const handler = () => new Promise(() => setTimeout(() => { throw new Error('late'); }, 1));",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := local(t, Function{Folder: script(t, "node", tt.file, tt.text), Handler: tt.handler}, new(buffer))
			for range 2 {
				got, err := l.Invoke(t.Context(), arn, []byte(`{"a":"é"}`))
				if err != nil {
					t.Fatal(err)
				}
				answer := string(got.Payload)
				if tt.failed {
					var f failure
					if err := json.Unmarshal(got.Payload, &f); err != nil || f.Type == "" {
						t.Errorf("%v in %s", err, got.Payload)
					}
					answer = f.Message
				}
				if answer != tt.want || (got.FunctionError != "") != tt.failed {
					t.Errorf("got %s %q, want %s", answer, got.FunctionError, tt.want)
				}
			}
		})
	}
}

func TestLocalPython(t *testing.T) {
	t.Parallel()
	folder := script(t, "python3", "lambda_function.py", "def lambda_handler(event, context):\n"+
		"    if event.get('do') == 'fail':\n        raise ValueError('no way')\n"+
		"    return {'name': context.function_name, 'a': event['a'], 'left': context.get_remaining_time_in_millis() > 0}\n")
	l := local(t, Function{Folder: folder}, new(buffer))
	if got, _ := ask(t, l, `{"a":"é"}`); got["name"] != "auth" || got["a"] != "é" || got["left"] != true {
		t.Errorf("got %v", got)
	}
	if got, result := ask(t, l, `{"do":"fail"}`); got["errorMessage"] != "no way" || got["errorType"] != "ValueError" || result.FunctionError == "" {
		t.Errorf("got %v", got)
	}
}

func TestAHandlerThatDoesNotParseShowsFileAndLine(t *testing.T) {
	t.Parallel()
	const esm, broken = "export const handler = async (e) => e;\n", "const a = 1;\n\nconst b = {{;\n"
	for name, tt := range map[string]struct {
		interpreter, file string
		files             map[string]string
		want              string
	}{
		"a module":          {"node", "index.mjs", map[string]string{"index.mjs": broken + esm}, "SyntaxError: Unexpected token '{' (index.mjs, line 3)"},
		"a CommonJS module": {"node", "index.js", map[string]string{"index.js": broken}, "SyntaxError: Unexpected token '{' (index.js, line 3)"},
		"a module of the handler's": {
			"node", "index.mjs",
			map[string]string{"index.mjs": "import './lib/other.mjs';\n" + esm, "lib/other.mjs": broken},
			"SyntaxError: Unexpected token '{' (lib/other.mjs, line 3)",
		},
		"Python": {
			"python3", "lambda_function.py",
			map[string]string{"lambda_function.py": "import os\ndef lambda_handler(event, context:\n    return event\n"},
			"(lambda_function.py, line 2)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := script(t, tt.interpreter, tt.file, "")
			for file, text := range tt.files {
				if err := os.MkdirAll(filepath.Dir(filepath.Join(folder, file)), 0o700); err != nil {
					t.Fatal(err)
				}
				write(t, filepath.Join(folder, file), text)
			}
			log := new(buffer)
			got, result := ask(t, local(t, Function{Folder: folder}, log), `{}`)
			text, _ := got["errorMessage"].(string)
			if got["errorType"] != "Runtime.UserCodeSyntaxError" || !strings.HasSuffix(text, tt.want) || result.FunctionError != "Unhandled" {
				t.Errorf("got %v, want %s", got, tt.want)
			}
		})
	}
}

func TestLocalNoticesChanges(t *testing.T) {
	t.Parallel()
	folder := script(t, "node", "index.mjs", "export const handler = async () => ({ version: 1 });")
	l := local(t, Function{Folder: folder}, new(buffer))
	if got, _ := ask(t, l, `{}`); got["version"] != 1.0 {
		t.Errorf("got %v, want version 1", got)
	}
	write(t, filepath.Join(folder, "index.mjs"), "export const handler = async () => ({ version: 2 });")
	if err := os.Chtimes(filepath.Join(folder, "index.mjs"), time.Time{}, time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if got, _ := ask(t, l, `{}`); got["version"] != 2.0 {
		t.Errorf("got %v, want version 2", got)
	}
}

func TestLocalSettings(t *testing.T) {
	t.Parallel()
	empty, file := t.TempDir(), filepath.Join(t.TempDir(), "index.js")
	write(t, file, "")
	for name, f := range map[string]Function{
		"a folder that is not there":   {Folder: filepath.Join(empty, "x")},
		"a file":                       {Folder: file},
		"a folder without a handler":   {Folder: empty},
		"a handler that is not there":  {Folder: filepath.Dir(file), Handler: "other.handler"},
		"a handler without a function": {Folder: filepath.Dir(file), Handler: "index"},
		"a handler outside the folder": {Folder: empty, Handler: "../" + filepath.Base(filepath.Dir(file)) + "/index.handler"},
	} {
		_, err := NewLocal(LocalOptions{Functions: map[string]Function{"auth": f}, Log: slog.New(slog.DiscardHandler), Now: time.Now})
		if err == nil || !strings.HasPrefix(err.Error(), "local function auth: ") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestRuntimeAPI has requests that no runtime of ours sends.
func TestRuntimeAPI(t *testing.T) {
	t.Parallel()
	in := &instance{next: make(chan *invocation), cancel: func() {}}
	url := ""
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in.routes(strings.TrimPrefix(url, "http://")).ServeHTTP(w, r)
	})
	url = serve(t, handler)
	inv := &invocation{id: "1", done: make(chan outcome, 1)}
	in.current = inv
	tests := []struct {
		name, path, origin, host, body string
		want                           int
	}{
		{name: "a web page", path: "invocation/1/response", origin: "https://example.com", want: 403},
		{name: "a name that leads here", path: "invocation/1/response", host: "example.com", want: 403},
		{name: "an unknown event", path: "invocation/2/response", want: 400},
		{name: "another route", path: "telemetry", want: 404},
		{name: "an answer", path: "invocation/1/response", body: "{}", want: 202},
		{name: "a second answer", path: "invocation/1/error", body: "{}", want: 400},
		{name: "a start that failed", path: "init/error", body: "not JSON", want: 202},
	}
	for _, tt := range tests { // in this order
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/2018-06-01/runtime/"+tt.path, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Host = tt.host
		if tt.origin != "" {
			req.Header.Set("Origin", tt.origin)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, res.StatusCode, tt.want)
		}
	}
	if out := <-inv.done; string(out.result.Payload) != "{}" {
		t.Errorf("the answer is %q", out.result.Payload)
	}
	if !in.doomed.Load() || !isFailure(in.flaw) {
		t.Errorf("after a failed start: doomed %t, flaw %s", in.doomed.Load(), in.flaw)
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	out := new(buffer)
	l := &lines{log: slog.New(slog.NewTextHandler(out, nil)), stream: "stdout"}
	for _, part := range []string{"one\r\ntw", "o\n\n", strings.Repeat("x", 2*maxLine) + "\n", "last"} {
		if n, err := l.Write([]byte(part)); n != len(part) || err != nil {
			t.Errorf("wrote %d of %d (%v)", n, len(part), err)
		}
	}
	l.flush()
	text := out.String()
	for _, want := range []string{"line=one\n", "line=two\n", "line=" + strings.Repeat("x", maxLine) + "\n", "line=last\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %.20q", want)
		}
	}
	if n := strings.Count(text, "\n"); n != 4 {
		t.Errorf("%d lines, want 4", n)
	}
}
