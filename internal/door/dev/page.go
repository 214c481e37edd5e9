package dev

import (
	"bytes"
	"crypto/rand"
	"embed"
	"html/template"
	"net/http"
	"sync"
)

//go:embed *.html
var pageFiles embed.FS

// pages returns the templates, parsed when the first page is shown.
var pages = sync.OnceValue(func() *template.Template { return template.Must(template.ParseFS(pageFiles, "*.html")) })

// render writes a page. All of it comes from here, but for the bodies of mails, in frames: one style and one script, named by a nonce.
// The template finds what it shows in .Page.
func render(w http.ResponseWriter, name string, shown any) {
	var page bytes.Buffer
	nonce := rand.Text()
	err := pages().ExecuteTemplate(&page, name, struct {
		Nonce string
		Page  any
	}{nonce, shown})
	if err != nil {
		refuse(w, http.StatusInternalServerError, "the page cannot be shown")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'nonce-"+nonce+"'; script-src 'nonce-"+nonce+"'; "+
		"connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	_, _ = page.WriteTo(w)
}
