package dev

import (
	"io"
	"net/http"
	"time"

	"github.com/cenote-id/cenote/internal/wire"
)

// advance moves the clock and tells the new time. "0s" moves nothing, and so only tells.
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
	answer(w, http.StatusOK, map[string]time.Time{"now": d.Clock.Now().UTC()})
}
