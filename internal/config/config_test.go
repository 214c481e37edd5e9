package config

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// load reads settings from flags and environment given as name=value, and from a file with the text.
func load(t *testing.T, flags, env []string, text string) (*Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cenote.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	from := Sources{Flags: map[string]string{"config": path}}
	for _, f := range flags {
		name, value, _ := strings.Cut(f, "=")
		from.Flags[name] = value
	}
	from.Env = func(name string) (string, bool) {
		for _, e := range env {
			if value, ok := strings.CutPrefix(e, name+"="); ok {
				return value, true
			}
		}
		return "", false
	}
	c, err := Load(from)
	if err != nil {
		err = errors.New(strings.ReplaceAll(err.Error(), path, "cenote.yaml"))
	}
	return c, err
}

func TestLoadPrefersFlagToEnvironmentToFileToDefault(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name       string
		flags, env []string
		file       string
		want       string
	}{
		{"nothing is set", nil, nil, "", "us-east-1"},
		{"the file sets it", nil, nil, "region: eu-west-1", "eu-west-1"},
		{"the environment beats the file", nil, []string{"CENOTE_REGION=eu-west-2"}, "region: eu-west-1", "eu-west-2"},
		{"the flag beats both", []string{"region=eu-west-3"}, []string{"CENOTE_REGION=eu-west-2"}, "region: eu-west-1", "eu-west-3"},
		{"an empty variable counts as none", nil, []string{"CENOTE_REGION="}, "region: eu-west-1", "eu-west-1"},
		{"an empty line of the file counts as none", nil, nil, "region:", "us-east-1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c, err := load(t, tc.flags, tc.env, tc.file)
			if err != nil {
				t.Fatal(err)
			}
			if c.Region != tc.want {
				t.Errorf("region %s, want %s", c.Region, tc.want)
			}
		})
	}
}

func TestLoadSaysWhichSettingIsWrong(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name       string
		flags, env []string
		file       string
		want       string
	}{
		{"an address without a port", []string{"listen=localhost"}, nil, "", `--listen: "localhost" is not an address like 127.0.0.1:4310 or :4310`},
		{"an address with a strange port", nil, []string{"CENOTE_LISTEN=:http"}, "", `CENOTE_LISTEN: port "http" is not a number up to 65535`},
		{"an empty address", []string{"listen="}, nil, "", `--listen: "" is not an address like 127.0.0.1:4310 or :4310`},
		{"a line of the file", nil, nil, "\n\nregion: mars", `cenote.yaml:3: region: "mars" is not a region like us-east-1; clients read it out of pool ids`},
		{"an unknown key of the file", nil, nil, "regoin: us-east-1", `cenote.yaml:1: there is no setting "regoin"`},
		{"a key that is set twice", nil, nil, "region: us-east-1\nregion: us-east-2", `cenote.yaml:2: region is set twice`},
		{"a secret in the file", nil, nil, "master-key: x", "cenote.yaml:1: master-key cannot be set in a file; use the environment: CENOTE_MASTER_KEY"},
		{"a file within the file", nil, nil, "config: x", "cenote.yaml:1: config cannot be set in a file; use the environment: CENOTE_CONFIG"},
		{"a table in the file", nil, nil, "listen:\n  port: 1", "cenote.yaml:2: listen: is neither a value nor a list of values"},
		{"an endpoint that is no URL", nil, []string{"CENOTE_LAMBDA_ENDPOINT=localhost:9001"}, "", "CENOTE_LAMBDA_ENDPOINT: is not an http or https URL"},
		{"an endpoint of AWS's variable that is no URL", nil, []string{"AWS_ENDPOINT_URL_LAMBDA=ftp://x"}, "", "AWS_ENDPOINT_URL_LAMBDA: is not an http or https URL"},
		{"a trigger URL without scheme", nil, nil, "trigger-urls:\n  f: u:hush@host", "cenote.yaml:2: trigger-urls: f is not an http or https URL"},
		{"a trigger URL that is a list", nil, nil, "trigger-urls:\n  f: [a]", "cenote.yaml:2: trigger-urls: f is not a single value"},
		{"trigger URLs that are no table", nil, nil, "trigger-urls: https://a.example", "cenote.yaml:1: trigger-urls: is not a table of `name: value` lines"},
		{"a SAML provider of another name", nil, nil, "saml-providers:\n  Corp: a.xml", `cenote.yaml:2: saml-providers: "Corp" is not the ARN of a SAML provider`},
		{
			"a SAML provider without metadata", nil, nil, "saml-providers:\n  'arn:aws:iam::0:saml-provider/Corp': ''",
			"cenote.yaml:2: saml-providers: arn:aws:iam::0:saml-provider/Corp has no metadata",
		},
		{"a function that is there twice", nil, nil, "functions:\n  f: a\n  f: b", "cenote.yaml:2: functions: f is there twice"},
		{"a function without a folder", nil, nil, "functions:\n  f: ''", "cenote.yaml:2: functions: f has no folder"},
		{"a file of another kind", nil, nil, "- listen", "cenote.yaml:1: settings are written as `name: value`"},
		{"a public URL without scheme", []string{"public-url=auth.example.com"}, nil, "", "--public-url: is not a URL like https://auth.example.com"},
		{"a public URL with a query", []string{"public-url=https://a.example/?x=1"}, nil, "", "--public-url: has more than a scheme and a host"},
		{"a public URL with a path", []string{"public-url=https://a.example/auth/"}, nil, "", "--public-url: has a path, /auth/: pages and signed requests work only at the root of a host, so give cenote a host name of its own"},
		{"a network that is none", []string{"trusted-proxies=10.0.0.0/8,nearby"}, nil, "", `--trusted-proxies: "nearby" is neither an address nor a network like 10.0.0.0/8`},
		{"another database", nil, []string{"CENOTE_DATABASE=mysql://root:hush@db"}, "", "CENOTE_DATABASE: is neither sqlite, sqlite:<path>, memory nor a postgres:// URL"},
		{"a database file without a name", []string{"database=sqlite:"}, nil, "", "--database: sqlite: is followed by the path of a file"},
		{"a short account", []string{"account-id=12"}, nil, "", `--account-id: "12" is not 12 digits`},
		{"a level that is none", nil, nil, "log-level: loud", `cenote.yaml:1: log-level: "loud" is not debug, info, warn or error`},
		{"a format that is none", nil, nil, "log-format: xml", `cenote.yaml:1: log-format: "xml" is not auto, text or json`},
		{"a switch that is no switch", nil, []string{"CENOTE_AWS_ISSUER=perhaps"}, "", `CENOTE_AWS_ISSUER: "perhaps" is neither true nor false`},
		{"a mail server without a sender", nil, []string{"CENOTE_SMTP_URL=smtp://u:hush@mail"}, "", "CENOTE_SMTP_URL: needs --mail-from too: the address that mail comes from"},
		{"a sender without a mail server", []string{"mail-from=a@example.com"}, nil, "", "--mail-from: needs --smtp-url too: the server that takes the mail"},
		{"a root key without its secret", nil, []string{"CENOTE_ROOT_ACCESS_KEY_ID=root"}, "", "CENOTE_ROOT_ACCESS_KEY_ID: needs CENOTE_ROOT_SECRET_ACCESS_KEY too"},
		{"a root secret without its id", nil, []string{"CENOTE_ROOT_SECRET_ACCESS_KEY=0123456789abcdef"}, "", "CENOTE_ROOT_SECRET_ACCESS_KEY: needs CENOTE_ROOT_ACCESS_KEY_ID too"},
		{"a short root secret", nil, []string{"CENOTE_ROOT_SECRET_ACCESS_KEY=hush"}, "", "CENOTE_ROOT_SECRET_ACCESS_KEY: is shorter than 16 characters"},
		{"a root id with a space", nil, []string{"CENOTE_ROOT_ACCESS_KEY_ID=a b"}, "", "CENOTE_ROOT_ACCESS_KEY_ID: is not 1 to 128 letters, digits, dots, dashes and underscores"},
		{"a certificate without its key", []string{"tls-cert=a.pem"}, nil, "", "--tls-cert: needs --tls-key too"},
		{"a key without its certificate", []string{"tls-key=a.pem"}, nil, "", "--tls-key: needs --tls-cert too"},
		{"metrics on the main address", []string{"metrics-listen=127.0.0.1:4310"}, nil, "", "--metrics-listen: is the address of --listen; leave it out to have metrics there"},
		{
			"a master key that is too short", nil,
			[]string{"CENOTE_MASTER_KEY=aHVzaA=="},
			"",
			"CENOTE_MASTER_KEY: key 1 is not 32 bytes in base64 or hex (make one with: openssl rand -base64 32)",
		},
		{
			"a command and a master key",
			[]string{"master-key-command=cat k"},
			[]string{"CENOTE_MASTER_KEY=" + strings.Repeat("ab", 32)},
			"",
			"--master-key-command: the master key is given by CENOTE_MASTER_KEY already; unset one of them",
		},
		{
			"a command and a file for the master key",
			[]string{"master-key-command=cat k", "master-key-file=k"},
			nil,
			"",
			"--master-key-command: the master key is given by --master-key-file already; unset one of them",
		},
		{
			"signing keys that would pile up",
			[]string{"signing-key-age=1h"},
			nil,
			"",
			"--signing-key-age: \"1h\" is not a duration from 48h0m0s to 87600h0m0s, like 1m30s",
		},
		{
			"two places for the master key",
			[]string{"master-key-file=k"},
			[]string{"CENOTE_MASTER_KEY=" + strings.Repeat("ab", 32)},
			"",
			"--master-key-file: the master key is given by CENOTE_MASTER_KEY already; unset one of them",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, tc.flags, tc.env, tc.file)
			if err == nil {
				t.Fatalf("accepted, want %q", tc.want)
			}
			if diff := cmp.Diff(tc.want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if strings.Contains(err.Error(), "hush") {
				t.Error("the error shows a secret")
			}
		})
	}
}

func TestLoadNamesAFileThatIsMissing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "missing.yaml")
	_, err := Load(Sources{Flags: map[string]string{"config": path}, Env: func(string) (string, bool) { return "", false }})
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want an error that names %s", err, path)
	}
}

func TestLoadFillsInWhatFollows(t *testing.T) {
	t.Parallel()
	c, err := load(t, []string{"smtp-url="}, []string{"CENOTE_SMTP_URL=smtp://mail"}, "data-dir: /var/lib/cenote\ntrusted-proxies: [10.0.0.1, fd00::/8, '::ffff:10.0.0.2', '::ffff:10.1.0.0/112']\nlog-level: warn")
	if err != nil {
		t.Fatal(err)
	}
	if path, ok := c.SQLiteFile(); !ok || path != "/var/lib/cenote/cenote.db" {
		t.Errorf("database file %q, %v", path, ok)
	}
	if c.MasterKeyFile != "/var/lib/cenote/master.key" {
		t.Errorf("master key file %s", c.MasterKeyFile)
	}
	if c.SMTPURL != "" {
		t.Error("an empty flag does not take the environment's value back")
	}
	if got := fmt.Sprint(c.TrustedProxies); got != "[10.0.0.1/32 fd00::/8 10.0.0.2/32 10.1.0.0/16]" {
		t.Errorf("proxies %s", got)
	}
	if c.LogLevel != slog.LevelWarn {
		t.Errorf("level %s", c.LogLevel)
	}
}

func TestLoadReadsWhereFunctionsAre(t *testing.T) {
	t.Parallel()
	c, err := load(t, nil, []string{
		"AWS_ENDPOINT_URL_LAMBDA=http://localhost:9001/", "AWS_ENDPOINT_URL_KMS=http://localhost:9002",
		"AWS_ACCESS_KEY_ID=id", "AWS_SECRET_ACCESS_KEY=secret",
	},
		"functions:\n  one: ./one\ntrigger-urls:\n  arn:aws:lambda:us-east-1:000000000000:function:two: https://a.example/two\n")
	if err != nil {
		t.Fatal(err)
	}
	if c.LambdaEndpoint != "http://localhost:9001" {
		t.Errorf("Lambda is at %s", c.LambdaEndpoint)
	}
	if diff := cmp.Diff(AWS{AccessKeyID: "id", SecretAccessKey: "secret", KMSEndpoint: "http://localhost:9002"}, c.AWS); diff != "" {
		t.Errorf("AWS (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"one": "./one"}, c.Functions); diff != "" {
		t.Errorf("functions (-want +got):\n%s", diff)
	}
	want := map[string]string{"arn:aws:lambda:us-east-1:000000000000:function:two": "https://a.example/two"}
	if diff := cmp.Diff(want, c.TriggerURLs); diff != "" {
		t.Errorf("URLs (-want +got):\n%s", diff)
	}
	own, err := load(t, nil, []string{"AWS_ENDPOINT_URL_LAMBDA=http://localhost:9001", "CENOTE_LAMBDA_ENDPOINT=http://localhost:9003", "AWS_ACCESS_KEY_ID=id"}, "")
	if err != nil {
		t.Fatal(err)
	}
	if own.LambdaEndpoint != "http://localhost:9003" || own.AWS != (AWS{}) {
		t.Errorf("Lambda is at %s, with credentials %v", own.LambdaEndpoint, own.AWS)
	}
}

func TestParseMasterKeysReadsKeysInTheirOrder(t *testing.T) {
	t.Parallel()
	one, two := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	keys, err := ParseMasterKeys("\uFEFF# made in March\n" + base64.StdEncoding.EncodeToString(one) + "\n\n" + strings.Repeat("02", 32) + " \n")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]byte{one, two}, keys); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if _, err := ParseMasterKeys("# nothing here\n"); err == nil {
		t.Error("a file without a key is accepted")
	}
}

func TestBaseURLFollowsFromTheAddress(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, public, cert, listening, want string }{
		{"loopback", "", "", "127.0.0.1:4310", "http://127.0.0.1:4310"},
		{"all interfaces", "", "", "[::]:4310", "http://localhost:4310"},
		{"the usual port is left out", "", "", "auth.example.com:80", "http://auth.example.com"},
		{"TLS", "", "cert.pem", "auth.example.com:8443", "https://auth.example.com:8443"},
		{"TLS on its usual port", "", "cert.pem", "[2001:db8::1]:443", "https://[2001:db8::1]"},
		{"a public URL is taken as it stands, but for the slash", "https://Auth.example.com/", "", "127.0.0.1:4310", "https://Auth.example.com"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			flags := []string{"public-url=" + tc.public}
			if tc.cert != "" {
				flags = append(flags, "tls-cert="+tc.cert, "tls-key=key.pem")
			}
			c, err := load(t, flags, nil, "")
			if err != nil {
				t.Fatal(err)
			}
			if got := c.BaseURL(tc.listening); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestConfigPrintsNoSecret(t *testing.T) {
	t.Parallel()
	c, err := load(t, []string{"mail-from=a@example.com"}, []string{"CENOTE_SMTP_URL=smtp://u:hush@mail"}, "")
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("settings", "config", c)
	for _, shown := range []string{fmt.Sprintf("%v %+v %#v %s", c, *c, *c, c), fmt.Sprintf("%+v", struct{ C *Config }{c}), log.String()} {
		if strings.Contains(shown, "hush") {
			t.Errorf("a secret shows in %s", shown)
		}
	}
}

func TestTheTableIsSound(t *testing.T) {
	t.Parallel()
	doc := Markdown()
	seen := map[string]bool{}
	for _, s := range Settings() {
		if seen[s.Name] || s.Env != "" && seen[s.Env] {
			t.Errorf("%s is there twice", s.Name)
		}
		seen[s.Name] = true
		if s.Table {
			if s.Env != "" || !strings.Contains(doc, "`"+s.Name+"` in the file") {
				t.Errorf("the table %s can be set in the environment, or is not documented", s.Name)
			}
			continue
		}
		seen[s.Env] = true
		if want := "CENOTE_" + strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_")); s.Env != want {
			t.Errorf("%s has the variable %s, want %s", s.Name, s.Env, want)
		}
		if s.Help == "" || strings.HasSuffix(s.Help, ".") || strings.Contains(s.Help, "|") {
			t.Errorf("%s: help is %q", s.Name, s.Help)
		}
		if !strings.Contains(doc, "`"+s.Env+"`") {
			t.Errorf("the documentation lacks %s", s.Env)
		}
		if s.NoFlag && strings.Contains(doc, "`--"+s.Name+"`") {
			t.Errorf("the documentation shows a flag for the secret %s", s.Name)
		}
	}
}

func TestTracesAreSentWhereTheEnvironmentSays(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		env  map[string]string
		want bool
		says string // the error
	}{
		"nothing is set":         {nil, false, ""},
		"a collector":            {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, true, ""},
		"a collector of traces":  {map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, true, ""},
		"switched off":           {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "True"}, false, ""},
		"no exporter":            {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_TRACES_EXPORTER": "none"}, false, ""},
		"another protocol":       {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, false, `OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" is not http/protobuf, the only protocol that traces are sent by`},
		"another exporter":       {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_TRACES_EXPORTER": "console"}, false, `OTEL_TRACES_EXPORTER: "console" is not otlp or none`},
		"the exporter by name":   {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_TRACES_EXPORTER": "otlp"}, true, ""},
		"neither on nor off":     {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "1"}, false, `OTEL_SDK_DISABLED: "1" is not true or false`},
		"a protocol for nothing": {map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// A variable that is not set may come with a value all the same.
			c, err := Load(Sources{Env: func(name string) (string, bool) {
				value, ok := tc.env[name]
				if !ok {
					return "grpc", false
				}
				return value, true
			}})
			if err != nil {
				if err.Error() != tc.says {
					t.Errorf("error %q, want %q", err, tc.says)
				}
				return
			}
			if c.Tracing != tc.want || tc.says != "" {
				t.Errorf("traces: %t, want %t", c.Tracing, tc.want)
			}
		})
	}
}
