package config

import "time"

// Setting is one line of the table.
type Setting struct {
	Name    string // of the flag, without dashes, and of the key in the file
	Env     string
	Default string   // in the words of a value; empty when there is none
	Shown   string   // what the documentation calls the default, where the value does not say it
	Help    string   // one sentence without its full stop
	Choices []string // all values that it can have; nil for others
	Switch  bool     // true or false; the flag needs no value
	Data    bool     // also needed by commands that work on the database without serving
	NoFlag  bool     // a secret, which does not belong on a command line that others can see, nor in a file beside harmless settings
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
		Help: "address to listen on; port 0 picks a free port",
		set:  func(c *Config, v string) error { return setAddress(&c.Listen, v) },
	},
	{
		Name: "public-url", Env: "CENOTE_PUBLIC_URL", Shown: "from `listen`",
		Help: "URL that users and applications see, without a path: the base of token issuers and links",
		set:  setPublicURL,
	},
	{
		Name: "tls-cert", Env: "CENOTE_TLS_CERT",
		Help: "PEM file with the certificate chain, to serve HTTPS; reloaded when it changes",
		set:  func(c *Config, v string) error { return setText(&c.TLSCert, v) },
	},
	{
		Name: "tls-key", Env: "CENOTE_TLS_KEY",
		Help: "PEM file with the key of the certificate",
		set:  func(c *Config, v string) error { return setText(&c.TLSKey, v) },
	},
	{
		Name: "trusted-proxies", Env: "CENOTE_TRUSTED_PROXIES", Shown: "none",
		Help: "comma-separated addresses or networks of reverse proxies whose X-Forwarded-For is trusted",
		set:  setProxies,
	},
	{
		Name: "metrics-listen", Env: "CENOTE_METRICS_LISTEN", Shown: "on `listen`",
		Help: "second address for /metrics, /healthz and /readyz; /metrics is then served only there",
		set:  func(c *Config, v string) error { return setAddress(&c.MetricsListen, v) },
	},
	{
		Name: "shutdown-delay", Env: "CENOTE_SHUTDOWN_DELAY", Default: "5s",
		Help: "how long a stopping server still accepts connections while /readyz returns 503; set it longer than your load balancer takes to notice",
		set:  func(c *Config, v string) error { return setSpan(&c.ShutdownDelay, v, 0, 10*time.Minute) },
	},

	{
		Name: "data-dir", Env: "CENOTE_DATA_DIR", Default: "./cenote-data", Data: true,
		Help: "directory for the database file and the master key",
		set:  func(c *Config, v string) error { return setText(&c.DataDir, v) },
	},
	{
		Name: "database", Env: "CENOTE_DATABASE", Default: "sqlite", Shown: "`sqlite`: a file in `data-dir`", Data: true,
		Help: "`sqlite`, `sqlite:<path>` or `postgres://user:password@host/name`; for `cenote dev` also `memory`, which keeps nothing",
		set:  setDatabase,
	},
	{
		Name: "database-wait", Env: "CENOTE_DATABASE_WAIT", Default: "20s", Data: true,
		Help: "how long a request waits for a database failover; after that, /readyz returns 503",
		set:  func(c *Config, v string) error { return setSpan(&c.DatabaseWait, v, time.Second, 25*time.Second) },
	},
	{
		Name: "master-key-file", Env: "CENOTE_MASTER_KEY_FILE", Shown: "`master.key` in `data-dir`", Data: true,
		Help: "file with the key that encrypts secrets in the database; created at the first start with a new database",
		set:  func(c *Config, v string) error { return setText(&c.MasterKeyFile, v) },
	},
	{
		Name: "master-key", Env: "CENOTE_MASTER_KEY", Data: true, NoFlag: true, NoFile: true,
		Help: "the key itself instead of a file: 32 bytes in base64 or hex; previous keys may follow, separated by commas",
		set:  setMasterKey,
	},
	{
		Name: "master-key-command", Env: "CENOTE_MASTER_KEY_COMMAND", Shown: "none", Data: true,
		Help: "shell command that prints the contents of the key file, for keys kept in a vault",
		set:  func(c *Config, v string) error { return setText(&c.MasterKeyCommand, v) },
	},
	{
		Name: "signing-key-age", Env: "CENOTE_SIGNING_KEY_AGE", Default: "0",
		Help: "age at which signing keys, of pools and of identity tokens, are replaced, such as `2160h` for 90 days; 0 for never",
		set:  setSigningKeyAge,
	},
	{
		Name: "root-access-key-id", Env: "CENOTE_ROOT_ACCESS_KEY_ID", Shown: "made and shown at the first start", NoFlag: true, NoFile: true,
		Help: "ID of the root access key. Changing the value replaces the previous key",
		set:  setRootID,
	},
	{
		Name: "root-secret-access-key", Env: "CENOTE_ROOT_SECRET_ACCESS_KEY", Shown: "made and shown at the first start", NoFlag: true, NoFile: true,
		Help: "secret of the root access key",
		set:  setRootSecret,
	},

	{
		Name: "region", Env: "CENOTE_REGION", Default: "us-east-1",
		Help: "region of pools created by unsigned requests",
		set:  setRegion,
	},
	{
		Name: "account-id", Env: "CENOTE_ACCOUNT_ID", Default: "000000000000",
		Help: "default account of access keys and pools: 12 digits",
		set:  setAccountID,
	},
	{
		Name: "aws-issuer", Env: "CENOTE_AWS_ISSUER", Default: "false", Switch: true,
		Help: "use `https://cognito-idp.<region>.amazonaws.com/<pool id>` as the token issuer, for verifiers that insist on it",
		set:  func(c *Config, v string) error { return setSwitch(&c.AWSIssuer, v) },
	},
	{
		Name: "extended-filters", Env: "CENOTE_EXTENDED_FILTERS", Default: "false", Switch: true,
		Help: "let ListUsers filter by every attribute and parts of its value, combine conditions, and sort (`docs/search.md`)",
		set:  func(c *Config, v string) error { return setSwitch(&c.ExtendedFilters, v) },
	},
	{
		Name: "refresh-reuse-ends-sign-in", Env: "CENOTE_REFRESH_REUSE_ENDS_SIGN_IN", Default: "true", Switch: true,
		Help: "when a rotated refresh token is reused after its grace period, revoke every token of that sign-in instead of only rejecting the request",
		set:  func(c *Config, v string) error { return setSwitch(&c.ReuseEndsSignIn, v) },
	},
	{
		Name: "auth-host", Env: "CENOTE_AUTH_HOST", Shown: "none",
		Help: "parent host of pool domains: a domain prefix is served at `<prefix>.<auth-host>`; add a port if it differs from that of `public-url`",
		set:  setAuthHost,
	},
	{
		Name: "account-pages", Env: "CENOTE_ACCOUNT_PAGES", Default: "false", Switch: true,
		Help: "serve `/account`, where signed-in users manage their own password, factors, passkeys, devices and sessions, and can delete their account; on by default in `cenote dev`",
		set:  func(c *Config, v string) error { return setSwitch(&c.AccountPages, v) },
	},
	{
		Name: "page-texts", Env: "CENOTE_PAGE_TEXTS", Shown: "none",
		Help: "folder of your own texts for the pages: `<language>.json`, `<pool id>/<language>.json` for one pool, `<pool id>/<client id>/<language>.json` for one app client",
		set:  func(c *Config, v string) error { return setText(&c.PageTexts, v) },
	},
	{
		Name: "allow-private-providers", Env: "CENOTE_ALLOW_PRIVATE_PROVIDERS", Default: "false", Switch: true,
		Help: "allow identity providers on plain HTTP, loopback and private addresses, and any port; always on in `cenote dev`",
		set:  func(c *Config, v string) error { return setSwitch(&c.AllowPrivateProviders, v) },
	},
	{
		Name: "provider-extensions", Env: "CENOTE_PROVIDER_EXTENSIONS", Default: "false", Switch: true,
		Help: "allow extra `ProviderDetails` beyond Amazon Cognito's: linking by verified e-mail, MFA after a provider's sign-in (`docs/operators.md`)",
		set:  func(c *Config, v string) error { return setSwitch(&c.ProviderExtensions, v) },
	},

	{
		Name: "smtp-url", Env: "CENOTE_SMTP_URL", Shown: "none: no mail is sent",
		Help: "mail server, `smtp://user:password@host:587` or `smtps://user:password@host:465`",
		set:  func(c *Config, v string) error { return setText(&c.SMTPURL, v) },
	},
	{
		Name: "mail-from", Env: "CENOTE_MAIL_FROM",
		Help: "sender of e-mail: `address` or `Name <address>`",
		set:  func(c *Config, v string) error { return setText(&c.MailFrom, v) },
	},
	{
		Name: "sms-url", Env: "CENOTE_SMS_URL", Shown: "none: no text messages are sent",
		Help: "webhook that sends text messages, `https://:secret@host/path`",
		set:  func(c *Config, v string) error { return setText(&c.SMSURL, v) },
	},

	{
		Name: "lambda-endpoint", Env: "CENOTE_LAMBDA_ENDPOINT", Shown: "`AWS_ENDPOINT_URL_LAMBDA`, else AWS",
		Help: "endpoint of the Lambda Invoke API that triggers call, with the credentials of the AWS environment",
		set:  setLambdaEndpoint,
	},
	{
		Name: "sts-endpoint", Env: "CENOTE_STS_ENDPOINT", Shown: "`AWS_ENDPOINT_URL_STS`, else none",
		Help: "security token service that identity pools call (AssumeRoleWithWebIdentity); without one, they issue credentials that work only on this server",
		set:  setSTSEndpoint,
	},
	{
		Name: "roles", Table: true, Shown: "none",
		Help:     "what credentials issued by this server may call: one `role ARN: operations or patterns, separated by commas` per line",
		setTable: setRoles,
	},
	{
		Name: "saml-providers", Table: true, Shown: "none",
		Help:     "SAML providers of identity pools: one `provider ARN: file or URL of the metadata` per line",
		setTable: setSAMLProviders,
	},
	{
		Name: "trigger-urls", Table: true, Shown: "none",
		Help:     "HTTP endpoints that receive the trigger event instead of a Lambda function: one `name or ARN: URL` per line",
		setTable: setTriggerURLs,
	},
	{
		Name: "functions", Table: true, Shown: "none",
		Help:     "functions that run on this machine as they would in Lambda: one `name or ARN: folder of the handler` per line",
		setTable: setFunctions,
	},

	{
		Name: "function-environment", Env: "CENOTE_FUNCTION_ENVIRONMENT", Shown: "none",
		Help: "comma-separated environment variables that functions on this machine inherit, in addition to harmless ones such as PATH",
		set:  setFunctionEnvironment,
	},

	{
		Name: "breached-passwords", Env: "CENOTE_BREACHED_PASSWORDS", Shown: "none: no password counts as compromised",
		Help: "file of SHA-1 hashes of compromised passwords, one per line in ascending order, for pools with threat protection",
		set:  func(c *Config, v string) error { return setText(&c.BreachedPasswords, v) },
	},
	{
		Name: "rate-limits", Env: "CENOTE_RATE_LIMITS", Default: "true", Switch: true,
		Help: "rate-limit unauthenticated operations on this node",
		set:  func(c *Config, v string) error { return setSwitch(&c.RateLimits, v) },
	},
	{
		Name: "rate-limit-address", Env: "CENOTE_RATE_LIMIT_ADDRESS", Default: "5000",
		Help: "requests per second from one IP address, with bursts of twice as many; 0 for no limit",
		set:  func(c *Config, v string) error { return setRate(&c.RateLimitAddress, v) },
	},
	{
		Name: "rate-limit-client", Env: "CENOTE_RATE_LIMIT_CLIENT", Default: "10000",
		Help: "requests per second from one app client",
		set:  func(c *Config, v string) error { return setRate(&c.RateLimitClient, v) },
	},
	{
		Name: "rate-limit-user", Env: "CENOTE_RATE_LIMIT_USER", Default: "500",
		Help: "requests per second for one user",
		set:  func(c *Config, v string) error { return setRate(&c.RateLimitUser, v) },
	},
	{
		Name: "message-limit-user", Env: "CENOTE_MESSAGE_LIMIT_USER", Default: "20",
		Help: "messages per hour that unauthenticated requests can send to one user, and as many for a user who has passed a factor; 0 for no limit",
		set:  func(c *Config, v string) error { return setRate(&c.MessageLimitUser, v) },
	},
	{
		Name: "message-limit-destination", Env: "CENOTE_MESSAGE_LIMIT_DESTINATION", Default: "20",
		Help: "messages per hour to one e-mail address or phone number",
		set:  func(c *Config, v string) error { return setRate(&c.MessageLimitDestination, v) },
	},

	{
		Name: "log-delivery", Env: "CENOTE_LOG_DELIVERY", Default: "log",
		Help: "destination of pool logs: `log` (the server log), `file:<directory>`, `https://user:password@collector/path`, `aws` or `aws:<endpoint>`",
		set:  func(c *Config, v string) error { return setText(&c.LogDelivery, v) },
	},
	{
		Name: "audit", Env: "CENOTE_AUDIT", Default: "changes", Data: true,
		Help: "what the audit log records: `changes` by administrators, `all` signed requests, reads and sign-ins included, or `off`",
		set:  setAudit, Choices: audits,
	},
	{
		Name: "audit-age", Env: "CENOTE_AUDIT_AGE", Default: "8760h",
		Help: "how long the audit log keeps entries; 0 keeps them forever",
		set:  setAuditAge,
	},
	{
		Name: "audit-stream", Env: "CENOTE_AUDIT_STREAM", Shown: "none", Data: true,
		Help: "where each entry of the audit log is also written as a line of JSON: `stdout`, `stderr` or a file, which may be rotated",
		set:  func(c *Config, v string) error { return setText(&c.AuditStream, v) },
	},
	{
		Name: "log-level", Env: "CENOTE_LOG_LEVEL", Default: "info", Data: true,
		Help: "`debug`, `info`, `warn` or `error`",
		set:  setLogLevel, Choices: logLevels,
	},
	{
		Name: "log-format", Env: "CENOTE_LOG_FORMAT", Default: "auto", Data: true,
		Help: "`text`, `json`, or `auto`: text on a terminal, else JSON",
		set:  setLogFormat, Choices: logFormats,
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
