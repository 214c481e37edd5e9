package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/client"
)

func TestAStorageThatIsNotGivenIsMemory(t *testing.T) {
	t.Parallel()
	a := live(t, setup{})
	a.addUser(t, "ann")
	for name, p := range map[string]*client.Pool{"none": a.WithStorage(nil), "the zero value": a.WithStorage(&client.MemoryStorage{})} {
		if _, err := signIn(t, p, "ann").Session(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestStoragesKeepRemoveAndClear(t *testing.T) {
	t.Parallel()
	file, err := client.NewFileStorage(filepath.Join(t.TempDir(), "new folder", "sessions.json"))
	must(t, err)
	cookies, err := client.NewCookieStorage(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil), client.CookieOptions{})
	must(t, err)
	for name, s := range map[string]client.Storage{"memory": client.NewMemoryStorage(), "the zero value": new(client.MemoryStorage), "file": file, "cookies": cookies} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check := func(want map[string]string) {
				t.Helper()
				if diff := cmp.Diff(want, stored(t, s, "a", "b", "c")); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
			check(map[string]string{})
			must(t, s.Set(t.Context(), map[string]string{"a": "1", "b": "ü; \"x\"\n"}))
			must(t, s.Set(t.Context(), map[string]string{"a": "2"}))
			check(map[string]string{"a": "2", "b": "ü; \"x\"\n"})
			must(t, s.Remove(t.Context(), "a", "absent"))
			check(map[string]string{"b": "ü; \"x\"\n"})
			must(t, s.Clear(t.Context()))
			check(map[string]string{})
		})
	}
}

func TestASessionFileIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sessions.json")
	s, err := client.NewFileStorage(path)
	must(t, err)
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("opening made a file: %v", err)
	}
	must(t, s.Set(t.Context(), map[string]string{"a": "1"}))
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %o", info.Mode().Perm())
	}
	link := filepath.Join(t.TempDir(), "link.json")
	must(t, os.Symlink(path, link))
	linked, err := client.NewFileStorage(link)
	must(t, err)
	must(t, linked.Set(t.Context(), map[string]string{"b": "2"}))
	if diff := cmp.Diff(map[string]string{"a": "1", "b": "2"}, stored(t, s, "a", "b")); diff != "" {
		t.Errorf("written through a link (-want +got):\n%s", diff)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".sessions-*"))
	must(t, err)
	if len(left) != 0 {
		t.Errorf("left over: %v", left)
	}
}

func TestADamagedOrForeignFileIsRefusedAndKept(t *testing.T) {
	t.Parallel()
	const good = `{"format":"cognito-sessions","version":1,"items":{"a":"1"}}`
	tests := map[string]struct {
		text string
		mode os.FileMode
	}{
		"empty":                        {"", 0o600},
		"cut":                          {good[:40], 0o600},
		"followed by something":        {good + "{}", 0o600},
		"another program's JSON":       {`{"name":"x","version":"1.0.0"}`, 0o600},
		"JSON, but no object":          {`[]`, 0o600},
		"null":                         {`null`, 0o600},
		"without items":                {`{"format":"cognito-sessions","version":1}`, 0o600},
		"of a later version":           {strings.Replace(good, ":1,", ":2,", 1), 0o600},
		"with members of a later one":  {strings.Replace(good, "{", `{"key":"x",`, 1), 0o600},
		"with an item that is no text": {strings.Replace(good, `"1"`, `1`, 1), 0o600},
		"binary":                       {"\x00\x01\x02", 0o600},
		"huge":                         {strings.Repeat(" ", 5<<20), 0o600},
		"readable by others":           {good, 0o644},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "sessions.json")
			s, err := client.NewFileStorage(path) // before the damage
			must(t, err)
			must(t, os.WriteFile(path, []byte(tt.text), tt.mode))
			_, opened := client.NewFileStorage(path)
			_, read := s.Get(t.Context(), "a")
			for call, err := range map[string]error{
				"open": opened, "Get": read, "Set": s.Set(t.Context(), map[string]string{"a": "2"}), "Remove": s.Remove(t.Context(), "a"), "Clear": s.Clear(t.Context()),
			} {
				if !errors.Is(err, client.ErrForeignFile) || !strings.Contains(err.Error(), path) {
					t.Errorf("%s: got %v", call, err)
				}
			}
			after, err := os.ReadFile(path)
			must(t, err)
			if !bytes.Equal(after, []byte(tt.text)) {
				t.Error("the file was changed")
			}
		})
	}
	if _, err := client.NewFileStorage(t.TempDir()); !errors.Is(err, client.ErrForeignFile) {
		t.Errorf("a folder: got %v", err)
	}
}

const envWriter = "CLIENT_TEST_WRITER"

// TestProcessesShareAFile writes pairs from several processes and goroutines; no reader may see half of a pair, and none may be lost.
func TestProcessesShareAFile(t *testing.T) {
	const rounds = 30
	if given := os.Getenv(envWriter); given != "" {
		path, id, _ := strings.Cut(given, ",")
		s, err := client.NewFileStorage(path)
		must(t, err)
		for i := range rounds {
			value := fmt.Sprintf("%s-%d-%s", id, i, strings.Repeat("x", 3000))
			must(t, s.Set(t.Context(), map[string]string{"left": value, "right": value, fmt.Sprintf("own-%s-%d", id, i): "kept"}))
		}
		return
	}
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sessions.json")
	s, err := client.NewFileStorage(path)
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	var readers, writers sync.WaitGroup
	readers.Go(func() {
		for ctx.Err() == nil {
			items, err := s.Get(t.Context(), "left", "right")
			if err != nil || items["left"] != items["right"] {
				t.Errorf("read %.20q and %.20q, error %v", items["left"], items["right"], err)
				return
			}
			time.Sleep(time.Millisecond)
		}
	})
	for id := range 3 {
		writers.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestProcessesShareAFile$", "-test.count=1")
			cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s,%d", envWriter, path, id))
			if said, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("writer %d: %v\n%s", id, err, said)
			}
		})
	}
	writers.Wait()
	stop()
	readers.Wait()
	for id := range 3 {
		for i := range rounds {
			key := fmt.Sprintf("own-%d-%d", id, i)
			if stored(t, s, key)[key] != "kept" {
				t.Errorf("%s is lost", key)
			}
		}
	}
}

func TestALockIsWaitedForUntilTheContextEnds(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sessions.json")
	for name, open := range map[string]func(*client.FileStorage) *client.FileStorage{
		"the same storage": func(s *client.FileStorage) *client.FileStorage { return s },
		"another one": func(*client.FileStorage) *client.FileStorage {
			s, err := client.NewFileStorage(path)
			must(t, err)
			return s
		},
	} {
		s, err := client.NewFileStorage(path)
		must(t, err)
		unlock, err := s.Lock(t.Context())
		must(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		if _, err := open(s).Lock(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v", name, err)
		}
		cancel()
		unlock()
		unlock, err = open(s).Lock(t.Context())
		must(t, err)
		unlock()
	}
}

func TestTwoProcessesSpendARotatingTokenOnce(t *testing.T) {
	t.Parallel()
	var s spy
	a := live(t, setup{app: rotating, config: s.config})
	a.addUser(t, "ann")
	path := filepath.Join(t.TempDir(), "sessions.json")
	open := func() *client.Pool { // shares nothing with others but the file, as in another process
		f, err := client.NewFileStorage(path)
		must(t, err)
		return a.open(t, client.Config{PoolID: a.ID(), ClientID: a.ClientID(), Storage: f}, s.config)
	}
	signIn(t, open(), "ann")
	for range 2 {
		a.advance(t, 2*time.Hour)
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				u, err := open().CurrentUser(t.Context())
				if err == nil {
					_, err = u.Session(t.Context())
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	if n := s.count(refreshing); n != 2 {
		t.Errorf("%d refreshes, want 2", n)
	}
}

func TestCookies(t *testing.T) {
	t.Parallel()
	const key = "CognitoIdentityServiceProvider.c.ann@example.com.idToken"
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Cookie", "other=1; CognitoIdentityServiceProvider.c.ann%40example.com.idToken=old; CognitoIdentityServiceProvider.c.bad=%zz")
	w := httptest.NewRecorder()
	s, err := client.NewCookieStorage(w, r, client.CookieOptions{})
	must(t, err)
	if got := stored(t, s, key, "other"); got[key] != "old" || len(got) != 1 {
		t.Errorf("read %v", got)
	}
	must(t, s.Set(t.Context(), map[string]string{key: `{"a": "ü"}`}))
	const want = "CognitoIdentityServiceProvider.c.ann%40example.com.idToken={%22a%22:%20%22%C3%BC%22}; Path=/; Max-Age=31536000; Secure"
	if got := w.Header().Get("Set-Cookie"); got != want {
		t.Errorf("sent %s, want %s", got, want)
	}
	must(t, s.Clear(t.Context()))
	sent := w.Header().Values("Set-Cookie")
	if len(sent) != 2 || !strings.Contains(sent[1], "Max-Age=0") {
		t.Errorf("cleared with %v", sent)
	}

	w = httptest.NewRecorder()
	s, err = client.NewCookieStorage(w, r, client.CookieOptions{
		Domain: "example.com", Path: "/app", Expires: time.Hour, Insecure: true, SameSite: http.SameSiteLaxMode, HTTPOnly: true,
	})
	must(t, err)
	must(t, s.Set(t.Context(), map[string]string{"k": "v"}))
	if got, want := w.Header().Get("Set-Cookie"), "k=v; Path=/app; Domain=example.com; Max-Age=3600; HttpOnly; SameSite=Lax"; got != want {
		t.Errorf("sent %s, want %s", got, want)
	}
	for name, o := range map[string]client.CookieOptions{
		"SameSite=None without Secure": {SameSite: http.SameSiteNoneMode, Insecure: true}, "a negative age": {Expires: -1},
	} {
		if _, err := client.NewCookieStorage(w, r, o); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestAWebServerKeepsASessionInCookies(t *testing.T) {
	t.Parallel()
	a := live(t, setup{app: rotating})
	a.addUser(t, "ann")
	jar := map[string]string{}
	request := func(handle func(*client.Pool)) {
		t.Helper()
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		for name, value := range jar {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		w := httptest.NewRecorder()
		s, err := client.NewCookieStorage(w, r, client.CookieOptions{})
		must(t, err)
		handle(a.WithStorage(s))
		for _, c := range w.Result().Cookies() {
			if jar[c.Name] = c.Value; c.MaxAge < 0 {
				delete(jar, c.Name)
			}
		}
	}
	request(func(p *client.Pool) { signIn(t, p, "ann") })
	for range 2 {
		a.advance(t, 2*time.Hour)
		request(func(p *client.Pool) {
			u, err := p.CurrentUser(t.Context())
			must(t, err)
			_, err = u.Session(t.Context())
			must(t, err)
		})
	}
	request(func(p *client.Pool) {
		u, err := p.CurrentUser(t.Context())
		must(t, err)
		must(t, u.SignOutAndRevoke(t.Context()))
	})
	if len(jar) != 0 {
		t.Errorf("cookies are left: %d", len(jar))
	}
}
