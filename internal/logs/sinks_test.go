package logs

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/pool"
)

var (
	noon   = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	group  = pool.LogDestination{Service: pool.CloudWatch, ARN: "arn:aws:logs:eu-west-1:123456789012:log-group:/people"}
	flow   = pool.LogDestination{Service: pool.Firehose, ARN: "arn:aws:firehose:eu-west-1:123456789012:deliverystream/people"}
	object = pool.LogDestination{Service: pool.S3, ARN: "arn:aws:s3:::people/logs"}
	two    = []pool.LogRecord{
		{PoolID: "eu-west-1_A", ID: "one", Text: `{"n":1}`, Created: noon},
		{PoolID: "eu-west-1_A", ID: "two", Text: `{"n":2}`, Created: noon.Add(time.Second)},
	}
)

// asked is a request that a double of a service got.
type asked struct{ method, path, target, auth, body string }

// double takes requests; answer decides what it says.
func double(t *testing.T, answer func(n int, a asked) (status int, kind, body string)) (string, func() []asked) {
	t.Helper()
	var mu sync.Mutex
	var all []asked
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		a := asked{r.Method, r.URL.Path, r.Header.Get("X-Amz-Target"), r.Header.Get("Authorization"), string(body)}
		all = append(all, a)
		n := len(all)
		mu.Unlock()
		status, kind, text := answer(n, a)
		if kind != "" {
			w.Header().Set("X-Amzn-Errortype", kind)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(srv.Close)
	return srv.URL, func() []asked { mu.Lock(); defer mu.Unlock(); return all }
}

func fine(int, asked) (int, string, string) { return 200, "", "{}" }

var account = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "secret"}, nil
})

func newSink(t *testing.T, to string) Sink {
	t.Helper()
	s, err := NewSink(Options{
		To: to, Region: "us-east-1", Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler),
		Credentials: account,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newSink(t, "file:"+dir)
	odd := pool.LogDestination{Service: pool.CloudWatch, ARN: "arn:aws:logs:eu-west-1:123456789012:log-group:../../etc/x"}
	for _, to := range []pool.LogDestination{group, group, odd} {
		if err := s.Deliver(t.Context(), to, two); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil || len(files) != 2 {
		t.Fatalf("%v %v, want a file for each destination", files, err)
	}
	text, err := os.ReadFile(filepath.Join(dir, fileName(group.ARN)))
	if want := strings.Repeat("{\"n\":1}\n{\"n\":2}\n", 2); err != nil || string(text) != want {
		t.Errorf("%q (%v), want %q", text, err, want)
	}
}

func TestTheServersLog(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	s, err := NewSink(Options{To: "log", Log: slog.New(slog.NewJSONHandler(&b, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Deliver(t.Context(), group, two[:1]); err != nil {
		t.Fatal(err)
	}
	var line map[string]any
	if err := json.Unmarshal(b.Bytes(), &line); err != nil || line["record"] != `{"n":1}` || line["destination"] != group.ARN {
		t.Errorf("%s (%v)", b.String(), err)
	}
}

func TestACollector(t *testing.T) {
	t.Parallel()
	url, requests := double(t, fine)
	s := newSink(t, strings.Replace(url, "http://", "http://user:hunter2@", 1)+"/in")
	if err := s.Deliver(t.Context(), group, two); err != nil {
		t.Fatal(err)
	}
	want := []asked{{"POST", "/in", "", "Basic dXNlcjpodW50ZXIy", "{\"n\":1}\n{\"n\":2}\n"}}
	if diff := cmp.Diff(want, requests(), cmp.AllowUnexported(asked{})); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	broken, _ := double(t, func(int, asked) (int, string, string) { return 503, "", "hunter2" })
	err := newSink(t, strings.Replace(broken, "http://", "http://user:hunter2@", 1)).Deliver(t.Context(), group, two)
	if err == nil || !strings.Contains(err.Error(), "503") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a collector that refuses: %v", err)
	}
}

func TestCloudWatch(t *testing.T) {
	t.Parallel()
	url, requests := double(t, func(n int, a asked) (int, string, string) {
		if n == 1 {
			return 400, "ResourceNotFoundException", `{"__type":"ResourceNotFoundException"}`
		}
		return 200, "", "{}"
	})
	if err := newSink(t, "aws:"+url).Deliver(t.Context(), group, two); err != nil {
		t.Fatal(err)
	}
	const put = `{"logGroupName":"/people","logStreamName":"eu-west-1_A","logEvents":[` +
		`{"timestamp":1795953600000,"message":"{\"n\":1}"},{"timestamp":1795953601000,"message":"{\"n\":2}"}]}`
	want := []asked{
		{method: "POST", path: "/", target: "Logs_20140328.PutLogEvents", body: put},
		{method: "POST", path: "/", target: "Logs_20140328.CreateLogStream", body: `{"logGroupName":"/people","logStreamName":"eu-west-1_A"}`},
		{method: "POST", path: "/", target: "Logs_20140328.PutLogEvents", body: put},
	}
	got := requests()
	for i := range got {
		if !strings.HasPrefix(got[i].auth, "AWS4-HMAC-SHA256 Credential=AKID/20261129/eu-west-1/logs/aws4_request") {
			t.Errorf("signed as %s", got[i].auth)
		}
		got[i].auth = ""
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(asked{})); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestFirehoseAndS3(t *testing.T) {
	t.Parallel()
	url, requests := double(t, fine)
	s := newSink(t, "aws:"+url)
	for _, to := range []pool.LogDestination{flow, object} {
		if err := s.Deliver(t.Context(), to, two); err != nil {
			t.Fatal(err)
		}
	}
	got := requests()
	if got[0].target != "Firehose_20150804.PutRecordBatch" || got[0].body != `{"DeliveryStreamName":"people","Records":[{"Data":"eyJuIjoxfQo="},{"Data":"eyJuIjoyfQo="}]}` {
		t.Errorf("Firehose got %+v", got[0])
	}
	if got[1].method != "PUT" || got[1].path != "/people/logs/eu-west-1_A/2026/11/29/one.jsonl" || got[1].body != "{\"n\":1}\n{\"n\":2}\n" ||
		!strings.Contains(got[1].auth, "/us-east-1/s3/") {
		t.Errorf("S3 got %+v", got[1])
	}
	partly, _ := double(t, func(int, asked) (int, string, string) { return 200, "", `{"FailedPutCount":1}` })
	if err := newSink(t, "aws:"+partly).Deliver(t.Context(), flow, two); err == nil {
		t.Error("a stream that took a part is a success")
	}
}

func TestSinksThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"", "nonsense", "file:/nonexistent/folder", "https://169.254.169.254/", "http://user:hunter2@[bad/", "aws:https://user:hunter2@host", "aws:ftp://host"} {
		_, err := NewSink(Options{To: to, Credentials: account})
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", to, err)
		}
	}
	if _, err := NewSink(Options{To: "aws"}); err == nil {
		t.Error("aws without credentials is taken")
	}
}

func TestDestinationsAreInTheirPartition(t *testing.T) {
	t.Parallel()
	c := &cloud{region: "cn-north-1"}
	for _, tc := range []struct {
		service, region, arn, want string
	}{
		{"logs", "eu-west-1", group.ARN, "https://logs.eu-west-1.amazonaws.com"},
		{"firehose", "cn-north-1", "arn:aws-cn:firehose:cn-north-1:123456789012:deliverystream/people", "https://firehose.cn-north-1.amazonaws.com.cn"},
		{"s3", "cn-north-1", "arn:aws-cn:s3:::people", "https://s3.cn-north-1.amazonaws.com.cn"},
	} {
		if got := c.base(tc.service, tc.region, pool.LogDestination{ARN: tc.arn}).String(); got != tc.want {
			t.Errorf("%s is at %s, want %s", tc.arn, got, tc.want)
		}
	}
}
