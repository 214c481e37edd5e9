package dev

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/cenote-id/cenote/internal/clock"
)

// advance moves the clock and tells the new time. "0s" moves nothing, and so only tells.
func advance(c *clock.Clock) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Advance *string `json:"advance"`
		}
		const shape = `the body must be {"advance":"15m"}`
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<10)).Decode(&in); err != nil || in.Advance == nil {
			refuse(w, http.StatusBadRequest, shape)
			return
		}
		d, err := time.ParseDuration(*in.Advance)
		if err != nil {
			refuse(w, http.StatusBadRequest, shape+`: a number and a unit, s, m or h`)
			return
		}
		if err := c.Advance(d); err != nil {
			refuse(w, http.StatusBadRequest, err.Error())
			return
		}
		answer(w, http.StatusOK, map[string]time.Time{"now": c.Now().UTC()})
	}
}
