package gosdk_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const certificateARN = "arn:aws:acm:us-east-1:123456789012:certificate/one"

func (a *app) createDomain(t *testing.T, in idp.CreateUserPoolDomainInput) (*idp.CreateUserPoolDomainOutput, error) {
	t.Helper()
	if in.UserPoolId == nil {
		in.UserPoolId = &a.pool
	}
	return a.CreateUserPoolDomain(t.Context(), &in)
}

func (a *app) domain(t *testing.T, name string) *types.DomainDescriptionType {
	t.Helper()
	got, err := a.DescribeUserPoolDomain(t.Context(), &idp.DescribeUserPoolDomainInput{Domain: &name})
	must(t, err)
	return got.DomainDescription
}

func (a *app) description(t *testing.T) *types.UserPoolType {
	t.Helper()
	got, err := a.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &a.pool})
	must(t, err)
	return got.UserPool
}

func TestAPoolHasAPrefixAndACustomDomain(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		ctx := t.Context()
		if diff := cmp.Diff(&types.DomainDescriptionType{}, a.domain(t, "nobody"), exactly); diff != "" {
			t.Errorf("an unknown domain is described:\n%s", diff)
		}
		made, err := a.createDomain(t, idp.CreateUserPoolDomainInput{Domain: aws.String("judge-1")})
		must(t, err)
		if made.CloudFrontDomain != nil || aws.ToInt32(made.ManagedLoginVersion) != 1 {
			t.Errorf("a prefix domain is made: alias %v, version %v", made.CloudFrontDomain, made.ManagedLoginVersion)
		}
		custom := types.CustomDomainConfigType{CertificateArn: aws.String(certificateARN)}
		routing := types.RoutingType{Failover: &types.FailoverType{SecondaryRegion: aws.String("eu-west-1"), PrimaryRoute53HealthCheckId: aws.String("12345678-1234-1234-1234-123456789012")}}
		made, err = a.createDomain(t, idp.CreateUserPoolDomainInput{Domain: aws.String("auth.example.com"), ManagedLoginVersion: aws.Int32(2), CustomDomainConfig: &custom, Routing: &routing})
		must(t, err)
		if made.CloudFrontDomain == nil || aws.ToInt32(made.ManagedLoginVersion) != 2 || made.Routing == nil {
			t.Errorf("a custom domain is made: %+v", made)
		}
		for _, want := range []*types.DomainDescriptionType{
			{Domain: aws.String("judge-1"), ManagedLoginVersion: aws.Int32(1), CustomDomainConfig: &types.CustomDomainConfigType{}},
			{Domain: aws.String("auth.example.com"), ManagedLoginVersion: aws.Int32(2), CustomDomainConfig: &custom, Routing: &routing},
		} {
			got := a.domain(t, *want.Domain)
			want.UserPoolId, want.Status, want.AWSAccountId = &a.pool, types.DomainStatusTypeActive, aws.String("000000000000")
			if diff := cmp.Diff(want, got, exactly, cmpopts.IgnoreFields(types.DomainDescriptionType{}, "S3Bucket", "CloudFrontDistribution", "Version")); diff != "" {
				t.Errorf("domain (-want +got):\n%s", diff)
			}
			if got.S3Bucket == nil || got.CloudFrontDistribution == nil || got.Version == nil {
				t.Errorf("Terraform keeps texts that are missing: %+v", got)
			}
		}
		if p := a.description(t); aws.ToString(p.Domain) != "judge-1" || aws.ToString(p.CustomDomain) != "auth.example.com" {
			t.Errorf("the pool shows %v and %v", p.Domain, p.CustomDomain)
		}
		_, err = a.UpdateUserPool(ctx, &idp.UpdateUserPoolInput{UserPoolId: &a.pool})
		must(t, err)
		_, err = a.DeleteUserPool(ctx, &idp.DeleteUserPoolInput{UserPoolId: &a.pool})
		refused[*types.InvalidParameterException](t, err, "User pool cannot be deleted. It has a domain configured that should be deleted first.")
		for _, name := range []string{"judge-1", "auth.example.com"} {
			_, err = a.DeleteUserPoolDomain(ctx, &idp.DeleteUserPoolDomainInput{UserPoolId: &a.pool, Domain: &name})
			must(t, err)
			if a.domain(t, name).Status != "" {
				t.Errorf("%s is there after its deletion", name)
			}
		}
		if p := a.description(t); p.Domain != nil || p.CustomDomain != nil {
			t.Errorf("the pool shows %v and %v", p.Domain, p.CustomDomain)
		}
		other := newApp(t, a.srv, nil, nil)
		_, err = other.createDomain(t, idp.CreateUserPoolDomainInput{Domain: aws.String("judge-1")})
		must(t, err)
		_, err = a.DeleteUserPool(ctx, &idp.DeleteUserPoolInput{UserPoolId: &a.pool})
		must(t, err)
	})
}

func TestDomainsAreChanged(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		ctx := t.Context()
		_, err := a.createDomain(t, idp.CreateUserPoolDomainInput{Domain: aws.String("plain")})
		must(t, err)
		_, err = a.createDomain(t, idp.CreateUserPoolDomainInput{Domain: aws.String("login.example.org"), CustomDomainConfig: &types.CustomDomainConfigType{CertificateArn: aws.String(certificateARN)}})
		must(t, err)
		update := func(in idp.UpdateUserPoolDomainInput) (*idp.UpdateUserPoolDomainOutput, error) {
			in.UserPoolId = &a.pool
			return a.UpdateUserPoolDomain(ctx, &in)
		}
		got, err := update(idp.UpdateUserPoolDomainInput{Domain: aws.String("plain"), ManagedLoginVersion: aws.Int32(2)})
		must(t, err)
		if got.CloudFrontDomain != nil || aws.ToInt32(got.ManagedLoginVersion) != 2 || aws.ToInt32(a.domain(t, "plain").ManagedLoginVersion) != 2 {
			t.Errorf("version %v", got.ManagedLoginVersion)
		}
		next := certificateARN + "-renewed"
		got, err = update(idp.UpdateUserPoolDomainInput{Domain: aws.String("login.example.org"), CustomDomainConfig: &types.CustomDomainConfigType{CertificateArn: &next}})
		must(t, err)
		if d := a.domain(t, "login.example.org"); got.CloudFrontDomain == nil || *d.CustomDomainConfig.CertificateArn != next || *d.ManagedLoginVersion != 1 {
			t.Errorf("certificate %v, version %v", d.CustomDomainConfig, d.ManagedLoginVersion)
		}
		config := &types.CustomDomainConfigType{CertificateArn: aws.String(certificateARN)}
		for what, in := range map[string]idp.UpdateUserPoolDomainInput{
			"a version that is none":    {Domain: aws.String("plain"), ManagedLoginVersion: aws.Int32(3)},
			"a certificate of a prefix": {Domain: aws.String("plain"), CustomDomainConfig: config},
			"the routing of a prefix":   {Domain: aws.String("plain"), Routing: &types.RoutingType{}},
			"an unknown domain":         {Domain: aws.String("nobody"), ManagedLoginVersion: aws.Int32(1)},
		} {
			_, err := update(in)
			t.Log(what)
			refused[*types.InvalidParameterException](t, err, "")
		}
		other := newApp(t, a.srv, nil, nil)
		_, err = other.UpdateUserPoolDomain(ctx, &idp.UpdateUserPoolDomainInput{UserPoolId: &other.pool, Domain: aws.String("plain"), ManagedLoginVersion: aws.Int32(1)})
		refused[*types.InvalidParameterException](t, err, "No such domain or user pool exists.")
		_, err = other.DeleteUserPoolDomain(ctx, &idp.DeleteUserPoolDomainInput{UserPoolId: &other.pool, Domain: aws.String("plain")})
		refused[*types.InvalidParameterException](t, err, "No such domain or user pool exists.")

		// Managed login is not in the Lite tier.
		_, err = a.UpdateUserPool(ctx, &idp.UpdateUserPoolInput{UserPoolId: &a.pool, UserPoolTier: types.UserPoolTierTypeLite})
		refused[*types.FeatureUnavailableInTierException](t, err, "")
		_, err = update(idp.UpdateUserPoolDomainInput{Domain: aws.String("plain"), ManagedLoginVersion: aws.Int32(1)})
		must(t, err)
		_, err = a.UpdateUserPool(ctx, &idp.UpdateUserPoolInput{UserPoolId: &a.pool, UserPoolTier: types.UserPoolTierTypeLite})
		must(t, err)
		_, err = update(idp.UpdateUserPoolDomainInput{Domain: aws.String("plain"), ManagedLoginVersion: aws.Int32(2)})
		refused[*types.FeatureUnavailableInTierException](t, err, "The following feature is not available for the LITE pricing tier configured: Managed Login Version 2")
	})
}

func TestDomainsThatCannotBe(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		other := newApp(t, a.srv, nil, nil)
		_, err := other.createDomain(t, idp.CreateUserPoolDomainInput{Domain: aws.String("taken")})
		must(t, err)
		const characters = "The domain name contains an invalid character. Domain names can only contain lower-case letters, numbers, and hyphens. " +
			`Please enter a different name that follows this format: ^[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?$`
		config := &types.CustomDomainConfigType{CertificateArn: aws.String(certificateARN)}
		for _, tt := range []struct {
			what    string
			in      idp.CreateUserPoolDomainInput
			message string
		}{
			{"a name of another pool", idp.CreateUserPoolDomainInput{Domain: aws.String("taken")}, "Domain already associated with another user pool."},
			{"capitals", idp.CreateUserPoolDomainInput{Domain: aws.String("Judge")}, characters},
			{"a hyphen at the end", idp.CreateUserPoolDomainInput{Domain: aws.String("judge-")}, characters},
			{"64 characters", idp.CreateUserPoolDomainInput{Domain: aws.String(strings.Repeat("a", 64))}, characters},
			{"a full name without a certificate", idp.CreateUserPoolDomainInput{Domain: aws.String("auth.example.com")}, characters},
			{"cognito", idp.CreateUserPoolDomainInput{Domain: aws.String("my-cognito")}, "Domain cannot contain reserved word: cognito"},
			{"aws", idp.CreateUserPoolDomainInput{Domain: aws.String("laws")}, "Domain cannot contain reserved word: aws"},
			{"amazon", idp.CreateUserPoolDomainInput{Domain: aws.String("amazone")}, "Domain cannot contain reserved word: amazon"},
			{"version 0", idp.CreateUserPoolDomainInput{Domain: aws.String("judge"), ManagedLoginVersion: aws.Int32(0)}, ""},
			{"routing of a prefix", idp.CreateUserPoolDomainInput{Domain: aws.String("judge"), Routing: &types.RoutingType{}}, ""},
			{"a custom domain without dots", idp.CreateUserPoolDomainInput{Domain: aws.String("judge"), CustomDomainConfig: config}, ""},
			{"an address", idp.CreateUserPoolDomainInput{Domain: aws.String("192.0.2.1"), CustomDomainConfig: config}, ""},
			{"a custom domain with capitals", idp.CreateUserPoolDomainInput{Domain: aws.String("Auth.example.com"), CustomDomainConfig: config}, ""},
			{"an empty label", idp.CreateUserPoolDomainInput{Domain: aws.String("auth..example.com"), CustomDomainConfig: config}, ""},
		} {
			t.Run(tt.what, func(t *testing.T) {
				_, err := a.createDomain(t, tt.in)
				refused[*types.InvalidParameterException](t, err, tt.message)
			})
		}
		if p := a.description(t); p.Domain != nil || p.CustomDomain != nil {
			t.Errorf("refusals left %v and %v", p.Domain, p.CustomDomain)
		}
		_, err = other.createDomain(t, idp.CreateUserPoolDomainInput{Domain: aws.String("second")})
		refused[*types.InvalidParameterException](t, err, "User pool already has a domain configured.")
		_, err = a.createDomain(t, idp.CreateUserPoolDomainInput{Domain: aws.String("lost"), UserPoolId: aws.String("us-east-1_Nobodys12")})
		refused[*types.ResourceNotFoundException](t, err, "User pool us-east-1_Nobodys12 does not exist.")
	})
}

func TestTheSigningCertificateStaysAndIsReissuedEveryYear(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		certificate := func() *x509.Certificate {
			t.Helper()
			got, err := a.GetSigningCertificate(t.Context(), &idp.GetSigningCertificateInput{UserPoolId: &a.pool})
			must(t, err)
			der, err := base64.StdEncoding.DecodeString(*got.Certificate)
			must(t, err)
			c, err := x509.ParseCertificate(der)
			must(t, err)
			return c
		}
		first := certificate()
		if got := first.NotBefore.AddDate(10, 0, 0); !got.Equal(first.NotAfter) {
			t.Errorf("valid from %v to %v, want ten years", first.NotBefore, first.NotAfter)
		}
		a.srv.Restart(t)
		if !certificate().Equal(first) {
			t.Error("another certificate after a restart")
		}
		a.srv.Advance(t, 366*24*time.Hour)
		second := certificate()
		if second.Equal(first) || !second.NotBefore.After(first.NotBefore) {
			t.Error("the same certificate after a year")
		}
		// What is signed later can still be verified by whoever has the first one.
		must(t, first.CheckSignature(second.SignatureAlgorithm, second.RawTBSCertificate, second.Signature))
		_, err := a.GetSigningCertificate(t.Context(), &idp.GetSigningCertificateInput{UserPoolId: aws.String("us-east-1_Nobodys12")})
		refused[*types.ResourceNotFoundException](t, err, "")
		a.pool = newApp(t, a.srv, nil, nil).pool
		if key, ok := certificate().PublicKey.(*rsa.PublicKey); !ok || key.Equal(first.PublicKey) {
			t.Error("another pool has the same key")
		}
	})
}
