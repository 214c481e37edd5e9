package userpools

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// maxEvents is the size of a page of events when the caller names none, and the largest that can be asked for.
const maxEvents = 60

// AdminListUserAuthEvents shows what a user did and how risky it was, newest first, a page at a time.
func (s *Service) AdminListUserAuthEvents(
	ctx context.Context, in *wire.AdminListUserAuthEventsInput,
) (*wire.AdminListUserAuthEventsOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	if err := p.CheckThreatProtection(); err != nil {
		return nil, err
	}
	scope := []string{"AdminListUserAuthEvents", p.ID, in.Username}
	cursor, err := s.readPageToken(in.NextToken, scope, 2)
	if err != nil {
		return nil, err
	}
	var before time.Time
	if cursor[0] != "" {
		micros, err := strconv.ParseInt(cursor[0], 10, 64)
		if err != nil {
			return nil, errPage.Because(err)
		}
		before = time.UnixMicro(micros)
	}
	if err := s.Audit.Recorder.Flush(ctx); err != nil { // what happened a moment ago is shown, too
		return nil, err
	}
	limit := pageSize(in.MaxResults, maxEvents)
	var events []user.Event
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		u, err := tx.UserByName(p, in.Username)
		if err != nil {
			return err
		}
		events, err = tx.UserEvents(p.ID, u.ID, before, cursor[1], limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &wire.AdminListUserAuthEventsOutput{AuthEvents: []wire.AuthEventType{}}
	if len(events) > limit {
		events = events[:limit]
		last := events[limit-1]
		if out.NextToken, err = s.pageToken(scope, strconv.FormatInt(last.Time.UnixMicro(), 10), last.ID); err != nil {
			return nil, err
		}
	}
	for _, e := range events {
		out.AuthEvents = append(out.AuthEvents, showEvent(e))
	}
	return out, nil
}

func showEvent(e user.Event) wire.AuthEventType {
	out := wire.AuthEventType{
		EventId: e.ID, EventType: string(e.Type), CreationDate: wire.At(e.Time), EventResponse: string(e.Result),
		EventContextData: &wire.EventContextDataType{IpAddress: e.IP, DeviceName: strings.Trim(e.Browser+", "+e.System, ", ")},
	}
	for _, step := range e.Steps {
		response := "Failure"
		if step.Success {
			response = "Success"
		}
		out.ChallengeResponses = append(out.ChallengeResponses, wire.ChallengeResponseType{ChallengeName: step.Name, ChallengeResponse: response})
	}
	if e.Risk != (user.EventRisk{}) {
		out.EventRisk = &wire.EventRiskType{
			RiskDecision: e.Risk.Decision, RiskLevel: e.Risk.Level, CompromisedCredentialsDetected: e.Risk.Compromised,
		}
	}
	if f := e.Feedback; f != nil {
		out.EventFeedback = &wire.EventFeedbackType{FeedbackValue: f.Value, Provider: f.Provider, FeedbackDate: wire.At(f.Time)}
	}
	return out
}
