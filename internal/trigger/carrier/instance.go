package carrier

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"
)

// instance is one process of a function, with a Runtime API of its own: what is posted there can only be about this process.
type instance struct {
	cmd     *exec.Cmd
	cancel  context.CancelFunc // kills the process and its children
	doomed  atomic.Bool        // it has been killed, or soon will be
	started time.Time
	stamp   folderStamp      // of the folder when the process started
	next    chan *invocation // to the process, when it asks
	ended   chan struct{}    // closed when the process is gone; exit is set before
	exit    string           // how it ended

	mu      sync.Mutex
	current *invocation // what the process is at
	asked   bool        // whether it ever asked for an event
	flaw    []byte      // the error that kept it from starting, as it reported it
}

// start runs the program. The caller of start holds mu.
func (f *function) start(stamp folderStamp) (*instance, error) {
	path, args, err := f.program.command()
	if err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(f.life, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(f.life)
	in := &instance{cancel: cancel, started: f.now(), stamp: stamp, next: make(chan *invocation), ended: make(chan struct{})}
	in.cmd = exec.CommandContext(ctx, path, args...)
	in.cmd.Dir = f.program.folder
	in.cmd.Env = f.program.environment(f.inherited, listener.Addr().String())
	in.cmd.WaitDelay = time.Second // for children that keep the output open
	in.cmd.Cancel = func() error { return killGroup(in.cmd.Process) }
	setGroup(in.cmd)
	out, errs := &lines{log: f.log, stream: "stdout"}, &lines{log: f.log, stream: "stderr"}
	in.cmd.Stdout, in.cmd.Stderr = out, errs
	if err := in.cmd.Start(); err != nil {
		cancel()
		_ = listener.Close()
		return nil, err
	}
	server := &http.Server{Handler: in.routes(listener.Addr().String()), ReadHeaderTimeout: startTimeout}
	f.running.Go(func() { _ = server.Serve(listener) })
	f.running.Go(func() {
		_ = in.cmd.Wait()
		out.flush()
		errs.flush()
		in.exit = in.cmd.ProcessState.String()
		close(in.ended)
		cancel()
		_ = server.Close()
	})
	return in, nil
}

// handle gives the event to the process and waits for its answer. When the caller leaves before the process asked for an event,
// the event is dropped; afterwards only the time limit ends it.
func (in *instance) handle(caller context.Context, inv *invocation, now time.Time, timeout time.Duration) outcome {
	starting := time.NewTimer(in.started.Add(startTimeout).Sub(now))
	defer starting.Stop()
	if in.hasAsked() {
		starting.Stop()
	}
	select {
	case in.next <- inv:
	case <-in.ended:
		if in.hasAsked() {
			return outcome{err: errGone}
		}
		return in.crashed(inv)
	case <-caller.Done():
		if in.hasAsked() {
			in.kill() // it answered once and asks no more: it hangs
		}
		return outcome{err: caller.Err()}
	case <-starting.C:
		in.kill()
		return outcome{result: unhandled("Sandbox.Timedout", fmt.Sprintf("RequestId: %s Error: Runtime did not start in %.2f seconds",
			inv.id, startTimeout.Seconds()))}
	}
	limit := time.NewTimer(timeout)
	defer limit.Stop()
	select {
	case out := <-inv.done:
		return out
	case <-in.ended:
		return in.crashed(inv)
	case <-limit.C:
		in.kill()
		return outcome{result: unhandled("Sandbox.Timedout", fmt.Sprintf("%s %s Task timed out after %.2f seconds",
			inv.deadline.UTC().Format("2006-01-02T15:04:05.000Z"), inv.id, timeout.Seconds()))}
	}
}

// errGone means that a process which had worked before ended without taking the event.
var errGone = errors.New("the process is gone")

// crashed is the outcome of an event whose process ended, unless the process still answered.
func (in *instance) crashed(inv *invocation) outcome {
	in.mu.Lock()
	defer in.mu.Unlock()
	select {
	case out := <-inv.done:
		return out
	default:
	}
	if in.flaw != nil {
		return outcome{result: Result{Payload: in.flaw, FunctionError: "Unhandled"}}
	}
	text := "RequestId: " + inv.id + " Error: Runtime exited with error: " + in.exit
	if in.exit == "exit status 0" {
		text = "RequestId: " + inv.id + " Error: Runtime exited without providing a reason"
	}
	return outcome{result: unhandled("Runtime.ExitError", text)}
}

// usable reports whether the process may have another event: it lives and its folder is as it was.
func (in *instance) usable(now folderStamp) bool { return !in.dead() && in.stamp == now }

// dead reports whether the process has ended or been told to.
func (in *instance) dead() bool {
	select {
	case <-in.ended:
		return true
	default:
		return in.doomed.Load()
	}
}

func (in *instance) kill() {
	in.doomed.Store(true)
	in.cancel()
}

func (in *instance) hasAsked() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.asked
}
