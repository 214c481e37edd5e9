package operate_test

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
	"github.com/cenote-id/cenote/internal/operate"
)

func in(region string) func(*idp.Options) { return func(o *idp.Options) { o.Region = region } }

func TestRegionsAndAccountsAreApart(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]func() string{
		"SQLite": func() string { return "" }, "PostgreSQL": func() string { return pgtest.Start(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := database()
			srv := cenotetest.Start(t, cenotetest.Options{Serve: true, Database: db})
			settings := []string{"data-dir=" + srv.DataDir}
			if db != "" {
				settings = append(settings, "database="+db)
			}
			d := cenotetest.OpenData(t, cenotetest.Settings(t, settings...))
			k, err := d.CreateKey(t.Context(), operate.KeyRequest{Name: "theirs", Account: "222222222222"})
			must(t, err)
			ours, theirs := srv.SDK(), cenotetest.Dial(srv.URL, k.ID, k.Secret)

			made := map[string]string{}
			for _, c := range []struct {
				name, region, arn string
				by                *idp.Client
			}{
				{"ours", "us-east-1", "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_", ours},
				{"ours in Europe", "eu-west-1", "arn:aws:cognito-idp:eu-west-1:000000000000:userpool/eu-west-1_", ours},
				{"theirs in Europe", "eu-west-1", "arn:aws:cognito-idp:eu-west-1:222222222222:userpool/eu-west-1_", theirs},
			} {
				out, err := c.by.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: &c.name}, in(c.region))
				must(t, err)
				if !strings.HasPrefix(*out.UserPool.Arn, c.arn) {
					t.Errorf("%s is %s", c.name, *out.UserPool.Arn)
				}
				made[c.name] = *out.UserPool.Id
			}
			for _, c := range []struct {
				by     *idp.Client
				region string
				want   []string
			}{
				{ours, "us-east-1", []string{"ours"}},
				{ours, "eu-west-1", []string{"ours in Europe"}},
				{ours, "ap-south-1", nil},
				{theirs, "us-east-1", nil},
				{theirs, "eu-west-1", []string{"theirs in Europe"}},
			} {
				out, err := c.by.ListUserPools(t.Context(), &idp.ListUserPoolsInput{MaxResults: new(int32(60))}, in(c.region))
				must(t, err)
				var got []string
				for _, p := range out.UserPools {
					got = append(got, *p.Name)
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("in %s: listed %q, want %q", c.region, got, c.want)
				}
			}
			describe := func(by *idp.Client, pool, region string) string {
				_, err := by.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: new(made[pool])}, in(region))
				return cenotetest.CodeOf(t, err)
			}
			if got := describe(ours, "ours in Europe", "us-east-1"); got != "" {
				t.Errorf("a pool of another region is answered %s", got)
			}
			if got := describe(theirs, "ours", "us-east-1"); got != "ResourceNotFoundException" {
				t.Errorf("a pool of another account is answered %q", got)
			}
			if got := describe(ours, "theirs in Europe", "eu-west-1"); got != "ResourceNotFoundException" {
				t.Errorf("a pool of another account is answered %q", got)
			}
		})
	}
}

func TestADevelopmentServerReadsTheRegionOfAnySignature(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{Settings: map[string]string{"region": "eu-north-1"}})
	out, err := cenotetest.Dial(srv.URL, "any", "any").CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: new("p")}, in("ap-south-1"))
	must(t, err)
	if !strings.HasPrefix(*out.UserPool.Id, "ap-south-1_") {
		t.Errorf("signed for ap-south-1: %s", *out.UserPool.Id)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL, strings.NewReader(`{"PoolName":"p"}`))
	must(t, err)
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService.CreateUserPool")
	res, err := http.DefaultClient.Do(r)
	must(t, err)
	defer res.Body.Close()
	var body bytes.Buffer
	_, err = body.ReadFrom(res.Body)
	must(t, err)
	if !strings.Contains(body.String(), `"Id":"eu-north-1_`) {
		t.Errorf("not signed: %s", &body)
	}
}

func TestAKeyBelongsToAnAccount(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{Serve: true})
	made, err := srv.SDK().CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: new("p")})
	must(t, err)
	d := cenotetest.OpenData(t, cenotetest.Settings(t, "data-dir="+srv.DataDir))
	for _, request := range []operate.KeyRequest{
		{Name: "a", Account: "12"},
		{Name: "a", Account: "22222222222x"},
		{Name: "a", Account: "222222222222", Pools: []string{*made.UserPool.Id}}, // a pool that it could never see
	} {
		if _, err := d.CreateKey(t.Context(), request); err == nil {
			t.Errorf("%+v made a key", request)
		}
	}
	_, err = d.CreateKey(t.Context(), operate.KeyRequest{Name: "default"})
	must(t, err)
	_, err = d.CreateKey(t.Context(), operate.KeyRequest{Name: "other", Account: "222222222222"})
	must(t, err)
	keys, err := d.Keys(t.Context())
	must(t, err)
	got := map[string]string{}
	for _, k := range keys {
		got[k.Name] = k.Account
	}
	if got["default"] != "000000000000" || got["other"] != "222222222222" || got["root"] != "000000000000" {
		t.Errorf("accounts of the keys: %v", got)
	}
}
