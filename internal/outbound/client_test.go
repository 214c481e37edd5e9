package outbound

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func get(t *testing.T, c *http.Client, url string) (string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return string(body), err
}

// at serves on an address of its own.
func at(t *testing.T, address string, h http.HandlerFunc) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address+":0")
	if err != nil {
		t.Skip(err) // a machine without 127.0.0.2
	}
	srv := httptest.NewUnstartedServer(h)
	_ = srv.Listener.Close()
	srv.Listener = l
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestANameIsJudgedByItsAddress(t *testing.T) {
	t.Parallel()
	url := at(t, "127.0.0.1", func(http.ResponseWriter, *http.Request) { t.Error("the server was reached") })
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(url, "http://"))
	public := Reach{plain: true, plainPublic: true, anyPort: true} // as Public, but for what else would refuse the URL
	if _, err := get(t, NewClient(Options{Reach: public}), "http://localhost:"+port); !errors.Is(err, ErrAddress) {
		t.Errorf("got %v, want ErrAddress", err)
	}
}

func TestARedirectIsJudgedToo(t *testing.T) {
	t.Parallel()
	inside := at(t, "127.0.0.1", func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") })
	for name, target := range map[string]string{
		"to the metadata of a cloud": "http://169.254.169.254/latest/meta-data/",
		"to another scheme":          "file:///etc/passwd",
	} {
		first := at(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, target, http.StatusFound)
		})
		if _, err := get(t, NewClient(Options{Reach: Operator, Redirects: 3}), first); !errors.Is(err, ErrAddress) {
			t.Errorf("%s: got %v, want ErrAddress", name, err)
		}
	}
	first := at(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inside, http.StatusFound) })
	if _, err := get(t, NewClient(Options{Reach: Operator}), first); err != nil {
		t.Errorf("a redirect that is not to be followed: %v, want the response itself", err)
	}
}

func TestARedirectDoesNotLeaveTLS(t *testing.T) {
	t.Parallel()
	plain := at(t, "127.0.0.1", func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") })
	srv := httptest.NewTLSServer(http.RedirectHandler(plain, http.StatusFound))
	t.Cleanup(srv.Close)
	c := NewClient(Options{Reach: Private, Redirects: 3})
	c.Transport.(*transport).secure.TLSClientConfig = srv.Client().Transport.(*http.Transport).TLSClientConfig
	c.Transport.(*transport).secure.Proxy = nil
	if _, err := get(t, c, srv.URL); !errors.Is(err, ErrAddress) {
		t.Errorf("got %v, want ErrAddress", err)
	}
}

func TestRedirectsEnd(t *testing.T) {
	t.Parallel()
	n := 0
	loop := at(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		n++
		http.Redirect(w, r, "/", http.StatusFound)
	})
	if _, err := get(t, NewClient(Options{Reach: Operator, Redirects: 3}), loop); err == nil || n != 4 {
		t.Errorf("%d requests and %v, want 4 and an error", n, err)
	}
}

func TestABodyIsBounded(t *testing.T) {
	t.Parallel()
	plain := at(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", len(r.URL.Query().Get("n"))))
	})
	c := NewClient(Options{Reach: Operator, MaxBody: 10})
	if body, err := get(t, c, plain+"?n=xxxxxxxxxx"); err != nil || len(body) != 10 {
		t.Errorf("a body of the bound: %d bytes, %v", len(body), err)
	}
	if body, err := get(t, c, plain+"?n=xxxxxxxxxxx"); !errors.Is(err, ErrTooLarge) || len(body) != 10 {
		t.Errorf("a longer body: %d bytes, %v; want 10 and ErrTooLarge", len(body), err)
	}
	bomb := at(t, "127.0.0.1", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, strings.Repeat("x", 1<<20))
		_ = z.Close()
	})
	if body, err := get(t, NewClient(Options{Reach: Operator, MaxBody: 10_000}), bomb); !errors.Is(err, ErrTooLarge) || len(body) != 10_000 {
		t.Errorf("a compressed body: %d bytes, %v; want 10000 and ErrTooLarge", len(body), err)
	}
}

func TestAnExchangeIsLimitedInTime(t *testing.T) {
	t.Parallel()
	silent := at(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush() // a header, and then nothing
		<-r.Context().Done()
	})
	_, err := get(t, NewClient(Options{Reach: Operator, Timeout: 50 * time.Millisecond}), silent)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want DeadlineExceeded", err)
	}
}

func TestACauseDoesNotTellTheURL(t *testing.T) {
	t.Parallel()
	_, err := get(t, NewClient(Options{Reach: Public}), "https://user:hunter2@127.0.0.1/?token=hunter3")
	if err = Cause(err); !errors.Is(err, ErrAddress) || strings.Contains(err.Error(), "hunter") {
		t.Errorf("got %v", err)
	}
}
