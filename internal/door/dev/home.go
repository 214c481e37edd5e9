package dev

import (
	"net/http"
	"time"
)

// Overview is what a development server holds, for people at a glance and for programs as JSON.
type Overview struct {
	Endpoint string         `json:"endpoint"`
	Region   string         `json:"region"`
	Pools    []OverviewPool `json:"pools"`
	More     int            `json:"more,omitempty"` // pools that are not in the list
}

// OverviewPool is a user pool of an Overview.
type OverviewPool struct {
	ID           string            `json:"id"`
	Name         string            `json:"name"`
	Users        int               `json:"users"`
	FirstFactors []string          `json:"firstFactors"`
	MFA          string            `json:"mfa"`
	Discovery    string            `json:"discovery"` // URL of the OpenID Connect discovery document
	Keys         string            `json:"keys"`      // URL of the JWKS
	Clients      []OverviewClient  `json:"clients"`
	Newest       []OverviewUser    `json:"newest"`
	Triggers     []OverviewTrigger `json:"triggers"`
}

// OverviewClient is an app client of a pool.
type OverviewClient struct {
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	Secret bool     `json:"secret"` // whether it has one
	Flows  []string `json:"flows"`
}

// OverviewUser is a user of a pool.
type OverviewUser struct {
	Username string    `json:"username"`
	Contact  string    `json:"contact,omitempty"` // e-mail address, else phone number
	Status   string    `json:"status"`
	Enabled  bool      `json:"enabled"`
	Created  time.Time `json:"created"`
}

// OverviewTrigger is a trigger of a pool and the function behind it.
type OverviewTrigger struct {
	Name     string `json:"name"`
	Function string `json:"function"`
}

// home shows the overview.
func (d Door) home(w http.ResponseWriter, r *http.Request) {
	o, err := d.Overview(r.Context())
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	if wantsJSON(r) {
		answer(w, http.StatusOK, o)
		return
	}
	ahead := ""
	if d.Clock.Offset() > 0 {
		ahead = d.Clock.Offset().String()
	}
	render(w, "home.html", struct {
		Overview
		Now      time.Time
		Ahead    string
		Messages int
	}{o, d.Clock.Now().UTC(), ahead, len(d.Inbox.Messages(""))})
}
