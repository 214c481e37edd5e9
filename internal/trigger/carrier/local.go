package carrier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"
)

// Function is a handler on this machine, written as for AWS Lambda.
type Function struct {
	Folder  string            // holds the handler: an executable named bootstrap, a Node.js module, or a Python module
	Handler string            // as Lambda's setting, such as index.handler; empty: what the folder suggests
	Env     map[string]string // variables for the process, beside Lambda's own and those of LocalOptions
	Timeout time.Duration     // how long one invocation may take before the process is killed; zero: ten seconds
}

// LocalOptions configure a Local.
type LocalOptions struct {
	Functions map[string]Function // by name or ARN
	Environ   []string            // of the server, as os.Environ; processes inherit some of it (environment.go)
	Inherit   []string            // names of variables that they inherit as well
	Log       *slog.Logger        // gets what the processes write
	Now       func() time.Time    // the wall clock: processes compare deadlines with their own
}

// How a local function is run.
const (
	invokeTimeout = 10 * time.Second       // of one invocation, when the function says nothing
	startTimeout  = 10 * time.Second       // from start to the first request for an event, as in Lambda
	maxInstances  = 8                      // processes of one function: as many events as it handles at once
	firstBackoff  = 100 * time.Millisecond // before a restart, doubled with each failure in a row
	lastBackoff   = 2 * time.Second
)

// Local runs functions as processes of this machine and is to them what the Lambda Runtime API is: each process asks a loopback
// port for its next event and posts the answer there. A process starts with the first event, stays for the next ones, and is
// replaced when it dies or a file in its folder changes. Like Lambda, a process has one event at a time; while it is busy,
// another starts, so that a handler may call back and cause an event of its own.
//
// A caller who stops waiting does not stop the handler: it runs on to its own time limit.
type Local struct {
	functions map[string]*function
	stop      context.CancelFunc
	running   sync.WaitGroup
}

var errClosed = errors.New("the server is stopping")

// NewLocal checks the folders. Nothing is started yet. The carrier must be closed.
func NewLocal(o LocalOptions) (*Local, error) {
	l := &Local{functions: map[string]*function{}}
	var life context.Context
	life, l.stop = context.WithCancel(context.Background())
	environment := inherited(o.Environ, o.Inherit)
	for name, setting := range o.Functions {
		full, _ := unqualified(name)
		p, err := newProgram(functionName(full), setting)
		if err != nil {
			l.stop()
			return nil, fmt.Errorf("local function %s: %w", name, err)
		}
		f := &function{
			program: p, inherited: environment, timeout: setting.Timeout, log: o.Log.With("function", p.name), now: o.Now,
			life: life, running: &l.running, slots: make(chan struct{}, maxInstances),
		}
		if f.timeout == 0 {
			f.timeout = invokeTimeout
		}
		l.functions[name] = f
	}
	return l, nil
}

// Invoke implements Carrier.
func (l *Local) Invoke(ctx context.Context, functionARN string, payload []byte) (Result, error) {
	for _, key := range names(functionARN) {
		if f := l.functions[key]; f != nil {
			return f.invoke(ctx, functionARN, payload)
		}
	}
	return Result{}, notFound(functionARN)
}

// Close kills all processes and waits until they are gone. Later invocations fail.
func (l *Local) Close() error {
	for _, f := range l.functions {
		f.close()
	}
	l.stop()
	l.running.Wait()
	return nil
}

// folderStamp tells whether a folder is still as it was: the number of its files and the time of the last change among them.
// Dependencies and version control are ignored: they are large and change with the rest.
type folderStamp struct {
	files int
	last  time.Time
}

func stampOf(folder string) folderStamp {
	var s folderStamp
	s.add(folder, 0)
	return s
}

// The bounds of a look at a folder: it happens before each event.
const (
	stampDepth = 8
	stampFiles = 5000
)

func (s *folderStamp) add(folder string, depth int) {
	entries, err := os.ReadDir(folder)
	if err != nil || depth > stampDepth {
		return
	}
	for _, e := range entries {
		name := e.Name()
		switch {
		case s.files >= stampFiles:
			return
		case name == "node_modules" || name == "__pycache__" || strings.HasPrefix(name, "."):
		case e.IsDir():
			s.add(folder+string(os.PathSeparator)+name, depth+1)
		default:
			s.files++
			if info, err := e.Info(); err == nil && info.ModTime().After(s.last) {
				s.last = info.ModTime()
			}
		}
	}
}
