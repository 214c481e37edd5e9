package pool

import (
	"slices"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// NewClient makes a client of the pool with a new id from a request, with every default filled in, and with a secret when the
// request asks for one or brings one. The offers are those of what the request names that the pool has.
func NewClient(p *Pool, offers Offers, in *wire.CreateUserPoolClientInput, now time.Time) (*Client, error) {
	if err := checkOwnSecret(in.ClientSecret); err != nil {
		return nil, err
	}
	if wire.Value(in.GenerateSecret, false) && in.ClientSecret != "" {
		return nil, fault.New(fault.InvalidParameter, "GenerateSecret can not be true when a ClientSecret is given.")
	}
	c := &Client{PoolID: p.ID, ID: NewClientID()}
	if wire.Value(in.GenerateSecret, false) || in.ClientSecret != "" {
		c.addSecret(in.ClientSecret, now)
	}
	s := wire.UserPoolClientType{CreationDate: wire.At(now)}
	if err := readSettings(&s, in); err != nil {
		return nil, err
	}
	if err := c.settle(p, offers, s, "creating", now); err != nil {
		return nil, err
	}
	return c, nil
}

// Update replaces the client's settings by those of a request. What the request leaves out returns to its default; the name and the
// secrets stay. A refused update changes nothing.
func (c *Client) Update(p *Pool, offers Offers, in *wire.UpdateUserPoolClientInput, now time.Time) error {
	s := wire.UserPoolClientType{ClientName: c.Settings.ClientName, CreationDate: c.Settings.CreationDate, ClientType: c.Settings.ClientType}
	if err := readSettings(&s, in); err != nil {
		return err
	}
	return c.settle(p, offers, s, "updating", now)
}

// settle makes the settings, as a caller gave them, the client's own. The doing, "creating" or "updating", is a word of the service's
// refusals.
func (c *Client) settle(p *Pool, offers Offers, s wire.UserPoolClientType, doing string, now time.Time) error {
	s.UserPoolId, s.ClientId, s.ClientSecret, s.LastModifiedDate = p.ID, c.ID, "", wire.At(now)
	fillInClient(&s)
	fillInAnalytics(p, &s)
	for _, err := range []error{
		checkValidities(&s), checkFlows(&s, len(c.Secrets) > 0), checkClientAttributes(p, &s, doing),
		checkOAuth(p, offers, &s, len(c.Secrets) > 0), checkClientTier(p, &s),
	} {
		if err != nil {
			return err
		}
	}
	if wire.Value(s.EnablePropagateAdditionalUserContextData, false) && len(c.Secrets) == 0 {
		return fault.New(fault.InvalidParameter,
			"EnablePropagateAdditionalUserContextData can only be activated in an app client that has a client secret.")
	}
	c.Settings = s
	return nil
}

// fillInClient gives settings that are left out the values that DescribeUserPoolClient shows for them. Most stay absent. An empty
// list is as good as none: what would it mean to read no attribute at all?
func fillInClient(s *wire.UserPoolClientType) {
	for _, list := range []*[]string{
		&s.ReadAttributes, &s.WriteAttributes, &s.ExplicitAuthFlows, &s.SupportedIdentityProviders, &s.CallbackURLs, &s.LogoutURLs,
		&s.AllowedOAuthFlows, &s.AllowedOAuthScopes,
	} {
		*list = distinct(*list)
	}
	if u := s.TokenValidityUnits; u != nil && *u == (wire.TokenValidityUnitsType{}) {
		s.TokenValidityUnits = nil
	}
	if wire.Value(s.RefreshTokenValidity, 0) == 0 {
		unit := units["days"]
		if u := s.TokenValidityUnits; u != nil && u.RefreshToken != "" {
			unit = units[u.RefreshToken]
		}
		s.RefreshTokenValidity = wire.Ptr(int64(defaultRefreshLife / unit))
	}
	s.AuthSessionValidity = given(s.AuthSessionValidity, 3)
	s.EnableTokenRevocation = given(s.EnableTokenRevocation, true)
	s.EnablePropagateAdditionalUserContextData = given(s.EnablePropagateAdditionalUserContextData, false)
	s.AllowedOAuthFlowsUserPoolClient = given(s.AllowedOAuthFlowsUserPoolClient, false)
	if r := s.RefreshTokenRotation; r != nil {
		r.RetryGracePeriodSeconds = given(r.RetryGracePeriodSeconds, 0)
	}
}

// fillInAnalytics completes where events would be sent. The role, unless given, is the one that the service makes for itself; Terraform
// knows its name.
func fillInAnalytics(p *Pool, s *wire.UserPoolClientType) {
	a := s.AnalyticsConfiguration
	switch {
	case a == nil:
		return
	case *a == (wire.AnalyticsConfigurationType{}):
		s.AnalyticsConfiguration = nil
		return
	case a.ApplicationArn != "" && a.RoleArn == "":
		a.RoleArn = "arn:aws:iam::" + p.AccountID() + ":role/aws-service-role/cognito-idp.amazonaws.com/AWSServiceRoleForAmazonCognitoIdp"
	}
	a.UserDataShared = given(a.UserDataShared, false)
}

const (
	day                = 24 * time.Hour
	defaultRefreshLife = 30 * day
)

// checkValidities refuses lives of tokens that are too short or too long. An access or ID token must not outlive the refresh token
// it came with; the CDK knows that rule too.
func checkValidities(s *wire.UserPoolClientType) error {
	var u wire.TokenValidityUnitsType
	if s.TokenValidityUnits != nil {
		u = *s.TokenValidityUnits
	}
	refresh, ok := lifeWithin(s.RefreshTokenValidity, u.RefreshToken, "days", defaultRefreshLife, time.Hour, 3650*day)
	longest := min(day, refresh)
	for _, t := range []struct {
		validity *int64
		unit     string
	}{{s.AccessTokenValidity, u.AccessToken}, {s.IdTokenValidity, u.IdToken}} {
		if t.validity != nil {
			_, good := lifeWithin(t.validity, t.unit, "hours", time.Hour, 5*time.Minute, longest)
			ok = ok && good
		}
	}
	if !ok {
		return fault.New(fault.InvalidParameter, "Invalid range for token validity.")
	}
	return nil
}

// lifeWithin returns the life that a validity and its unit mean, and whether it is within the limits. A life past the longest is
// never computed: a model limit of ten years in seconds, taken as days, overflows a Duration.
func lifeWithin(n *int64, unit, defaultUnit string, absent, shortest, longest time.Duration) (time.Duration, bool) {
	if unit == "" {
		unit = defaultUnit
	}
	if n != nil && *n > int64(longest/units[unit]) {
		return longest, false
	}
	d := life(n, unit, defaultUnit, absent)
	return d, shortest <= d && d <= longest
}

// checkFlows refuses old and new names of flows together, and the refresh flow beside rotation. Without a list the refresh flow is
// among the defaults, so that a rotating client is accepted and refused when it refreshes in this way. A client that acts for itself has
// a secret and no flow of users.
func checkFlows(s *wire.UserPoolClientType, confidential bool) error {
	isNew := func(flow string) bool { return strings.HasPrefix(flow, "ALLOW_") }
	isOld := func(flow string) bool { return !isNew(flow) }
	if slices.ContainsFunc(s.ExplicitAuthFlows, isNew) && slices.ContainsFunc(s.ExplicitAuthFlows, isOld) {
		return fault.New(fault.InvalidParameter, "ExplicitAuthFlows with the prefix ALLOW_ can not be combined with those without it.")
	}
	if slices.Contains(s.ExplicitAuthFlows, "ALLOW_CLIENT_TOKEN_AUTH") {
		switch {
		case len(s.ExplicitAuthFlows) > 1:
			return fault.New(fault.InvalidParameter, "ALLOW_CLIENT_TOKEN_AUTH can not be combined with other ExplicitAuthFlows.")
		case !confidential:
			return fault.New(fault.InvalidParameter, "ALLOW_CLIENT_TOKEN_AUTH can not be enabled if client does not have a client secret.")
		}
	}
	if r := s.RefreshTokenRotation; r != nil && r.Feature == "ENABLED" && slices.Contains(s.ExplicitAuthFlows, "ALLOW_REFRESH_TOKEN_AUTH") {
		return fault.New(fault.InvalidParameter, "ALLOW_REFRESH_TOKEN_AUTH can not be enabled together with refresh token rotation.")
	}
	return nil
}

// checkClientAttributes refuses lists of attributes that the schema does not have or the client could never write, and a list
// for writing without the attributes that sign-up requires.
func checkClientAttributes(p *Pool, s *wire.UserPoolClientType, doing string) error {
	for _, name := range s.ReadAttributes {
		if p.Attribute(name) == nil {
			return fault.Newf(fault.InvalidParameter, "Invalid read attributes specified while %s a client", doing)
		}
	}
	if s.WriteAttributes == nil {
		return nil
	}
	good := true
	for _, name := range s.WriteAttributes {
		good = good && p.Attribute(name) != nil && !slices.Contains(closedToClients, name) && !strings.HasPrefix(name, "dev:")
	}
	for _, name := range p.RequiredAttributes() {
		good = good && (slices.Contains(s.WriteAttributes, name) || slices.Contains(closedToClients, name))
	}
	if !good {
		return fault.Newf(fault.InvalidParameter, "Invalid write attributes specified while %s a client", doing)
	}
	return nil
}
