package pages

import (
	"net/http"

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
		for _, s := range out.Sessions {
			page.Sessions = append(page.Sessions, sessionRow{s.SessionId, s.DeviceType, s.LastIPAddress, moment{s.LastActiveDate.Time}})
		}
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
				o.Language.text("event." + e.EventType), o.Language.text("event." + e.EventResponse), where.DeviceName, where.IpAddress,
				moment{e.CreationDate.Time},
			})
		}
	}
	return o.show("account_activity", nil, problem, page)
}

// endSessions ends one session, or all of them, this browser's included.
func (d *Door) endSessions(o *owner) error {
	if id := o.Form.Get("session"); id != "" {
		if _, err := as[wire.RevokeUserSessionOutput](o, "RevokeUserSession", map[string]any{"SessionId": id}); err != nil {
			return o.refuse(err, o.showActivity)
		}
		return o.done("/activity")
	}
	if _, err := as[wire.GlobalSignOutOutput](o, "GlobalSignOut", map[string]any{}); err != nil {
		return o.refuse(err, o.showActivity)
	}
	d.Cookies.SetSession(o.w, o.r, o.Pool.ID, "", 0)
	http.Redirect(o.w, o.r, o.AccountLink(""), http.StatusSeeOther)
	return nil
}
