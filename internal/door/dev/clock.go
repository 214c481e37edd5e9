package dev

import (
	"io"
	"net/http"
	"time"

	"github.com/cenote-id/cenote/internal/wire"
)

// now responds with the time of the server's clock: programs that compute TOTP codes need it once the clock was moved.
func (d Door) now(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]time.Time{"now": d.Clock.Now().UTC()})
}

// advance moves the clock and responds with the new time.
func (d Door) advance(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Advance *string `json:"advance"`
	}
	const shape = `the body must be {"advance":"15m"}`
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 4<<10))
	if err != nil || wire.Unmarshal(body, &in) != nil || in.Advance == nil {
		refuse(w, http.StatusBadRequest, shape)
		return
	}
	step, err := time.ParseDuration(*in.Advance)
	if err != nil {
		refuse(w, http.StatusBadRequest, shape+`: a number and a unit, s, m or h`)
		return
	}
	if err := d.Clock.Advance(step); err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	if d.Moved != nil && step > 0 {
		if err := d.Moved(r.Context(), d.Clock.Offset()); err != nil {
			refuse(w, http.StatusInternalServerError, "the clock was moved, but a restart will forget it: "+err.Error())
			return
		}
	}
	d.now(w, r)
}
