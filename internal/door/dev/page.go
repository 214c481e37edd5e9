package dev

import (
	"bytes"
	"crypto/rand"
	_ "embed"
	"html/template"
	"net/http"
)

//go:embed inbox.html
var inboxHTML string

var inboxPage = template.Must(template.New("inbox").Parse(inboxHTML))

// render writes the page. All of it comes from here: one style and one script, named by a nonce.
func render(w http.ResponseWriter, to string, entries []entry) {
	nonce := rand.Text()
	var page bytes.Buffer
	err := inboxPage.Execute(&page, struct {
		Nonce, To, Version string
		Messages           []entry
	}{nonce, to, version(entries), entries})
	if err != nil {
		refuse(w, http.StatusInternalServerError, "the page cannot be shown")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'nonce-"+nonce+"'; script-src 'nonce-"+nonce+"'; "+
		"connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	_, _ = page.WriteTo(w)
}
