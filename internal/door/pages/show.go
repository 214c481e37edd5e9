package pages

import (
	"bytes"
	"crypto/rand"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/cenote-id/cenote/internal/door"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static/style.css
var styleSheet string

// templates returns each page by the name of its file. All are parsed when the first page is shown: a server without managed login
// has no use for them. A test holds that none is broken.
var templates = sync.OnceValue(loadTemplates)

func loadTemplates() map[string]*template.Template {
	// t is bound to the visit's language when a page is rendered.
	functions := template.FuncMap{"t": func(key string, values ...string) string { return key }}
	layout := template.Must(template.New("layout.html").Funcs(functions).ParseFS(templateFiles, "templates/layout.html", "templates/part_*.html"))
	files, err := templateFiles.ReadDir("templates")
	if err != nil {
		panic(err)
	}
	all := map[string]*template.Template{}
	for _, f := range files {
		if name := f.Name(); name != "layout.html" && !strings.HasPrefix(name, "part_") {
			all[strings.TrimSuffix(name, ".html")] = template.Must(template.Must(layout.Clone()).ParseFS(templateFiles, "templates/"+name))
		}
	}
	return all
}

// view is what a template shows.
type view struct {
	*visit
	Nonce   string
	Style   template.CSS
	Flow    string // sealed; empty where a form begins
	Who     string // the name that the person gave in an earlier form; empty where a form begins
	Look    look
	Tongues *tongues // nil: the page has no choice of a language
	Error   string   // what was wrong with the last form; empty: nothing
	Data    any      // of the page
}

// show renders a page. Every form goes back to this host or, by a redirect, to the application.
func (v *visit) show(name string, f *flow, problem string, data any) error {
	dress, err := v.look(name, data)
	if err != nil {
		return err
	}
	page := view{visit: v, Nonce: rand.Text(), Style: template.CSS(styleSheet) + dress.Style, Look: dress, Error: problem, Data: data} //nolint:gosec // our own file
	if dress.Tongues {
		page.Tongues = v.tongues(name)
	}
	if f != nil {
		if page.Flow, err = v.seal(f); err != nil {
			return err
		}
		page.Who = f.Username
	}
	t, err := templates()[name].Clone()
	if err != nil {
		return err
	}
	t.Funcs(template.FuncMap{"t": v.Language.text})
	var body bytes.Buffer
	if err := t.Execute(&body, page); err != nil {
		return err
	}
	targets := formTargets(v.target())
	if name == "sign_in" {
		offer, err := v.Offer()
		if err != nil {
			return err
		}
		if offer.AsksEmail() {
			targets += " https:" // the address leads to an identity provider first
		}
	}
	h := v.w.Header()
	door.Page(h, "style-src 'nonce-"+page.Nonce+"'; script-src 'nonce-"+page.Nonce+"'; img-src 'self' data:; connect-src 'self'; form-action 'self' "+targets)
	h.Set("Referrer-Policy", "same-origin") // so that our own forms tell their origin
	h.Set("X-Amz-Cognito-Request-Id", v.requestID())
	status := http.StatusOK
	if problem != "" {
		status = http.StatusBadRequest
	}
	v.w.WriteHeader(status)
	_, _ = body.WriteTo(v.w) // fails only when the reader is gone
	return nil
}

// target is the address to which a form of the page may lead in the end.
func (v *visit) target() string {
	if v.Account != nil {
		return v.Account.Return
	}
	return v.RedirectURI
}

// plainHost is the form of hosts that a policy can name; others could add to it.
var plainHost = regexp.MustCompile(`^[A-Za-z0-9.:\[\]_-]+$`)

// formTargets is where a form may lead beyond this host: to the application, a web application by its origin and another by its scheme. Browsers
// hold every redirect behind a form to that (CSP 3, section 6.4.1), and what is reached first may lead on to other origins: by HTTPS, or on the
// machine of a developer.
func formTargets(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme == "":
		return ""
	case u.Scheme != "http" && u.Scheme != "https":
		return u.Scheme + ":"
	case !plainHost.MatchString(u.Host):
		return ""
	case u.Scheme == "http":
		return "http://" + u.Host + " http://localhost:* http://127.0.0.1:* https:"
	}
	return "https://" + u.Host + " https:"
}
