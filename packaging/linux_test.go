package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// madeOnce is a release for this machine's architecture, and packages of an earlier version.
var madeOnce = sync.OnceValues(makeOnce)

type made struct{ dir, earlier, version string }

var madeIn string // the folder that TestMain removes

func makeOnce() (made, error) {
	dir, err := os.MkdirTemp("", "cenote-made-")
	if err != nil {
		return made{}, err
	}
	madeIn = dir
	m := made{dir: filepath.Join(dir, "dist"), earlier: filepath.Join(dir, "earlier")}
	ctx, host := background, platform{"linux", runtime.GOARCH}
	r, err := newRelease(ctx, "")
	if err != nil {
		return m, err
	}
	m.version = r.version
	if err := run(ctx, m.dir, host.String(), "", ".bin/nfpm"); err != nil {
		return m, err
	}
	early := &release{version: "0.0.9", time: r.time}
	work := filepath.Join(dir, "work")
	binary, err := early.build(ctx, host, libcrypto, work)
	if err != nil {
		return m, err
	}
	if err := os.Mkdir(m.earlier, 0o755); err != nil {
		return m, err
	}
	docs := documents{}
	nfpm, err := filepath.Abs(".bin/nfpm")
	if err != nil {
		return m, err
	}
	return m, early.packages(ctx, host, binary, docs, filepath.Join(work, "packages"), m.earlier, nfpm)
}

// theRelease returns the release that the tests share.
func theRelease(t *testing.T) made {
	t.Helper()
	if _, err := os.Stat(".bin/nfpm"); err != nil {
		skip(t, "nfpm is not built: make .bin/nfpm")
	}
	m, err := madeOnce()
	must(t, err)
	return m
}

// debian makes a sandbox with a copy of this machine's file system.
func debian(t *testing.T) *sandbox {
	t.Helper()
	if _, err := os.Stat("/etc/debian_version"); err != nil {
		skip(t, "packages are tried on Debian")
	}
	s := newSandbox(t, `mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
mount -t proc proc "$1/root/proc"
mount --bind /dev "$1/root/dev"
rm -rf "$1/root/run/systemd"`)
	if said, err := s.try(t, "dpkg", "--version"); err != nil {
		skip(t, "this machine's file system cannot be copied: "+said)
	}
	return s
}

// packager is how a kind of package is installed and removed.
type packager struct {
	file                     string // pattern
	install, upgrade, remove []string
	unit                     string
	purge                    []string // nil where removing purges
	unpack                   []string // installs without the scripts after it; nil where there is no such state
}

func TestTheDebIsInstalledStartedUpgradedAndRemoved(t *testing.T) {
	tryPackage(t, packager{
		file: "*.deb", install: []string{"dpkg", "-i"}, upgrade: []string{"dpkg", "-i"}, remove: []string{"dpkg", "-r", "cenote"},
		purge: []string{"dpkg", "-P", "cenote"}, unpack: []string{"dpkg", "--unpack"}, unit: "/lib/systemd/system/cenote.service",
	})
}

func TestTheRPMIsInstalledStartedUpgradedAndRemoved(t *testing.T) {
	if _, err := exec.LookPath("rpm"); err != nil {
		skip(t, "there is no rpm here")
	}
	tryPackage(t, packager{
		file: "*.rpm", install: []string{"rpm", "--nodeps", "-i"}, upgrade: []string{"rpm", "--nodeps", "-U"}, remove: []string{"rpm", "-e", "cenote"},
		unit: "/usr/lib/systemd/system/cenote.service",
	})
}

func tryPackage(t *testing.T, p packager) {
	m := theRelease(t)
	s := debian(t)
	find := func(dir string) string {
		found, err := filepath.Glob(filepath.Join(dir, p.file))
		if err != nil || len(found) != 1 {
			t.Fatalf("%s: %v %v", p.file, found, err)
		}
		content, err := os.ReadFile(found[0])
		must(t, err)
		name := "/" + filepath.Base(found[0])
		s.write(t, name, string(content))
		return name
	}

	said := s.run(t, append(p.install, find(m.earlier))...)
	if !strings.Contains(said, "cenote: set public-url in /etc/cenote/cenote.yaml, then: systemctl enable --now cenote") {
		t.Errorf("the installation says %q", said)
	}
	for path, want := range map[string]string{
		"/usr/bin/cenote": "755 root root", "/etc/cenote/cenote.yaml": "644 root root", "/etc/cenote/secrets.env": "600 root root",
		p.unit: "644 root root", "/var/lib/cenote": "700 cenote cenote", "/usr/share/man/man1/cenote.1.gz": "644 root root",
	} {
		if got := s.run(t, "stat", "-c", "%a %U %G", path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
	if shell := s.run(t, "getent", "passwd", "cenote"); !strings.HasSuffix(shell, ":/usr/sbin/nologin") {
		t.Errorf("the user is %s", shell)
	}

	port := freePort(t)
	s.write(t, "/etc/cenote/cenote.yaml", "listen: 127.0.0.1:"+port+"\npublic-url: https://auth.example.com\nshutdown-delay: 0s\n")
	s.write(t, "/etc/cenote/secrets.env", "CENOTE_ROOT_ACCESS_KEY_ID=CENOROOTKEYFORTESTS00\nCENOTE_ROOT_SECRET_ACCESS_KEY=a-secret-of-forty-characters-for-the-test\n")
	unit := s.unit(t, p.unit)
	stop := s.start(t, unit)
	s.await(t, stop, "cenote", "health", "--ready", "--config", "/etc/cenote/cenote.yaml")
	api := append([]string{"env"}, "AWS_ACCESS_KEY_ID=CENOROOTKEYFORTESTS00", "AWS_SECRET_ACCESS_KEY=a-secret-of-forty-characters-for-the-test", "AWS_REGION=us-east-1", "cenote")
	pool := s.run(t, append(api, "pool", "create", "people", "--endpoint", "http://127.0.0.1:"+port)...)
	if got := s.run(t, "cenote", "version"); !strings.HasPrefix(got, "cenote v0.0.9 ") {
		t.Errorf("the version is %s", got)
	}
	if log := stop(); strings.Contains(s.run(t, "ldconfig", "-p"), "libcrypto.so.3") && !strings.Contains(log, "libcrypto signs tokens") {
		t.Errorf("the system's library does not sign:\n%s", log)
	}

	s.systemctl(t, `case $1 in try-restart) exit 1; esac`)
	if said := s.run(t, append(p.upgrade, find(m.dir))...); !strings.Contains(said, "cenote: the service does not start: journalctl -u cenote says why") {
		t.Errorf("an upgrade after which the service does not start says %q", said)
	}
	if got := s.run(t, "cenote", "version"); !strings.HasPrefix(got, "cenote v"+m.version+" ") {
		t.Errorf("the version is %s", got)
	}
	stop = s.start(t, s.unit(t, p.unit))
	s.await(t, stop, "cenote", "health", "--ready", "--config", "/etc/cenote/cenote.yaml")
	if pools := s.run(t, append(api, "pool", "list", "--endpoint", "http://127.0.0.1:"+port)...); !strings.Contains(pools, pool) {
		t.Errorf("after the upgrade the pools are\n%s, which lacks %s", pools, pool)
	}
	s.run(t, "man", "-w", "cenote")
	s.run(t, "man", "-w", "5", "cenote.yaml")
	stop()

	s.run(t, p.remove...)
	if said, err := s.try(t, "test", "-e", "/usr/bin/cenote"); err == nil {
		t.Errorf("the program is still there %s", said)
	}
	if p.purge != nil {
		s.run(t, "grep", "-q", port, "/etc/cenote/cenote.yaml")
		s.run(t, p.purge...)
		if _, err := s.try(t, "test", "-e", "/etc/cenote/cenote.yaml"); err == nil {
			t.Error("the settings are still there")
		}
	} else {
		s.run(t, "grep", "-q", port, "/etc/cenote/cenote.yaml.rpmsave")
	}
	s.run(t, "test", "-s", "/var/lib/cenote/cenote.db")
	s.run(t, "test", "-s", "/var/lib/cenote/master.key")

	if p.unpack != nil { // as by an upgrade that was cut off, while the service of the version before runs
		s.systemctl(t, `echo "$*" >>/systemctl.log`)
		s.run(t, append(p.unpack, find(m.earlier))...)
		s.run(t, p.remove...)
		if asked := s.run(t, "cat", "/systemctl.log"); !strings.Contains(asked+"\n", "stop cenote.service\n") {
			t.Errorf("the removal of a package that was only unpacked asks systemd for %q", asked)
		}
	}
}

// systemctl puts a script in place of systemd, which does not run here.
func (s *sandbox) systemctl(t *testing.T, script string) {
	t.Helper()
	s.run(t, "mkdir", "-p", "/run/systemd/system")
	s.run(t, "rm", "-f", "/usr/bin/systemctl")
	s.write(t, "/usr/bin/systemctl", "#!/bin/sh\n"+script+"\n")
	s.run(t, "chmod", "755", "/usr/bin/systemctl")
}

// write writes a file in the file system; one that is there keeps its owner and mode.
func (s *sandbox) write(t *testing.T, name, content string) {
	t.Helper()
	cmd := s.command(t, "sh", "-c", `cat >"$1"`, "sh", s.root+name)
	cmd.Stdin = strings.NewReader(content)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("write %s: %v %s", name, err, said)
	}
}

var unitLine = regexp.MustCompile(`(?m)^(\w+)=(.*)$`)

// unit reads an installed unit as far as a start by hand needs it.
func (s *sandbox) unit(t *testing.T, name string) service {
	t.Helper()
	v := service{}
	var group string
	for _, line := range unitLine.FindAllStringSubmatch(s.run(t, "cat", name), -1) {
		switch key, value := line[1], line[2]; key {
		case "User":
			v.user = value
		case "Group":
			group = value
		case "WorkingDirectory":
			v.directory = value
		case "StateDirectory":
			v.writable = "/var/lib/" + value
		case "ExecStart":
			v.command = strings.Fields(value)
		case "Environment":
			v.env = append(v.env, value)
		case "EnvironmentFile":
			v.env = append(v.env, strings.Fields(s.run(t, "grep", "-v", "^#", strings.TrimPrefix(value, "-")))...)
		}
	}
	if v.user != "cenote" || group != "cenote" || v.writable == "" || v.command == nil {
		t.Fatalf("the unit says %+v", v)
	}
	v.user = s.run(t, "id", "-u", v.user) + ":" + s.run(t, "id", "-g", v.user)
	return v
}

func TestTheUnitIsHardened(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		skip(t, "there is no systemd-analyze here")
	}
	// The scale goes from 0 to 10. What is left: the network, which it serves, and the root folder, which it reads settings from.
	said, err := exec.CommandContext(t.Context(), "systemd-analyze", "security", "--offline=true", "--threshold=13", "packaging/linux/cenote.service").CombinedOutput()
	if err != nil {
		t.Errorf("systemd-analyze security: %v\n%s", err, said)
	}
	m := theRelease(t)
	s := debian(t)
	found, err := filepath.Glob(filepath.Join(m.dir, "*.deb"))
	must(t, err)
	content, err := os.ReadFile(found[0])
	must(t, err)
	s.write(t, "/cenote.deb", string(content))
	s.run(t, "dpkg", "-i", "/cenote.deb")
	if said, err := s.try(t, "systemd-analyze", "verify", "/lib/systemd/system/cenote.service"); err != nil || said != "" {
		t.Errorf("systemd-analyze verify: %v\n%s", err, said)
	}
}
