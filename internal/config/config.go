// Package config is what an operator can set: one table of settings, read from flags, the environment and a file.
//
// The table (Settings, in settings.go) is the only place that knows a setting's name, default, meaning and check. The command line
// makes its flags of it, Load reads it, Markdown documents it. A flag beats the environment, which beats the file. A value that is wrong
// ends Load with one line that names where it was set. Start with Load.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Config is a set of checked settings. It holds secrets, so it prints as "[settings]".
type Config struct {
	Listen         string // host:port
	MetricsListen  string // host:port; empty when metrics and health have no address of their own
	PublicURL      string // without a trailing slash; empty: see BaseURL
	TLSCert        string // file; empty for plain HTTP
	TLSKey         string // file
	TrustedProxies []netip.Prefix
	ShutdownDelay  time.Duration

	DataDir       string
	Database      string // "sqlite:<path>", "memory:" or a postgres:// URL, which may hold a password
	DatabaseWait  time.Duration
	MasterKeyFile string   // exists or is to be made; unused when MasterKeys are given
	MasterKeys    [][]byte // 32 bytes each, the current one first; nil when they are elsewhere
	// MasterKeyCommand prints the master keys; empty when they are elsewhere.
	MasterKeyCommand string

	SigningKeyAge time.Duration // at which signing keys are replaced; 0: never

	RootAccessKeyID string // empty when the server makes its own
	RootSecretKey   string

	Region    string
	AccountID string // 12 digits
	AWSIssuer bool

	ExtendedFilters bool // of ListUsers

	ReuseEndsSignIn bool // of a rotated refresh token

	AuthHost string // empty: prefix domains have no address of their own

	AccountPages bool   // users have pages of their own
	PageTexts    string // folder of texts; empty for none

	// AllowPrivateProviders lets identity providers be on http, on private addresses and on any port.
	AllowPrivateProviders bool

	ProviderExtensions bool // providers may have details that the service does not know

	SMTPURL  string // may hold a password
	MailFrom string
	SMSURL   string // may hold a secret

	LambdaEndpoint string              // base URL without a trailing slash; empty: AWS
	STSEndpoint    string              // without a trailing slash; empty: identity pools vend credentials of this server
	Roles          map[string][]string // by ARN: which operations credentials of the role may call
	SAMLProviders  map[string]string   // of identity pools, by ARN: files or addresses of their metadata
	TriggerURLs    map[string]string   // by name or ARN of the function; may hold passwords
	Functions      map[string]string   // folders, by name or ARN of the function
	AWS            AWS

	FunctionEnvironment []string // names of variables that functions on this machine inherit

	BreachedPasswords string // file; empty for none
	RateLimits        bool
	RateLimitAddress  int // calls per second; 0: no limit
	RateLimitClient   int
	RateLimitUser     int

	MessageLimitUser        int // messages of a kind per hour; 0: no limit
	MessageLimitDestination int

	Audit       string        // "off", "changes" or "all"
	AuditAge    time.Duration // 0: for ever
	AuditStream string        // "stdout", "stderr" or a file; empty for none

	Tracing bool // the environment of OpenTelemetry names a collector

	LogDelivery string // where the logs of pools go; may hold a password
	LogLevel    slog.Level
	LogFormat   string // "auto", "text" or "json"

	File    string            // the file that was read; empty when there is none
	origins map[string]string // by setting: where its value comes from, as told to the operator
}

// AWS is what AWS's own clients read from the environment, for functions and keys that are in AWS or in something that speaks like it.
type AWS struct {
	AccessKeyID, SecretAccessKey, SessionToken string // empty without credentials
	KMSEndpoint                                string // base URL; empty: AWS
}

// aws reads AWS's own variables. The credentials count only together.
func (s Sources) aws() (a AWS) {
	get := s.variable
	if id, secret := get("AWS_ACCESS_KEY_ID"), get("AWS_SECRET_ACCESS_KEY"); id != "" && secret != "" {
		a.AccessKeyID, a.SecretAccessKey, a.SessionToken = id, secret, get("AWS_SESSION_TOKEN")
	}
	a.KMSEndpoint = get("AWS_ENDPOINT_URL_KMS")
	return a
}

// tracing reports whether the environment of OpenTelemetry says where traces go. The rest of that environment is read by its SDK.
func (s Sources) tracing() (bool, error) {
	get := s.variable
	if get("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "" ||
		strings.EqualFold(get("OTEL_SDK_DISABLED"), "true") || get("OTEL_TRACES_EXPORTER") == "none" {
		return false, nil
	}
	const protocol = "http/protobuf, the only protocol that traces are sent by"
	for _, only := range []struct{ name, value, says string }{
		{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf", protocol},
		{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf", protocol},
		{"OTEL_TRACES_EXPORTER", "otlp", "otlp or none"},
		{"OTEL_SDK_DISABLED", "false", "true or false"},
	} {
		if v := get(only.name); v != "" && !strings.EqualFold(v, only.value) {
			return false, &Error{Setting: only.name, Origin: only.name, Reason: fmt.Errorf("%q is not %s", v, only.says)}
		}
	}
	return true, nil
}

// Sources are where settings are read from.
type Sources struct {
	Flags map[string]string                // by name of the setting, without dashes
	Env   func(name string) (string, bool) // as os.LookupEnv

	Defaults map[string]string // of a command whose defaults differ from the usual ones
}

// variable returns a variable of the environment, "" when it is not set.
func (s Sources) variable(name string) string {
	if value, ok := s.Env(name); ok {
		return value
	}
	return ""
}

// Error is a setting with a wrong value, or one that does not go with the others.
type Error struct {
	Setting string // name in the table
	Origin  string // "--listen", "CENOTE_LISTEN" or "cenote.yaml:3: listen"
	Reason  error
}

// Error is one line for the operator, also where the reason has several.
func (e *Error) Error() string {
	lines := strings.FieldsFunc(e.Reason.Error(), func(r rune) bool { return r == '\n' || r == '\t' })
	return e.Origin + ": " + strings.Join(lines, " ")
}

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Reason }

// Load reads every setting from the strongest source that has it and checks it. An empty value counts as none, but for a flag. The error is an *Error, or tells of the file.
func Load(from Sources) (*Config, error) {
	c := &Config{origins: make(map[string]string)}
	file, err := from.file()
	if err != nil {
		return nil, err
	}
	c.File, c.AWS = file.path, from.aws()
	if c.Tracing, err = from.tracing(); err != nil {
		return nil, err
	}
	for i := range table {
		s := &table[i]
		if s.Table {
			if err := c.loadTable(s, file); err != nil {
				return nil, err
			}
			continue
		}
		value, origin := s.Default, "--"+s.Name
		if other, ok := from.Defaults[s.Name]; ok {
			value = other
		}
		if s.NoFlag {
			origin = s.Env
		}
		if in, ok := file.values[s.Name]; ok && in.text != "" {
			value, origin = in.text, fmt.Sprintf("%s:%d: %s", file.path, in.line, s.Name)
		}
		for _, name := range []string{fallbacks[s.Name], s.Env} {
			if in, ok := from.Env(name); name != "" && ok && in != "" {
				value, origin = in, name
			}
		}
		if in, ok := from.Flags[s.Name]; ok {
			value, origin = in, "--"+s.Name
		}
		c.origins[s.Name] = origin
		if value == "" && s.Default == "" {
			continue // --smtp-url= takes back what the environment or the file says
		}
		if err := s.set(c, value); err != nil {
			return nil, c.Wrong(s.Name, err)
		}
	}
	return c, c.settle()
}

// fallbacks are variables of others that stand in for a setting's own.
var fallbacks = map[string]string{"lambda-endpoint": "AWS_ENDPOINT_URL_LAMBDA", "sts-endpoint": "AWS_ENDPOINT_URL_STS"}

// loadTable reads a setting of pairs.
func (c *Config) loadTable(s *Setting, file file) error {
	in, ok := file.values[s.Name]
	c.origins[s.Name] = s.Name
	if !ok || in.pairs == nil {
		return nil
	}
	c.origins[s.Name] = fmt.Sprintf("%s:%d: %s", file.path, in.line, s.Name)
	if err := s.setTable(c, in.pairs); err != nil {
		return c.Wrong(s.Name, err)
	}
	return nil
}

// Wrong says that the value of a setting cannot be used, for checks that only the user of the value can make.
func (c *Config) Wrong(setting string, reason error) error {
	return &Error{Setting: setting, Origin: c.origins[setting], Reason: reason}
}

// PasswordsInFile names the settings of the file whose URLs hold a password.
func (c *Config) PasswordsInFile() (settings []string) {
	for _, s := range []struct {
		name   string
		values []string
	}{
		{"database", []string{c.Database}},
		{"smtp-url", []string{c.SMTPURL}},
		{"sms-url", []string{c.SMSURL}},
		{"log-delivery", []string{c.LogDelivery}},
		{"trigger-urls", slices.Collect(maps.Values(c.TriggerURLs))},
	} {
		holds := func(value string) bool { return strings.Contains(value, "@") }
		if c.File != "" && strings.HasPrefix(c.origins[s.name], c.File+":") && slices.ContainsFunc(s.values, holds) {
			settings = append(settings, s.name)
		}
	}
	return settings
}

// AddFunctions adds functions that run on this machine, given by a flag of the command, over those of the file.
func (c *Config) AddFunctions(folders map[string]string, flag string) {
	if len(folders) == 0 {
		return
	}
	if c.Functions == nil {
		c.Functions = make(map[string]string)
	}
	if len(c.Functions) == 0 {
		c.origins["functions"] = flag
	} else {
		c.origins["functions"] += " and " + flag
	}
	maps.Copy(c.Functions, folders)
}

// settle fills in what follows from other settings and refuses those that do not go together.
func (c *Config) settle() error {
	switch c.Database {
	case "sqlite":
		c.Database = "sqlite:" + filepath.Join(c.DataDir, "cenote.db")
	case "memory":
		c.Database = inMemory
	case "sqlite:":
		return c.Wrong("database", errors.New("sqlite: is followed by the path of a file"))
	}
	switch {
	case c.MasterKeyCommand != "" && c.MasterKeys != nil:
		return c.Wrong("master-key-command", errors.New("the master key is given by CENOTE_MASTER_KEY already; unset one of them"))
	case c.MasterKeyCommand != "" && c.MasterKeyFile != "":
		return c.Wrong("master-key-command", errors.New("the master key is given by --master-key-file already; unset one of them"))
	}
	if c.MasterKeyFile == "" {
		c.MasterKeyFile = filepath.Join(c.DataDir, "master.key")
	} else if c.MasterKeys != nil {
		return c.Wrong("master-key-file", errors.New("the master key is given by CENOTE_MASTER_KEY already; unset one of them"))
	}
	for _, pair := range []struct{ one, other, is, isOther string }{
		{"root-access-key-id", "root-secret-access-key", c.RootAccessKeyID, c.RootSecretKey},
		{"tls-cert", "tls-key", c.TLSCert, c.TLSKey},
	} {
		if pair.is == "" && pair.isOther != "" {
			pair.one, pair.other = pair.other, pair.one
		} else if (pair.is == "") == (pair.isOther == "") {
			continue
		}
		return c.Wrong(pair.one, fmt.Errorf("needs %s too", label(pair.other)))
	}
	switch {
	case c.SMTPURL != "" && c.MailFrom == "":
		return c.Wrong("smtp-url", errors.New("needs --mail-from too: the address that mail comes from"))
	case c.MailFrom != "" && c.SMTPURL == "":
		return c.Wrong("mail-from", errors.New("needs --smtp-url too: the server that takes the mail"))
	case c.MetricsListen != "" && c.MetricsListen == c.Listen && !strings.HasSuffix(c.Listen, ":0"):
		return c.Wrong("metrics-listen", errors.New("is the address of --listen; leave it out to have metrics there"))
	}
	return nil
}

// BaseURL returns the public URL, without a trailing slash. When it is not set it follows from the address that the server listens on;
// an address that stands for all interfaces is called localhost then.
func (c *Config) BaseURL(listening string) string {
	if c.PublicURL != "" {
		return c.PublicURL
	}
	host, port, err := net.SplitHostPort(listening)
	if err != nil {
		return "http://" + listening
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	scheme, usual := "http", "80"
	if c.TLSCert != "" {
		scheme, usual = "https", "443"
	}
	if port == usual {
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		return scheme + "://" + host
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// inMemory is the database of a server that keeps nothing.
const inMemory = "memory:"

// InMemory reports whether the server keeps nothing: neither database nor keys nor messages.
func (c *Config) InMemory() bool { return c.Database == inMemory }

// SQLiteFile returns the path of the database file; false when the database is PostgreSQL or in memory.
func (c *Config) SQLiteFile() (string, bool) { return strings.CutPrefix(c.Database, "sqlite:") }

// IsLoopback reports whether an address to listen on is reachable from this machine only.
func IsLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// String hides the settings: some are secrets.
func (Config) String() string { return "[settings]" }

// GoString is String.
func (Config) GoString() string { return "[settings]" }

// LogValue is String, whatever the log's format.
func (Config) LogValue() slog.Value { return slog.StringValue("[settings]") }
