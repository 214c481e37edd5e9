package pages

import (
	"net/http"
	"slices"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/wire"
)

// activityPage is what the page of sessions and events shows.
type activityPage struct {
	Tracked  bool // the pool keeps sessions
	Sessions []sessionRow
	Watched  bool // the pool keeps events
	Events   []eventRow
	Saved    bool
}

type sessionRow struct {
	ID, Device, IP string
	Used           moment
}

type eventRow struct {
	Text, Result, Device, IP string
	Time                     moment
}

// shownEvents is how many events the page shows, the newest.
const shownEvents = 20

func (d *Door) showActivity(o *owner) error { return o.showActivity("") }

func (o *owner) showActivity(problem string) error {
	page := activityPage{Tracked: o.Pool.TracksSessions(), Watched: o.Pool.CheckThreatProtection() == nil, Saved: o.saved()}
	if page.Tracked {
		out, err := as[wire.ListUserSessionsOutput](o, "ListUserSessions", map[string]any{})
		if err != nil {
			return err
		}
		page.Sessions = sessionRows(out.Sessions)
	}
	if page.Watched {
		out, err := api.Do[wire.AdminListUserAuthEventsOutput](o.ctx(), o.Door.Operations, "AdminListUserAuthEvents", map[string]any{
			"UserPoolId": o.Pool.ID, "Username": o.user().Username, "MaxResults": shownEvents,
		})
		if err != nil {
			return err
		}
		for _, e := range out.AuthEvents {
			where := wire.Value(e.EventContextData, wire.EventContextDataType{})
			page.Events = append(page.Events, eventRow{
				o.Language.text("event." + e.EventType), o.Language.text("event." + e.EventResponse), deviceName(where.DeviceName), where.IpAddress,
				moment{e.CreationDate.Time},
			})
		}
	}
	return o.show("account_activity", nil, problem, page)
}

// sessionRows shows a browser and what came through it as one row, used when any of them was. The sessions are in the order of their last use.
func sessionRows(all []wire.SessionDescriptionType) (rows []sessionRow) {
	rowOf := func(s wire.SessionDescriptionType) string {
		if slices.ContainsFunc(all, func(other wire.SessionDescriptionType) bool { return other.SessionId == s.OriginSessionId }) {
			return s.OriginSessionId
		}
		return s.SessionId // that of no browser, or of one that is signed out
	}
	used := make(map[string]moment)
	for _, s := range all {
		if id := rowOf(s); used[id].IsZero() {
			used[id] = moment{s.LastActiveDate.Time}
		}
	}
	for _, s := range all {
		if id := rowOf(s); id == s.SessionId {
			rows = append(rows, sessionRow{id, deviceName(s.DeviceType), s.LastIPAddress, used[id]})
		}
	}
	slices.SortStableFunc(rows, func(a, b sessionRow) int { return b.Used.Compare(a.Used.Time) })
	return rows
}

// endSessions ends one session with what is linked with it, or all of them, this browser's included.
func (d *Door) endSessions(o *owner) error {
	if id := o.Form.Get("session"); id != "" {
		if _, err := as[wire.RevokeUserSessionOutput](o, "RevokeUserSession", map[string]any{
			"SessionId": id, "RevokeAssociatedSessions": "LINKED",
		}); err != nil {
			return o.refuse(err, o.showActivity)
		}
		return o.done("/activity")
	}
	if !o.Form.Has("everywhere") {
		return o.showActivity("")
	}
	if _, err := as[wire.GlobalSignOutOutput](o, "GlobalSignOut", map[string]any{}); err != nil {
		return o.refuse(err, o.showActivity)
	}
	d.Cookies.SetSession(o.w, o.r, o.Pool.ID, "", 0)
	http.Redirect(o.w, o.r, o.AccountLink(""), http.StatusSeeOther)
	return nil
}
