package dev

import (
	"errors"
	"io"
	"net/http"

	"github.com/cenote-id/cenote/internal/wire"
)

// Fork is a copy of a pool.
type Fork struct {
	PoolID   string            `json:"poolId"`
	ClientID string            `json:"clientId"` // the copy of the ready client, where it was copied, else any
	Clients  map[string]string `json:"clients"`  // copies of clients, by the ids of what they were copied from
}

// ErrNoPool says that there is no pool to fork.
var ErrNoPool = errors.New("there is no such user pool")

// fork copies a pool: the one that the body names, else the ready one.
func (d Door) fork(w http.ResponseWriter, r *http.Request) {
	var in struct {
		PoolID string `json:"poolId"`
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 4<<10))
	if err != nil || len(body) > 0 && wire.Unmarshal(body, &in) != nil {
		refuse(w, http.StatusBadRequest, `the body must be {"poolId":"..."}, or empty for the ready pool`)
		return
	}
	f, err := d.Fork(r.Context(), in.PoolID)
	switch {
	case errors.Is(err, ErrNoPool):
		refuse(w, http.StatusNotFound, err.Error())
	case err != nil:
		refuse(w, http.StatusInternalServerError, err.Error())
	default:
		answer(w, http.StatusCreated, f)
	}
}

// reset takes the server back to its start.
func (d Door) reset(w http.ResponseWriter, r *http.Request) {
	if err := d.Reset(r.Context()); err != nil {
		refuse(w, http.StatusConflict, err.Error())
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
