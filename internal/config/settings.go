package config

import "time"

// Setting is one line of the table.
type Setting struct {
	Name    string // of the flag, without dashes, and of the key in the file
	Env     string
	Default string // in the words of a value; empty when there is none
	Shown   string // what the documentation calls the default, where the value does not say it
	Help    string // one sentence without its full stop
	Switch  bool   // true or false; the flag needs no value
	Data    bool   // also needed by commands that work on the database without serving
	NoFlag  bool   // a secret, which does not belong on a command line that others can see, nor in a file beside harmless settings
	NoFile  bool
	Table   bool // pairs of names and values, which only a file can hold

	set      func(c *Config, value string) error            // value is empty only where there is a default
	setTable func(c *Config, pairs map[string]string) error // in place of set
}

// Settings returns the table, in the order in which it is documented.
func Settings() []Setting { return append([]Setting(nil), table...) }

// fileSetting names the file that the other settings may be in.
const fileSetting = "config"

var table = []Setting{
	{
		Name: fileSetting, Env: "CENOTE_CONFIG", Shown: "`cenote.yaml`, if there is one", Data: true, NoFile: true,
		Help: "file with settings, as `name: value` lines",
		set:  func(*Config, string) error { return nil },
	}, // read before all others
	{
		Name: "listen", Env: "CENOTE_LISTEN", Default: "127.0.0.1:4310",
		Help: "address to serve on; port 0 takes a free one",
		set:  func(c *Config, v string) error { return setAddress(&c.Listen, v) },
	},
	{
		Name: "public-url", Env: "CENOTE_PUBLIC_URL", Shown: "from `listen`",
		Help: "address that users and applications see: base of token issuers and links",
		set:  setPublicURL,
	},
	{
		Name: "tls-cert", Env: "CENOTE_TLS_CERT",
		Help: "PEM file with the certificate chain, to serve HTTPS; read again when it changes",
		set:  func(c *Config, v string) error { return setText(&c.TLSCert, v) },
	},
	{
		Name: "tls-key", Env: "CENOTE_TLS_KEY",
		Help: "PEM file with the key of the certificate",
		set:  func(c *Config, v string) error { return setText(&c.TLSKey, v) },
	},
	{
		Name: "trusted-proxies", Env: "CENOTE_TRUSTED_PROXIES", Shown: "none",
		Help: "addresses or networks of proxies whose X-Forwarded-For is believed, separated by commas",
		set:  setProxies,
	},
	{
		Name: "metrics-listen", Env: "CENOTE_METRICS_LISTEN", Shown: "on `listen`",
		Help: "second address, for /metrics, /healthz and /readyz; /metrics is served there only",
		set:  func(c *Config, v string) error { return setAddress(&c.MetricsListen, v) },
	},
	{
		Name: "shutdown-delay", Env: "CENOTE_SHUTDOWN_DELAY", Default: "5s",
		Help: "how long a stopping server still takes new connections while /readyz answers 503: longer than the load balancer needs to notice",
		set:  func(c *Config, v string) error { return setSpan(&c.ShutdownDelay, v, 0, 10*time.Minute) },
	},

	{
		Name: "data-dir", Env: "CENOTE_DATA_DIR", Default: "./cenote-data", Data: true,
		Help: "folder for the database file and the master key",
		set:  func(c *Config, v string) error { return setText(&c.DataDir, v) },
	},
	{
		Name: "database", Env: "CENOTE_DATABASE", Default: "sqlite", Shown: "`sqlite`: a file in `data-dir`", Data: true,
		Help: "`sqlite`, `sqlite:<path>` or `postgres://user:password@host/name`; for `cenote dev` also `memory`, which keeps nothing",
		set:  setDatabase,
	},
	{
		Name: "database-wait", Env: "CENOTE_DATABASE_WAIT", Default: "20s", Data: true,
		Help: "how long a request waits for a database that fails over; /readyz turns 503 when it stays away longer",
		set:  func(c *Config, v string) error { return setSpan(&c.DatabaseWait, v, time.Second, 25*time.Second) },
	},
	{
		Name: "master-key-file", Env: "CENOTE_MASTER_KEY_FILE", Shown: "`master.key` in `data-dir`", Data: true,
		Help: "file with the key that seals secrets in the database; made at the first start of a new database",
		set:  func(c *Config, v string) error { return setText(&c.MasterKeyFile, v) },
	},
	{
		Name: "master-key", Env: "CENOTE_MASTER_KEY", Data: true, NoFlag: true, NoFile: true,
		Help: "the key itself, 32 bytes in base64 or hex, instead of a file; earlier keys may follow, separated by commas",
		set:  setMasterKey,
	},
	{
		Name: "root-access-key-id", Env: "CENOTE_ROOT_ACCESS_KEY_ID", Shown: "made and shown at the first start", NoFlag: true, NoFile: true,
		Help: "id of the first access key; another value takes the place of the one before",
		set:  setRootID,
	},
	{
		Name: "root-secret-access-key", Env: "CENOTE_ROOT_SECRET_ACCESS_KEY", Shown: "made and shown at the first start", NoFlag: true, NoFile: true,
		Help: "its secret",
		set:  setRootSecret,
	},

	{
		Name: "region", Env: "CENOTE_REGION", Default: "us-east-1",
		Help: "region of pools that are made by a request without a signature",
		set:  setRegion,
	},
	{
		Name: "account-id", Env: "CENOTE_ACCOUNT_ID", Default: "000000000000",
		Help: "account of access keys and pools that name no other: 12 digits",
		set:  setAccountID,
	},
	{
		Name: "aws-issuer", Env: "CENOTE_AWS_ISSUER", Default: "false", Switch: true,
		Help: "issue tokens as `https://cognito-idp.<region>.amazonaws.com/<pool id>`, for verifiers that insist on it",
		set:  func(c *Config, v string) error { return setSwitch(&c.AWSIssuer, v) },
	},
	{
		Name: "refresh-reuse-ends-sign-in", Env: "CENOTE_REFRESH_REUSE_ENDS_SIGN_IN", Default: "true", Switch: true,
		Help: "when a rotated refresh token is used again after its grace period, revoke all tokens of its sign-in, not that request alone",
		set:  func(c *Config, v string) error { return setSwitch(&c.ReuseEndsSignIn, v) },
	},
	{
		Name: "auth-host", Env: "CENOTE_AUTH_HOST", Shown: "none",
		Help: "host below which the domain prefixes of pools are served, as `<prefix>.<auth-host>`, with a port if it is not that of `public-url`",
		set:  setAuthHost,
	},
	{
		Name: "allow-private-providers", Env: "CENOTE_ALLOW_PRIVATE_PROVIDERS", Default: "false", Switch: true,
		Help: "identity providers may be on http, on loopback and private addresses and on any port; `cenote dev` always allows it",
		set:  func(c *Config, v string) error { return setSwitch(&c.AllowPrivateProviders, v) },
	},

	{
		Name: "smtp-url", Env: "CENOTE_SMTP_URL", Shown: "none: no mail is sent",
		Help: "mail server, `smtp://user:password@host:587` or `smtps://user:password@host:465`",
		set:  func(c *Config, v string) error { return setText(&c.SMTPURL, v) },
	},
	{
		Name: "mail-from", Env: "CENOTE_MAIL_FROM",
		Help: "sender of mail, `address` or `Name <address>`",
		set:  func(c *Config, v string) error { return setText(&c.MailFrom, v) },
	},
	{
		Name: "sms-url", Env: "CENOTE_SMS_URL", Shown: "none: no text messages are sent",
		Help: "webhook that sends text messages, `https://:secret@host/path`",
		set:  func(c *Config, v string) error { return setText(&c.SMSURL, v) },
	},

	{
		Name: "lambda-endpoint", Env: "CENOTE_LAMBDA_ENDPOINT", Shown: "`AWS_ENDPOINT_URL_LAMBDA`, else AWS",
		Help: "address at which the functions behind triggers are invoked, by the Invoke API of Lambda; credentials are those of the AWS environment",
		set:  setLambdaEndpoint,
	},
	{
		Name: "sts-endpoint", Env: "CENOTE_STS_ENDPOINT", Shown: "`AWS_ENDPOINT_URL_STS`, else none",
		Help: "security token service from which identity pools get credentials, by AssumeRoleWithWebIdentity; without one they vend credentials of this server",
		set:  setSTSEndpoint,
	},
	{
		Name: "roles", Table: true, Shown: "none",
		Help:     "operations of this server that the credentials of a role may call, if it vends them: lines of `role ARN: operations or patterns, separated by commas`",
		setTable: setRoles,
	},
	{
		Name: "trigger-urls", Table: true, Shown: "none",
		Help:     "functions that are asked by a POST of the event in place of Lambda: lines of `name or ARN: URL`",
		setTable: setTriggerURLs,
	},
	{
		Name: "functions", Table: true, Shown: "none",
		Help:     "functions that run on this machine, as in Lambda: lines of `name or ARN: folder with the handler`",
		setTable: setFunctions,
	},

	{
		Name: "function-environment", Env: "CENOTE_FUNCTION_ENVIRONMENT", Shown: "none",
		Help: "names of environment variables that functions on this machine inherit beside harmless ones such as PATH, separated by commas",
		set:  setFunctionEnvironment,
	},

	{
		Name: "breached-passwords", Env: "CENOTE_BREACHED_PASSWORDS", Shown: "none: no password counts as compromised",
		Help: "text file with the SHA-1 hashes of compromised passwords, one per line in ascending order, for pools with threat protection",
		set:  func(c *Config, v string) error { return setText(&c.BreachedPasswords, v) },
	},
	{
		Name: "rate-limits", Env: "CENOTE_RATE_LIMITS", Default: "true", Switch: true,
		Help: "limit how often the operations that need no credentials can be called on this node",
		set:  func(c *Config, v string) error { return setSwitch(&c.RateLimits, v) },
	},
	{
		Name: "rate-limit-address", Env: "CENOTE_RATE_LIMIT_ADDRESS", Default: "5000",
		Help: "such calls per second from one network address; twice as many in a burst; 0 for any number",
		set:  func(c *Config, v string) error { return setRate(&c.RateLimitAddress, v) },
	},
	{
		Name: "rate-limit-client", Env: "CENOTE_RATE_LIMIT_CLIENT", Default: "10000",
		Help: "the same with one app client",
		set:  func(c *Config, v string) error { return setRate(&c.RateLimitClient, v) },
	},
	{
		Name: "rate-limit-user", Env: "CENOTE_RATE_LIMIT_USER", Default: "500",
		Help: "the same for one user",
		set:  func(c *Config, v string) error { return setRate(&c.RateLimitUser, v) },
	},
	{
		Name: "message-limit-user", Env: "CENOTE_MESSAGE_LIMIT_USER", Default: "20",
		Help: "messages per hour to one user that strangers can cause, and as many for a user who has passed a factor; 0 for any number",
		set:  func(c *Config, v string) error { return setRate(&c.MessageLimitUser, v) },
	},
	{
		Name: "message-limit-destination", Env: "CENOTE_MESSAGE_LIMIT_DESTINATION", Default: "20",
		Help: "the same to one e-mail address or phone number",
		set:  func(c *Config, v string) error { return setRate(&c.MessageLimitDestination, v) },
	},

	{
		Name: "log-delivery", Env: "CENOTE_LOG_DELIVERY", Default: "log",
		Help: "where the logs go that pools want delivered: `log` (this server's own), `file:<folder>`, `https://user:password@collector/path`, `aws` or `aws:<endpoint>`",
		set:  func(c *Config, v string) error { return setText(&c.LogDelivery, v) },
	},
	{
		Name: "log-level", Env: "CENOTE_LOG_LEVEL", Default: "info", Data: true,
		Help: "`debug`, `info`, `warn` or `error`",
		set:  setLogLevel,
	},
	{
		Name: "log-format", Env: "CENOTE_LOG_FORMAT", Default: "auto", Data: true,
		Help: "`text`, `json`, or `auto`: text on a terminal, else JSON",
		set:  setLogFormat,
	},
}

// label is how the operator writes a setting.
func label(name string) string {
	for _, s := range table {
		if s.Name == name && s.NoFlag {
			return s.Env
		}
	}
	return "--" + name
}
