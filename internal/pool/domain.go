package pool

import (
	"net"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// DomainKind tells the two kinds of domains apart; a pool has at most one of each.
type DomainKind string

// A prefix is a label below the server's auth host; a custom domain is a name of the operator's own.
const (
	PrefixDomain DomainKind = "prefix"
	CustomDomain DomainKind = "custom"
)

// Domain is a name under which a pool serves its pages and its OAuth endpoints.
type Domain struct {
	Name     string
	PoolID   string
	Kind     DomainKind
	Settings wire.DomainDescriptionType // as DescribeUserPoolDomain shows it
}

// The versions of managed login, and the one of a domain whose creator names none.
const (
	ClassicLogin = 1
	ManagedLogin = 2
)

// managedLogin is what the feature is called where a tier lacks it.
const managedLogin = "Managed Login Version 2"

// NewDomain makes a domain of the pool from a request. It is active at once. The host is where this server is reached: what an alias
// record for the domain points to.
func NewDomain(p *Pool, in *wire.CreateUserPoolDomainInput, accountID, host string, now time.Time) (*Domain, error) {
	d := &Domain{Name: in.Domain, PoolID: p.ID, Kind: PrefixDomain}
	d.Settings = wire.DomainDescriptionType{
		UserPoolId: p.ID, AWSAccountId: accountID, Domain: in.Domain, Status: "ACTIVE",
		S3Bucket: "cenote-assets", CloudFrontDistribution: host, Version: now.UTC().Format("20060102150405"),
		CustomDomainConfig:  &wire.CustomDomainConfigType{},
		ManagedLoginVersion: given(in.ManagedLoginVersion, ClassicLogin),
		Routing:             in.Routing,
	}
	if in.CustomDomainConfig != nil {
		d.Kind, d.Settings.CustomDomainConfig = CustomDomain, in.CustomDomainConfig
	}
	if flaw := d.nameFlaw(); flaw != "" {
		return nil, fault.New(fault.InvalidParameter, flaw)
	}
	if err := d.check(p); err != nil {
		return nil, err
	}
	return d, nil
}

// Update changes what a request names: the version of the pages, the certificate of a custom domain, its routing. What it leaves out
// stays as it is. A refused update changes nothing.
func (d *Domain) Update(p *Pool, in *wire.UpdateUserPoolDomainInput) error {
	changed := *d
	if in.ManagedLoginVersion != nil {
		changed.Settings.ManagedLoginVersion = in.ManagedLoginVersion
	}
	if in.CustomDomainConfig != nil {
		if d.Kind == PrefixDomain {
			return fault.New(fault.InvalidParameter, "CustomDomainConfig can not be set for a prefix domain.")
		}
		changed.Settings.CustomDomainConfig = in.CustomDomainConfig
	}
	if in.Routing != nil {
		changed.Settings.Routing = in.Routing
	}
	if err := changed.check(p); err != nil {
		return err
	}
	*d = changed
	return nil
}

// check refuses settings that the kind of domain or the pool's tier does not have.
func (d *Domain) check(p *Pool) error {
	if err := inRange("managedLoginVersion", *d.Settings.ManagedLoginVersion, ClassicLogin, ManagedLogin); err != nil {
		return err
	}
	if d.Kind == PrefixDomain && d.Settings.Routing != nil {
		return fault.New(fault.InvalidParameter, "Routing is supported for custom domains only.")
	}
	return d.CheckTier(p.Settings.UserPoolTier)
}

// CheckTier refuses a domain that uses what the tier does not have.
func (d *Domain) CheckTier(tier string) error {
	if tier == Lite && *d.Settings.ManagedLoginVersion == ManagedLogin {
		return featureUnavailable(Lite, managedLogin)
	}
	return nil
}

const prefixPattern = `^[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?$`

var prefix = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(prefixPattern) })

// nameFlaw says why the name cannot be a domain of its kind, or "". The texts about prefixes have been observed.
func (d *Domain) nameFlaw() string {
	if d.Kind == PrefixDomain {
		if !prefix().MatchString(d.Name) {
			return "The domain name contains an invalid character. Domain names can only contain lower-case letters, numbers, and hyphens. " +
				"Please enter a different name that follows this format: " + prefixPattern
		}
		for _, word := range []string{"cognito", "aws", "amazon"} {
			if strings.Contains(d.Name, word) {
				return "Domain cannot contain reserved word: " + word
			}
		}
		return ""
	}
	labels := strings.Split(d.Name, ".")
	for _, label := range labels {
		if !prefix().MatchString(label) {
			return "Custom domain is not a valid fully-qualified domain name: " + d.Name
		}
	}
	if len(labels) < 2 || net.ParseIP(d.Name) != nil {
		return "Custom domain is not a valid fully-qualified domain name: " + d.Name
	}
	return ""
}

// DomainTaken is the answer for a name that another pool of the server has.
func DomainTaken() *fault.Error {
	return fault.New(fault.InvalidParameter, "Domain already associated with another user pool.")
}

// DomainNotFound is the answer for a change of a domain that the pool does not have.
func DomainNotFound() *fault.Error {
	return fault.New(fault.InvalidParameter, "No such domain or user pool exists.")
}

// AddDomain notes a domain among the pool's settings. A second one of its kind is refused, with a text that programs look for (observed).
func (p *Pool) AddDomain(d *Domain) error {
	shown := p.domainOf(d.Kind)
	if *shown != "" {
		return fault.New(fault.InvalidParameter, "User pool already has a domain configured.")
	}
	*shown = d.Name
	return nil
}

// RemoveDomain takes a domain out of the pool's settings.
func (p *Pool) RemoveDomain(d *Domain) { *p.domainOf(d.Kind) = "" }

func (p *Pool) domainOf(k DomainKind) *string {
	if k == CustomDomain {
		return &p.Settings.CustomDomain
	}
	return &p.Settings.Domain
}
