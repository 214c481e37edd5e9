// Package upload takes the files of user imports, at the pre-signed addresses of their jobs. The address is the authorization.
package upload

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/cenote-id/cenote/internal/door"
	"github.com/cenote-id/cenote/internal/importer"
)

const (
	patience = 10 * time.Minute // for a whole file
	atOnce   = 4                // uploads on a node
)

// Door answers PUT of a file.
type Door struct {
	Uploads importer.Uploads
	Wall    func() time.Time // the machine's time, by which connections end
	Log     *slog.Logger
}

// Routes adds the route of uploads.
func (d Door) Routes(mux *http.ServeMux) {
	room := make(chan struct{}, atOnce)
	mux.HandleFunc("PUT /imports/{pool}/{job}", func(w http.ResponseWriter, r *http.Request) {
		door.Secure(w.Header())
		select {
		case room <- struct{}{}:
			defer func() { <-room }()
			d.put(w, r)
		default:
			w.Header().Set("Retry-After", "5")
			http.Error(w, "too many uploads at once", http.StatusServiceUnavailable)
		}
	})
}

func (d Door) put(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	job, err := d.Uploads.Check(r.Context(), r.PathValue("pool"), r.PathValue("job"), q.Get("expires"), q.Get("signature"))
	if err == nil && r.ContentLength > importer.MaxFile {
		err = importer.ErrTooLarge
	}
	if err == nil {
		connection := http.NewResponseController(w)
		deadline := d.Wall().Add(patience)
		err = errors.Join(connection.SetReadDeadline(deadline), connection.SetWriteDeadline(deadline.Add(time.Minute)))
	}
	if err == nil {
		err = d.Uploads.Take(r.Context(), job, http.MaxBytesReader(w, r.Body, importer.MaxFile+1))
	}
	if err != nil {
		d.refuse(r.Context(), w, err)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// refuse tells why a file was not taken.
func (d Door) refuse(ctx context.Context, w http.ResponseWriter, err error) {
	var large *http.MaxBytesError
	switch {
	case errors.Is(err, importer.ErrForbidden):
		http.Error(w, importer.ErrForbidden.Error(), http.StatusForbidden)
	case errors.Is(err, importer.ErrStarted):
		http.Error(w, importer.ErrStarted.Error(), http.StatusConflict)
	case errors.Is(err, importer.ErrTooLarge), errors.As(err, &large):
		http.Error(w, importer.ErrTooLarge.Error(), http.StatusRequestEntityTooLarge)
	case ctx.Err() != nil:
		http.Error(w, "the upload was interrupted", http.StatusBadRequest)
	default:
		d.Log.Error("upload failed", "error", err)
		http.Error(w, "the upload failed", http.StatusInternalServerError)
	}
}
