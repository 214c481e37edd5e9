package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// CookieOptions are the attributes of the cookies of a CookieStorage. The zero value is that of the JavaScript library: path "/", 365 days,
// Secure, without a domain and SameSite.
type CookieOptions struct {
	Domain   string
	Path     string        // "" for "/"
	Expires  time.Duration // 0 for 365 days
	Insecure bool          // without the attribute Secure, for plain HTTP in development
	SameSite http.SameSite // 0 to leave it to the browser
	HTTPOnly bool          // out of reach of scripts; the JavaScript library can then not share the cookies
}

// CookieStorage keeps items in the cookies of one HTTP request: it reads those of the request, and answers with changed ones. It is to be used
// before the header of the response is written; Pool.WithStorage puts it under a pool.
type CookieStorage struct {
	hide
	w       http.ResponseWriter
	options CookieOptions
	mu      sync.Mutex
	items   map[string]string
}

const (
	day               = 24 * time.Hour
	cookieItemsPrefix = "CognitoIdentityServiceProvider."
)

// NewCookieStorage checks the options; SameSite=None needs the attribute Secure.
func NewCookieStorage(w http.ResponseWriter, r *http.Request, o CookieOptions) (*CookieStorage, error) {
	if o.SameSite == http.SameSiteNoneMode && o.Insecure {
		return nil, errors.New("sameSite = None requires the Secure attribute in latest browser versions.") //nolint:staticcheck // the JavaScript library's text
	}
	if o.Expires < 0 {
		return nil, fmt.Errorf("cookies cannot expire after %s", o.Expires)
	}
	if o.Path == "" {
		o.Path = "/"
	}
	if o.Expires == 0 {
		o.Expires = 365 * day
	}
	s := &CookieStorage{w: w, options: o, items: make(map[string]string)}
	for _, c := range r.Cookies() {
		name, err := url.PathUnescape(c.Name)
		if err != nil || !strings.HasPrefix(name, cookieItemsPrefix) {
			continue // another's
		}
		if value, err := url.PathUnescape(c.Value); err == nil {
			s.items[name] = value
		}
	}
	return s, nil
}

func (s *CookieStorage) boundToRequest() {}

// Get implements Storage.
func (s *CookieStorage) Get(_ context.Context, keys ...string) (map[string]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return pick(s.items, keys), nil
}

// Set implements Storage.
func (s *CookieStorage) Set(_ context.Context, items map[string]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, value := range items {
		s.items[key] = value
		s.send(key, value, int(s.options.Expires/time.Second))
	}
	return nil
}

// Remove implements Storage.
func (s *CookieStorage) Remove(_ context.Context, keys ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range keys {
		s.remove(key)
	}
	return nil
}

// Clear implements Storage. It spares cookies of other programs.
func (s *CookieStorage) Clear(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key := range s.items {
		s.remove(key)
	}
	return nil
}

func (s *CookieStorage) remove(key string) {
	if _, ok := s.items[key]; ok {
		delete(s.items, key)
		s.send(key, "", -1)
	}
}

func (s *CookieStorage) send(key, value string, maxAge int) {
	http.SetCookie(s.w, &http.Cookie{
		Name: escapeCookie(key, cookieNameSafe), Value: escapeCookie(value, cookieValueSafe), MaxAge: maxAge,
		Path: s.options.Path, Domain: s.options.Domain, Secure: !s.options.Insecure, SameSite: s.options.SameSite, HttpOnly: s.options.HTTPOnly,
	})
}

// What js-cookie leaves unescaped besides letters and digits, so that both libraries mean the same cookie by a key.
const (
	cookieNameSafe  = "-_.!~*'#$&+^`|"
	cookieValueSafe = "-_.!~*'()#$&+/:<=>?@[]^`{}|"
)

func escapeCookie(text, safe string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte(safe, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
