package pool

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// The sources of a pool's logs.
const (
	NotificationLogs = "userNotification" // messages that could not be delivered
	ActivityLogs     = "userAuthEvents"   // what users of pools with threat protection do
)

// LogRecord is one record of a pool's logs on its way.
type LogRecord struct {
	PoolID  string
	ID      string // unique in the pool: a receiver that gets it twice can tell
	Source  string
	Text    string // JSON, as it is delivered
	Created time.Time
	Tries   int // how often its delivery was begun
}

// Service is the kind of a destination.
type Service string

// The kinds of destinations.
const (
	CloudWatch Service = "logs"
	Firehose   Service = "firehose"
	S3         Service = "s3"
)

// LogDestination is where records of one source go, as the pool's settings name it. What stands behind the ARN is the operator's choice.
type LogDestination struct {
	Service Service
	ARN     string
}

// SetLogs replaces the pool's log configurations, by the rules of SetLogDeliveryConfiguration.
func (p *Pool) SetLogs(configurations []wire.LogConfigurationType) error {
	if err := checkLogs(configurations); err != nil {
		return err
	}
	if p.Settings.UserPoolTier != Plus && slices.ContainsFunc(configurations, exportsActivity) {
		return featureUnavailable(p.Settings.UserPoolTier, logStreaming)
	}
	if configurations == nil {
		configurations = []wire.LogConfigurationType{}
	}
	p.Logs = &wire.LogDeliveryConfigurationType{UserPoolId: p.ID, LogConfigurations: configurations}
	return nil
}

func exportsActivity(c wire.LogConfigurationType) bool { return c.EventSource == ActivityLogs }

// ShowLogs returns the log configurations; a pool that never had any shows an empty list.
func (p *Pool) ShowLogs() *wire.LogDeliveryConfigurationType {
	if p.Logs == nil || p.Logs.LogConfigurations == nil {
		return &wire.LogDeliveryConfigurationType{UserPoolId: p.ID, LogConfigurations: []wire.LogConfigurationType{}}
	}
	return p.Logs
}

// LogDestination returns where the pool's records of the source go.
func (p *Pool) LogDestination(source string) (LogDestination, bool) {
	if p.Logs == nil {
		return LogDestination{}, false
	}
	for _, c := range p.Logs.LogConfigurations {
		if c.EventSource == source {
			return destinations(c)[0], true
		}
	}
	return LogDestination{}, false
}

func destinations(c wire.LogConfigurationType) (all []LogDestination) {
	if d := c.CloudWatchLogsConfiguration; d != nil && d.LogGroupArn != "" {
		all = append(all, LogDestination{CloudWatch, d.LogGroupArn})
	}
	if d := c.FirehoseConfiguration; d != nil && d.StreamArn != "" {
		all = append(all, LogDestination{Firehose, d.StreamArn})
	}
	if d := c.S3Configuration; d != nil && d.BucketArn != "" {
		all = append(all, LogDestination{S3, d.BucketArn})
	}
	return all
}

// checkLogs checks what the shapes do not say. The texts about missing destinations and repeated sources were recorded on the service; the
// others are ours.
func checkLogs(configurations []wire.LogConfigurationType) error {
	var without, seen, twice, flaws []string
	for _, c := range configurations {
		if len(destinations(c)) == 0 {
			without = append(without, c.EventSource)
		}
		if slices.Contains(seen, c.EventSource) {
			twice = append(twice, c.EventSource)
		}
		seen = append(seen, c.EventSource)
	}
	if len(without) > 0 {
		flaws = append(flaws, "Following event sources in request have no destination: ["+strings.Join(without, ", ")+"].")
	}
	if len(twice) > 0 {
		flaws = append(flaws, "Following event sources appear more then once in a request: ["+strings.Join(twice, ", ")+"].")
	}
	if len(flaws) > 0 {
		return fault.New(fault.InvalidParameter, "Request validation Failed. "+strings.Join(flaws, " "))
	}
	for _, c := range configurations {
		if err := checkDestination(c); err != nil {
			return err
		}
	}
	return nil
}

func checkDestination(c wire.LogConfigurationType) error {
	all := destinations(c)
	level := map[string]string{NotificationLogs: "ERROR", ActivityLogs: "INFO"}[c.EventSource]
	switch {
	case c.LogLevel != level:
		return fault.Newf(fault.InvalidParameter, "Request validation Failed. Event source %s has the log level %s.", c.EventSource, level)
	case len(all) > 1:
		return fault.Newf(fault.InvalidParameter, "Request validation Failed. Event source %s has more than one destination.", c.EventSource)
	case c.EventSource == NotificationLogs && all[0].Service != CloudWatch:
		return fault.Newf(fault.InvalidParameter, "Request validation Failed. Event source %s is delivered to CloudWatch Logs only.", c.EventSource)
	case !all[0].named():
		return fault.Newf(fault.InvalidParameter, "Request validation Failed. %s is not the ARN of a destination of its kind.", all[0].ARN)
	}
	return nil
}

var (
	regionName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]+$`)
	bucketName = sync.OnceValue(func() *regexp.Regexp { // with or without a prefix
		return regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_=-]+)*/?$`)
	})
)

// named reports whether the ARN is one of the destination's service and names something there. Parts of it become parts of addresses.
func (d LogDestination) named() bool {
	if strings.Split(d.ARN, ":")[2] != string(d.Service) {
		return false
	}
	if d.Service == S3 {
		return bucketName().MatchString(d.Name())
	}
	return regionName.MatchString(d.Region()) && d.Name() != ""
}

// Name returns what the ARN names: the log group, the stream or the bucket.
func (d LogDestination) Name() string {
	parts := strings.SplitN(d.ARN, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	switch rest := parts[5]; d.Service {
	case CloudWatch: // log-group:name, with or without :*
		name, _ := strings.CutPrefix(rest, "log-group:")
		if name == rest {
			return ""
		}
		return strings.TrimSuffix(name, ":*")
	case Firehose: // deliverystream/name
		name, ok := strings.CutPrefix(rest, "deliverystream/")
		if !ok || strings.Contains(name, "/") {
			return ""
		}
		return name
	default: // bucket, or bucket/prefix
		return rest
	}
}

// Region returns the region in the ARN; a bucket's has none.
func (d LogDestination) Region() string { return strings.SplitN(d.ARN, ":", 5)[3] }
