package pool

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

const (
	logGroup = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/vendedlogs/pool"
	stream   = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/people"
	bucket   = "arn:aws:s3:::people-logs/cenote"
)

func toGroup(source, level string) wire.LogConfigurationType {
	return wire.LogConfigurationType{EventSource: source, LogLevel: level, CloudWatchLogsConfiguration: &wire.CloudWatchLogsConfigurationType{LogGroupArn: logGroup}}
}

func TestLogsThatArePossible(t *testing.T) {
	t.Parallel()
	toStream := wire.LogConfigurationType{EventSource: ActivityLogs, LogLevel: "INFO", FirehoseConfiguration: &wire.FirehoseConfigurationType{StreamArn: stream}}
	toBucket := wire.LogConfigurationType{EventSource: ActivityLogs, LogLevel: "INFO", S3Configuration: &wire.S3ConfigurationType{BucketArn: bucket}}
	at := func(arn string) wire.LogConfigurationType {
		c := toGroup(NotificationLogs, "ERROR")
		c.CloudWatchLogsConfiguration = &wire.CloudWatchLogsConfigurationType{LogGroupArn: arn}
		return c
	}
	both := toStream
	both.S3Configuration = toBucket.S3Configuration
	noticesToBucket := toBucket
	noticesToBucket.EventSource, noticesToBucket.LogLevel = NotificationLogs, "ERROR"
	const invalid = "Request validation Failed. "
	for _, tc := range []struct {
		name string
		tier string
		set  []wire.LogConfigurationType
		code fault.Code
		text string
	}{
		{name: "nothing", tier: Lite},
		{name: "notices", tier: Lite, set: []wire.LogConfigurationType{toGroup(NotificationLogs, "ERROR")}},
		{name: "both sources", tier: Plus, set: []wire.LogConfigurationType{toGroup(NotificationLogs, "ERROR"), toGroup(ActivityLogs, "INFO")}},
		{name: "activity to a stream", tier: Plus, set: []wire.LogConfigurationType{toStream}},
		{name: "activity to a bucket", tier: Plus, set: []wire.LogConfigurationType{toBucket}},
		{
			name: "activity below the tier", tier: Essentials, set: []wire.LogConfigurationType{toStream}, code: fault.FeatureUnavailableInTier,
			text: "The following feature is not available for the ESSENTIALS pricing tier configured: Log Streaming",
		},
		{
			name: "no destination", tier: Plus, set: []wire.LogConfigurationType{{EventSource: NotificationLogs, LogLevel: "ERROR"}}, code: fault.InvalidParameter,
			text: invalid + "Following event sources in request have no destination: [userNotification].",
		},
		{
			name: "a source twice", tier: Plus, set: []wire.LogConfigurationType{toStream, toBucket}, code: fault.InvalidParameter,
			text: invalid + "Following event sources appear more then once in a request: [userAuthEvents].",
		},
		{
			name: "both flaws", tier: Plus, set: []wire.LogConfigurationType{{EventSource: NotificationLogs}, {EventSource: NotificationLogs}}, code: fault.InvalidParameter,
			text: invalid + "Following event sources in request have no destination: [userNotification, userNotification]. " +
				"Following event sources appear more then once in a request: [userNotification].",
		},
		{name: "two destinations", tier: Plus, set: []wire.LogConfigurationType{both}, code: fault.InvalidParameter},
		{name: "notices to a bucket", tier: Plus, set: []wire.LogConfigurationType{noticesToBucket}, code: fault.InvalidParameter},
		{name: "notices of another level", tier: Plus, set: []wire.LogConfigurationType{toGroup(NotificationLogs, "INFO")}, code: fault.InvalidParameter},
		{name: "activity of another level", tier: Plus, set: []wire.LogConfigurationType{toGroup(ActivityLogs, "ERROR")}, code: fault.InvalidParameter},
		{name: "a group that is a stream", tier: Plus, set: []wire.LogConfigurationType{at(stream)}, code: fault.InvalidParameter},
		{name: "a region that is a host", tier: Plus, set: []wire.LogConfigurationType{at(strings.Replace(logGroup, "eu-west-1", "x@evil.example/", 1))}, code: fault.InvalidParameter},
		{name: "a group without a name", tier: Plus, set: []wire.LogConfigurationType{at("arn:aws:logs:eu-west-1:123456789012:log-group")}, code: fault.InvalidParameter},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := &Pool{ID: "us-east-1_Abcdefghi"}
			p.Settings.UserPoolTier = tc.tier
			err := p.SetLogs(tc.set)
			if fault.CodeOf(err) != tc.code || (tc.text != "" && err.Error() != string(tc.code)+": "+tc.text) {
				t.Fatalf("got %v, want %s %s", err, tc.code, tc.text)
			}
			want := tc.set
			if want == nil || err != nil {
				want = []wire.LogConfigurationType{}
			}
			if diff := cmp.Diff(&wire.LogDeliveryConfigurationType{UserPoolId: p.ID, LogConfigurations: want}, p.ShowLogs()); diff != "" {
				t.Errorf("shown (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatADestinationNames(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		d            LogDestination
		name, region string
	}{
		{LogDestination{CloudWatch, logGroup}, "/aws/vendedlogs/pool", "eu-west-1"},
		{LogDestination{CloudWatch, logGroup + ":*"}, "/aws/vendedlogs/pool", "eu-west-1"},
		{LogDestination{Firehose, stream}, "people", "eu-west-1"},
		{LogDestination{S3, bucket}, "people-logs/cenote", ""},
	} {
		if tc.d.Name() != tc.name || tc.d.Region() != tc.region || !tc.d.named() {
			t.Errorf("%s: %q in %q", tc.d.ARN, tc.d.Name(), tc.d.Region())
		}
	}
	for _, arn := range []string{"arn:aws:s3:::..", "arn:aws:s3:::bucket/../other", "arn:aws:s3:::UPPER"} {
		if (LogDestination{S3, arn}).named() {
			t.Errorf("%s is taken", arn)
		}
	}
}
