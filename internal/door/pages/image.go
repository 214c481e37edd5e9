package pages

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
)

// image serves the logo of a client's classic pages, or of all clients of a pool, at the address that GetUICustomization shows. Each image
// has an address of its own, so that browsers may keep it.
func (d *Door) image(w http.ResponseWriter, r *http.Request) {
	var look *pool.UICustomization
	err := d.SignIn.Store.View(r.Context(), func(tx *store.Tx) error {
		p, err := tx.Pool(r.PathValue("pool"))
		if err != nil {
			return err
		}
		look, err = tx.UICustomization(p, r.PathValue("client"))
		return err
	})
	if err != nil || look == nil || look.Image == nil || !strings.HasSuffix(look.Settings.ImageUrl, "/"+r.PathValue("image")) {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", look.ImageType)
	h.Set("Content-Length", strconv.Itoa(len(look.Image)))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(look.Image) // fails only when the client is gone
}
