package carrier

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// The programs that load a handler module and speak the Runtime API for it. They are handed over on the command line, so nothing
// is written to the disk.
var (
	//go:embed runtime_node.mjs
	nodeRuntime string
	//go:embed runtime_python.py
	pythonRuntime string
)

// program is how the handler in a folder is run.
type program struct {
	name    string // of the function
	folder  string // absolute
	kind    kind
	handler string
	env     map[string]string
}

type kind int

const (
	binary kind = iota
	node
	python
)

// newProgram finds out what is in the folder.
func newProgram(name string, f Function) (*program, error) {
	folder, err := filepath.Abs(f.Folder)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%s is not a folder", folder)
	}
	p := &program{name: name, folder: folder, handler: f.Handler, env: f.Env}
	if p.has(bootstrapName()) {
		p.kind = binary
		if p.handler == "" {
			p.handler = "bootstrap"
		}
		return p, nil
	}
	for _, choice := range []struct {
		kind       kind
		handler    string
		extensions []string
	}{
		{node, "index.handler", []string{".mjs", ".js", ".cjs"}},
		{python, "lambda_function.lambda_handler", []string{".py"}},
	} {
		handler := f.Handler
		if handler == "" {
			handler = choice.handler
		}
		module, _, ok := strings.Cut(filepath.Base(handler), ".")
		if !ok || strings.HasPrefix(filepath.ToSlash(handler), "../") {
			return nil, fmt.Errorf("handler %q is not of the form file.function", handler)
		}
		file := filepath.Join(filepath.Dir(handler), module)
		if slices.ContainsFunc(choice.extensions, func(ext string) bool { return p.has(file + ext) }) {
			p.kind, p.handler = choice.kind, handler
			return p, nil
		}
	}
	if f.Handler != "" {
		return nil, fmt.Errorf("no file for handler %q in %s", f.Handler, folder)
	}
	return nil, fmt.Errorf("neither bootstrap nor index.mjs, index.js or lambda_function.py in %s", folder)
}

func (p *program) has(file string) bool {
	info, err := os.Stat(filepath.Join(p.folder, file))
	return err == nil && info.Mode().IsRegular()
}

func bootstrapName() string {
	if runtime.GOOS == "windows" {
		return "bootstrap.exe"
	}
	return "bootstrap"
}

// command returns what to execute. Interpreters are found in the PATH when they are needed.
func (p *program) command() (path string, args []string, err error) {
	switch p.kind {
	case node:
		path, err = exec.LookPath("node")
		return path, []string{"--input-type=module", "--eval", nodeRuntime}, err
	case python:
		path, err = exec.LookPath("python3")
		if errors.Is(err, exec.ErrNotFound) {
			path, err = exec.LookPath("python")
		}
		return path, []string{"-u", "-c", pythonRuntime}, err
	default:
		return filepath.Join(p.folder, bootstrapName()), nil, nil
	}
}

// environment returns the variables that Lambda sets, over the inherited ones and under those of the function.
func (p *program) environment(inherited []string, api string) []string {
	const memory = "128"
	env := slices.Concat(inherited, []string{
		"AWS_LAMBDA_RUNTIME_API=" + api,
		"_HANDLER=" + p.handler,
		"LAMBDA_TASK_ROOT=" + p.folder,
		"LAMBDA_RUNTIME_DIR=" + p.folder,
		"AWS_LAMBDA_FUNCTION_NAME=" + p.name,
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=" + memory,
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/" + p.name,
		"AWS_LAMBDA_LOG_STREAM_NAME=local",
		"TZ=:UTC",
	})
	for name, value := range p.env {
		env = append(env, name+"="+value)
	}
	return env
}
