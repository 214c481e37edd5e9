package pages

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
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
	sendImage(w, look.ImageType, look.Image)
}

// brandImage serves an image of a client's managed login branding.
func (d *Door) brandImage(w http.ResponseWriter, r *http.Request) {
	var b *pool.Branding
	err := d.SignIn.Store.View(r.Context(), func(tx *store.Tx) error {
		p, err := tx.Pool(r.PathValue("pool"))
		if err != nil {
			return err
		}
		b, err = tx.BrandingOf(p, r.PathValue("client"))
		return err
	})
	if err == nil {
		for i := range b.Settings.Assets {
			if a := &b.Settings.Assets[i]; imageName(a) == r.PathValue("image") {
				sendImage(w, mediaTypes[a.Extension], a.Bytes)
				return
			}
		}
	}
	http.NotFound(w, r)
}

// mediaTypes are those of the images of a branding, by their extension.
var mediaTypes = map[string]string{
	"ICO": "image/x-icon", "JPEG": "image/jpeg", "PNG": "image/png", "SVG": "image/svg+xml", "WEBP": "image/webp",
}

// imageName names an image by what it holds, so that another one has another address.
func imageName(a *wire.AssetType) string {
	sum := sha256.Sum256(a.Bytes)
	return hex.EncodeToString(sum[:8]) + "." + strings.ToLower(a.Extension)
}

// sendImage answers with an image that never changes. It runs nothing and loads nothing when it is opened by itself, as an SVG could.
func sendImage(w http.ResponseWriter, mediaType string, content []byte) {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Length", strconv.Itoa(len(content)))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(content) // fails only when the client is gone
}
