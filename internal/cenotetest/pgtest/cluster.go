package pgtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// guard runs the server as its child and ends it when standard input closes, which it does when the test process ends, by whatever
// cause. Then it removes the folder.
const guard = `dir=$1; shift
"$@" >"$dir/log" 2>&1 </dev/null & server=$!
read -r _
kill -QUIT $server; wait $server
rm -rf "$dir"`

// startTime bounds how long a new cluster may take to answer; machines under load take their time.
const startTime = 60 * time.Second

// cluster is a running server.
type cluster struct {
	url  string    // of its maintenance database
	life io.Closer // what the guard listens to; kept, or the collector would close it
	bin  string    // folder of the programs
}

// startCluster makes a cluster and starts it.
func startCluster() (*cluster, error) {
	bin, err := findBinaries()
	if err != nil {
		return nil, err
	}
	attr, dir, err := prepareFolder()
	if err != nil {
		return nil, err
	}
	if err := initialize(bin, dir, attr); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	return launch(bin, dir, attr)
}

// startStandby makes a copy of the cluster that follows it, and starts it.
func (c *cluster) startStandby() (*cluster, error) {
	attr, dir, err := prepareFolder()
	if err != nil {
		return nil, err
	}
	out, err := run(attr, dir, filepath.Join(c.bin, "pg_basebackup"), "-d", c.url, "-D", filepath.Join(dir, "data"), "-R", "-c", "fast", "--no-sync")
	if err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("pg_basebackup: %w: %s", err, out)
	}
	return launch(c.bin, dir, attr)
}

// launch starts the server on the files in the folder.
func launch(bin, dir string, attr *syscall.SysProcAttr) (*cluster, error) {
	cmd := exec.Command("/bin/sh", append([]string{"-c", guard, "sh", dir}, serverCommand(bin, dir)...)...)
	cmd.SysProcAttr, cmd.Dir = attr, dir
	life, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/postgres", RawQuery: url.Values{"host": {dir}}.Encode()}
	if err := waitFor(u.String()); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		life.Close()
		return nil, fmt.Errorf("%w; its log ends with: %s", err, log[max(0, len(log)-2000):])
	}
	return &cluster{url: u.String(), life: life, bin: bin}, nil
}

// findBinaries returns the folder of the newest PostgreSQL.
func findBinaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if path, err := exec.LookPath("initdb"); err == nil && len(found) == 0 {
		found = []string{path}
	}
	if len(found) == 0 {
		return "", errNone
	}
	version := func(path string) float64 {
		v, _ := strconv.ParseFloat(filepath.Base(filepath.Dir(filepath.Dir(path))), 64)
		return v
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return int(version(a) - version(b)) })), nil
}

// prepareFolder makes the cluster's folder, owned by the user that is to run the server: PostgreSQL refuses to run as root.
func prepareFolder() (*syscall.SysProcAttr, string, error) {
	attr := &syscall.SysProcAttr{Setpgid: true} // an interrupt at the terminal is for the test, the guard follows it
	parent := os.TempDir()
	uid, gid := -1, -1
	if os.Getuid() == 0 {
		owner, err := user.Lookup("postgres")
		if err != nil {
			return nil, "", fmt.Errorf("PostgreSQL does not run as root: %w", err)
		}
		if uid, err = strconv.Atoi(owner.Uid); err != nil {
			return nil, "", err
		}
		if gid, err = strconv.Atoi(owner.Gid); err != nil {
			return nil, "", err
		}
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if !enterable(parent) {
			parent = "/tmp"
		}
	}
	dir, err := os.MkdirTemp(parent, "cenote-pg-")
	if err != nil {
		return nil, "", err
	}
	return attr, dir, os.Chown(dir, uid, gid)
}

// enterable reports whether any user may enter the folder and those above it.
func enterable(dir string) bool {
	for {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		return true
	}
}

// initialize makes the cluster's files. The default collation is a language's, if this build knows how: text that forgets to ask
// for byte order is found out.
func initialize(bin, dir string, attr *syscall.SysProcAttr) error {
	args := []string{"-D", filepath.Join(dir, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"}
	out, err := run(attr, dir, filepath.Join(bin, "initdb"), append(args, "--locale-provider=icu", "--icu-locale=en-US")...)
	if err != nil {
		if err := os.RemoveAll(filepath.Join(dir, "data")); err != nil {
			return err
		}
		out, err = run(attr, dir, filepath.Join(bin, "initdb"), args...)
	}
	if err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

func run(attr *syscall.SysProcAttr, dir, name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	cmd.SysProcAttr, cmd.Dir = attr, dir
	out, err := cmd.CombinedOutput()
	return bytes.TrimSpace(out), err
}

// serverCommand is the server's command line. It names a standby that never comes, and commits do not wait for it unless a
// connection sets synchronous_commit to on: so a test can see a commit hang.
func serverCommand(bin, dir string) []string {
	fsync := "off"
	if os.Getenv(EnvFsync) == "1" {
		fsync = "on"
	}
	settings := []string{
		"listen_addresses=", "unix_socket_directories=" + dir, "fsync=" + fsync, "full_page_writes=" + fsync,
		"max_connections=300", "shared_buffers=32MB", "synchronous_standby_names=nobody", "synchronous_commit=local",
	}
	command := []string{filepath.Join(bin, "postgres"), "-D", filepath.Join(dir, "data")}
	for _, s := range settings {
		command = append(command, "-c", s)
	}
	return command
}

// waitFor waits until the server answers.
func waitFor(database string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, database)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL does not answer: %s", strings.TrimSpace(err.Error()))
		case <-time.After(20 * time.Millisecond):
		}
	}
}
