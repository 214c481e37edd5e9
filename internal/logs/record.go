package logs

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
)

// record is the form of all records, as the service documents it.
type record struct {
	Timestamp string `json:"eventTimestamp"` // milliseconds since 1970
	Source    string `json:"eventSource"`
	Level     string `json:"logLevel"`
	Message   any    `json:"message"`
	SourceID  struct {
		PoolID string `json:"userPoolId"`
	} `json:"logSourceId"`
}

// activity is what a user did. All values are texts, the absent ones too.
type activity struct {
	Version             string   `json:"version"`
	EventID             string   `json:"eventId"`
	EventType           string   `json:"eventType"`
	UserSub             string   `json:"userSub"`
	UserName            string   `json:"userName"`
	PoolID              string   `json:"userPoolId"`
	ClientID            string   `json:"clientId"`
	Created             string   `json:"creationDate"` // as Java prints a date
	Response            string   `json:"eventResponse"`
	RiskLevel           string   `json:"riskLevel"`
	RiskDecision        string   `json:"riskDecision"`
	Challenges          []string `json:"challenges"`
	DeviceName          string   `json:"deviceName"`
	IP                  string   `json:"ipAddress"`
	RequestID           string   `json:"requestId"`
	IDPName             string   `json:"idpName"`
	CompromisedDetected string   `json:"compromisedCredentialDetected"`
	City                string   `json:"city"`
	Country             string   `json:"country"`
	FeedbackValue       string   `json:"eventFeedbackValue"`
	FeedbackDate        string   `json:"eventFeedbackDate"`
	FeedbackProvider    string   `json:"eventFeedbackProvider"`
	HasContextData      string   `json:"hasContextData"`
}

// javaDate is the form of creationDate.
const javaDate = "Mon Jan 02 15:04:05 MST 2006"

// Activity adds what a user did, if the pool's activity is delivered. A step of a sign-in that goes on is not an event yet.
func (o *Outbox) Activity(p *pool.Pool, u *user.User, e user.Event, requestID string) {
	if o == nil || e.Type == user.SignInEvent && e.Result == user.EventInProgress {
		return
	}
	if _, delivered := p.LogDestination(pool.ActivityLogs); !delivered {
		return
	}
	a := activity{
		Version: "1", EventID: e.ID, EventType: string(e.Type), UserSub: u.ID, UserName: u.Username, PoolID: p.ID, ClientID: e.ClientID,
		Created: e.Time.UTC().Format(javaDate), Response: string(e.Result), RiskLevel: e.Risk.Level, RiskDecision: decision(e.Risk.Decision),
		Challenges: []string{}, DeviceName: strings.Trim(e.Browser+", "+e.System, ", "), IP: e.IP, RequestID: requestID,
		CompromisedDetected: strconv.FormatBool(e.Risk.Compromised != nil && *e.Risk.Compromised), HasContextData: strconv.FormatBool(e.IP != ""),
	}
	for _, s := range e.Steps {
		outcome := ":FAILURE"
		if s.Success {
			outcome = ":SUCCESS"
		}
		a.Challenges = append(a.Challenges, strings.ToUpper(s.Name)+outcome)
	}
	o.put(p, pool.ActivityLogs, "USER_ACTIVITY", "INFO", e.ID, e.Time, a)
}

// decision spells a decision as logs do: the service documents PASS.
func decision(d string) string {
	switch d {
	case "", "NoRisk":
		return "PASS"
	case "AccountTakeover":
		return "ACCOUNT_TAKEOVER"
	default:
		return strings.ToUpper(d)
	}
}

// Undelivered adds a message that could not be delivered, if the pool's notifications are delivered. The details hold no code and no whole
// address.
func (o *Outbox) Undelivered(p *pool.Pool, details string) {
	if o == nil {
		return
	}
	if _, delivered := p.LogDestination(pool.NotificationLogs); !delivered {
		return
	}
	o.put(p, pool.NotificationLogs, "USER_NOTIFICATION", "ERROR", uuid.NewString(), o.now(), struct {
		Details string `json:"details"`
	}{details})
}

func (o *Outbox) put(p *pool.Pool, source, name, level, id string, at time.Time, message any) {
	r := record{Timestamp: strconv.FormatInt(at.UnixMilli(), 10), Source: name, Level: level, Message: message}
	r.SourceID.PoolID = p.ID
	text, err := json.Marshal(r)
	if err != nil {
		o.log.Error("log record not encoded", "error", err)
		return
	}
	o.add(pool.LogRecord{PoolID: p.ID, ID: id, Source: source, Text: string(text), Created: at})
}
