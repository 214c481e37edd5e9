package config

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

func setText(field *string, v string) error {
	if strings.TrimSpace(v) == "" {
		return errors.New("is empty")
	}
	*field = v
	return nil
}

func setSwitch(field *bool, v string) (err error) {
	if *field, err = strconv.ParseBool(v); err != nil {
		return fmt.Errorf("%q is neither true nor false", v)
	}
	return nil
}

func setRate(field *int, v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 || n > 1_000_000 {
		return fmt.Errorf("%q is not a number from 0 to 1000000", v)
	}
	*field = n
	return nil
}

func setSpan(field *time.Duration, v string, least, most time.Duration) error {
	d, err := time.ParseDuration(v)
	if err != nil || d < least || d > most {
		return fmt.Errorf("%q is not a duration from %s to %s, like 1m30s", v, least, most)
	}
	*field = d
	return nil
}

// setSigningKeyAge wants keys to live longer than the replaced ones still verify.
func setSigningKeyAge(c *Config, v string) error {
	if v == "0" {
		c.SigningKeyAge = 0
		return nil
	}
	return setSpan(&c.SigningKeyAge, v, 48*time.Hour, 10*365*24*time.Hour)
}

// The choices of settings that have some.
var (
	audits     = []string{"off", "changes", "all"}
	logLevels  = []string{"debug", "info", "warn", "error"}
	logFormats = []string{"auto", "text", "json"}
)

func setAudit(c *Config, v string) error {
	if !slices.Contains(audits, v) {
		return fmt.Errorf("%q is not off, changes or all", v)
	}
	c.Audit = v
	return nil
}

func setAuditAge(c *Config, v string) error {
	if v == "0" {
		c.AuditAge = 0
		return nil
	}
	return setSpan(&c.AuditAge, v, time.Hour, 100*365*24*time.Hour)
}

func setAddress(field *string, v string) error {
	_, port, err := net.SplitHostPort(v)
	if err != nil {
		return fmt.Errorf("%q is not an address like 127.0.0.1:4310 or :4310", v)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("port %q is not a number up to 65535", port)
	}
	*field = v
	return nil
}

// setAuthHost takes a host with or without a port.
func setAuthHost(c *Config, v string) error {
	u, err := url.Parse("http://" + v)
	if err != nil || u.Host != v || u.Hostname() == "" {
		return fmt.Errorf("%q is not a host like auth.example.com", v)
	}
	c.AuthHost = v
	return nil
}

func setPublicURL(c *Config, v string) error {
	u, err := url.Parse(v)
	switch {
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "":
		return errors.New("is not a URL like https://auth.example.com")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return errors.New("has more than a scheme and a host")
	case strings.Trim(u.Path, "/") != "":
		return fmt.Errorf("has a path, %s: pages and signed requests work only at the root of a host, so give cenote a host name of its own", u.EscapedPath())
	}
	// Issuers are compared byte for byte, so that the value is taken as it stands, but for the slash that the pool id follows.
	c.PublicURL = strings.TrimRight(v, "/")
	return nil
}

func setProxies(c *Config, v string) error {
	for item := range strings.SplitSeq(v, ",") {
		item = strings.TrimSpace(item)
		prefix, err := netip.ParsePrefix(item)
		if addr, notAlone := netip.ParseAddr(item); notAlone == nil {
			prefix, err = netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()), nil
		}
		if err == nil && prefix.Addr().Is4In6() && prefix.Bits() >= 96 { // connections are told by IPv4 addresses
			prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
		}
		if err != nil {
			return fmt.Errorf("%q is neither an address nor a network like 10.0.0.0/8", item)
		}
		c.TrustedProxies = append(c.TrustedProxies, prefix.Masked())
	}
	return nil
}

func setFunctionEnvironment(c *Config, v string) error {
	for name := range strings.SplitSeq(v, ",") {
		name = strings.TrimSpace(name)
		switch {
		case name == "" || strings.ContainsAny(name, "= \t"):
			return fmt.Errorf("%q is not the name of a variable", name)
		case strings.HasPrefix(strings.ToUpper(name), "CENOTE_"):
			return fmt.Errorf("%s is the server's own: functions do not get its settings", name)
		}
		c.FunctionEnvironment = append(c.FunctionEnvironment, name)
	}
	return nil
}

func setDatabase(c *Config, v string) error {
	c.Database = v
	if v == "sqlite" || v == "memory" || strings.HasPrefix(v, "sqlite:") {
		return nil
	}
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") { // neither is quoted: it may hold a password
		return errors.New("is neither sqlite, sqlite:<path>, memory nor a postgres:// URL")
	}
	return nil
}

func setMasterKey(c *Config, v string) (err error) {
	c.MasterKeys, err = ParseMasterKeys(v)
	return err
}

// ParseMasterKeys reads master keys, the current one first: 32 bytes each in base64 or hex, separated by commas or lines. Blank lines
// and lines that begin with # are ignored. No error quotes a key.
func ParseMasterKeys(text string) ([][]byte, error) {
	var keys [][]byte
	text = strings.TrimPrefix(text, "\uFEFF") // which editors of Windows put first
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for item := range strings.SplitSeq(line, ",") {
			if item = strings.TrimSpace(item); item == "" {
				continue
			}
			key, err := base64.StdEncoding.DecodeString(item)
			if len(item) == 64 {
				key, err = hex.DecodeString(item)
			}
			if err != nil || len(key) != 32 {
				return nil, fmt.Errorf("key %d is not 32 bytes in base64 or hex (make one with: openssl rand -base64 32)", len(keys)+1)
			}
			keys = append(keys, key)
		}
	}
	if keys == nil {
		return nil, errors.New("holds no key")
	}
	return keys, nil
}

var (
	keyIDForm   = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
	regionForm  = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
	accountForm = regexp.MustCompile(`^[0-9]{12}$`)
)

func setRootID(c *Config, v string) error {
	if !keyIDForm.MatchString(v) || len(v) > 128 {
		return errors.New("is not 1 to 128 letters, digits, dots, dashes and underscores")
	}
	c.RootAccessKeyID = v
	return nil
}

// setRootSecret wants what could not be guessed over the network. The service's own secrets have 40 characters.
func setRootSecret(c *Config, v string) error {
	if len(v) < 16 {
		return errors.New("is shorter than 16 characters")
	}
	c.RootSecretKey = v
	return nil
}

func setRegion(c *Config, v string) error {
	if !regionForm.MatchString(v) || len(v) > 40 {
		return fmt.Errorf("%q is not a region like us-east-1; clients read it out of pool ids", v)
	}
	c.Region = v
	return nil
}

// IsAccountID reports whether the text has the form of an account's id.
func IsAccountID(v string) bool { return accountForm.MatchString(v) }

func setAccountID(c *Config, v string) error {
	if !IsAccountID(v) {
		return fmt.Errorf("%q is not 12 digits", v)
	}
	c.AccountID = v
	return nil
}

func setLambdaEndpoint(c *Config, v string) error {
	if err := checkURL(v); err != nil {
		return err
	}
	c.LambdaEndpoint = strings.TrimRight(v, "/")
	return nil
}

func setSTSEndpoint(c *Config, v string) error {
	if err := checkURL(v); err != nil {
		return err
	}
	c.STSEndpoint = strings.TrimRight(v, "/")
	return nil
}

func setRoles(c *Config, pairs map[string]string) error {
	c.Roles = make(map[string][]string, len(pairs))
	for arn, operations := range pairs {
		if !strings.HasPrefix(arn, "arn:") {
			return fmt.Errorf("%q is not the ARN of a role", arn)
		}
		for operation := range strings.SplitSeq(operations, ",") {
			if operation = strings.TrimSpace(operation); operation != "" {
				c.Roles[arn] = append(c.Roles[arn], operation)
			}
		}
	}
	return nil
}

func setSAMLProviders(c *Config, pairs map[string]string) error {
	for arn, source := range pairs {
		switch {
		case !strings.HasPrefix(arn, "arn:") || !strings.Contains(arn, ":saml-provider/"):
			return fmt.Errorf("%q is not the ARN of a SAML provider", arn)
		case strings.TrimSpace(source) == "":
			return fmt.Errorf("%s has no metadata", arn)
		}
	}
	c.SAMLProviders = pairs
	return nil
}

// checkURL quotes nothing: a URL may hold a password.
func checkURL(v string) error {
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return errors.New("is not an http or https URL")
	}
	return nil
}

func setTriggerURLs(c *Config, pairs map[string]string) error {
	for name, v := range pairs {
		if err := checkURL(v); err != nil {
			return fmt.Errorf("%s %w", name, err)
		}
	}
	c.TriggerURLs = pairs
	return nil
}

func setFunctions(c *Config, pairs map[string]string) error {
	for name, folder := range pairs {
		if strings.TrimSpace(folder) == "" {
			return fmt.Errorf("%s has no folder", name)
		}
	}
	c.Functions = pairs
	return nil
}

func setLogLevel(c *Config, v string) error {
	if !slices.Contains(logLevels, v) {
		return fmt.Errorf("%q is not debug, info, warn or error", v)
	}
	return c.LogLevel.UnmarshalText([]byte(v))
}

func setLogFormat(c *Config, v string) error {
	if !slices.Contains(logFormats, v) {
		return fmt.Errorf("%q is not auto, text or json", v)
	}
	c.LogFormat = v
	return nil
}
