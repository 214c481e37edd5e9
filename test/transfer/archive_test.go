package transfer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
	"github.com/pquerna/otp/totp"

	"github.com/cenote-id/cenote/client"
	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

// node is a server and the flags with which commands reach its data.
type node struct {
	*cenotetest.Server
	flags []string
}

// start starts a server with a master key of its own.
func start(t *testing.T, database string) node {
	t.Helper()
	srv := cenotetest.Start(t, cenotetest.Options{Serve: true, Database: database})
	flags := []string{"--data-dir", srv.DataDir}
	if database != "" {
		flags = append(flags, "--database", database)
	}
	return node{srv, flags}
}

func (n node) args(args ...string) []string { return append(args, n.flags...) }

// passphraseFile writes a passphrase.
func passphraseFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "passphrase")
	must(t, os.WriteFile(path, []byte(text+"\n"), 0o600))
	return path
}

// identity makes a key pair of age.
func identity(t *testing.T) (recipient, file string) {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	must(t, err)
	file = filepath.Join(t.TempDir(), "key.txt")
	must(t, os.WriteFile(file, []byte("# a key\n"+key.String()+"\n"), 0o600))
	return key.Recipient().String(), file
}

// furnish makes a pool with all sorts of things in it.
func furnish(t *testing.T, api *idp.Client) (poolID, clientID string) {
	t.Helper()
	ctx := t.Context()
	made, err := api.CreateUserPool(ctx, &idp.CreateUserPoolInput{
		PoolName: aws.String("people"), AutoVerifiedAttributes: []types.VerifiedAttributeType{types.VerifiedAttributeTypeEmail},
		AliasAttributes:     []types.AliasAttributeType{types.AliasAttributeTypeEmail},
		DeviceConfiguration: &types.DeviceConfigurationType{ChallengeRequiredOnNewDevice: true},
		Schema:              []types.SchemaAttributeType{{Name: aws.String("tier"), AttributeDataType: types.AttributeDataTypeString, Mutable: aws.Bool(true)}},
		UserPoolTags:        map[string]string{"team": "identity"},
	})
	must(t, err)
	poolID = *made.UserPool.Id
	_, err = api.SetUserPoolMfaConfig(ctx, &idp.SetUserPoolMfaConfigInput{
		UserPoolId: &poolID, MfaConfiguration: types.UserPoolMfaTypeOptional, SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
	})
	must(t, err)
	_, err = api.CreateResourceServer(ctx, &idp.CreateResourceServerInput{
		UserPoolId: &poolID, Identifier: aws.String("https://orders"), Name: aws.String("Orders"),
		Scopes: []types.ResourceServerScopeType{{ScopeName: aws.String("read"), ScopeDescription: aws.String("Read orders")}},
	})
	must(t, err)
	_, err = api.CreateIdentityProvider(ctx, &idp.CreateIdentityProviderInput{
		UserPoolId: &poolID, ProviderName: aws.String("Google"), ProviderType: types.IdentityProviderTypeTypeGoogle,
		ProviderDetails: map[string]string{"client_id": "id", "client_secret": "secret of google", "authorize_scopes": "openid email"},
	})
	must(t, err)
	_, err = api.CreateUserPoolDomain(ctx, &idp.CreateUserPoolDomainInput{UserPoolId: &poolID, Domain: aws.String("people")})
	must(t, err)
	_, err = api.GetSigningCertificate(ctx, &idp.GetSigningCertificateInput{UserPoolId: &poolID}) // makes the key
	must(t, err)
	_, err = api.CreateGroup(ctx, &idp.CreateGroupInput{UserPoolId: &poolID, GroupName: aws.String("staff"), Precedence: aws.Int32(3)})
	must(t, err)
	clientID = addClient(t, api, poolID)
	addUser(t, api, poolID, "ada", types.AttributeType{Name: aws.String("email"), Value: aws.String("ada@example.com")},
		types.AttributeType{Name: aws.String("email_verified"), Value: aws.String("true")}, types.AttributeType{Name: aws.String("custom:tier"), Value: aws.String("gold, \"plated\"\n")})
	addUser(t, api, poolID, "bob")
	_, err = api.AdminAddUserToGroup(ctx, &idp.AdminAddUserToGroupInput{UserPoolId: &poolID, GroupName: aws.String("staff"), Username: aws.String("ada")})
	must(t, err)
	return poolID, clientID
}

// shown is what the API shows of a pool.
func shown(t *testing.T, api *idp.Client, poolID, clientID string) []string {
	t.Helper()
	ctx := t.Context()
	var all []string
	add := func(v any, err error) {
		t.Helper()
		must(t, err)
		text, err := json.MarshalIndent(v, "", " ")
		must(t, err)
		all = append(all, string(text))
	}
	p, err := api.DescribeUserPool(ctx, &idp.DescribeUserPoolInput{UserPoolId: &poolID})
	add(p, err)
	c, err := api.DescribeUserPoolClient(ctx, &idp.DescribeUserPoolClientInput{UserPoolId: &poolID, ClientId: &clientID})
	add(c, err)
	m, err := api.GetUserPoolMfaConfig(ctx, &idp.GetUserPoolMfaConfigInput{UserPoolId: &poolID})
	add(m, err)
	g, err := api.ListGroups(ctx, &idp.ListGroupsInput{UserPoolId: &poolID})
	add(g, err)
	r, err := api.ListResourceServers(ctx, &idp.ListResourceServersInput{UserPoolId: &poolID, MaxResults: aws.Int32(50)})
	add(r, err)
	i, err := api.DescribeIdentityProvider(ctx, &idp.DescribeIdentityProviderInput{UserPoolId: &poolID, ProviderName: aws.String("Google")})
	add(i, err)
	d, err := api.DescribeUserPoolDomain(ctx, &idp.DescribeUserPoolDomainInput{Domain: aws.String("people")})
	add(d, err)
	u, err := api.ListUsers(ctx, &idp.ListUsersInput{UserPoolId: &poolID})
	add(u, err)
	s, err := api.ListUsersInGroup(ctx, &idp.ListUsersInGroupInput{UserPoolId: &poolID, GroupName: aws.String("staff")})
	add(s, err)
	e, err := api.ListUsers(ctx, &idp.ListUsersInput{UserPoolId: &poolID, Filter: aws.String(`email ^= "ada@"`)})
	add(e, err)
	k, err := api.GetSigningCertificate(ctx, &idp.GetSigningCertificateInput{UserPoolId: &poolID})
	add(k, err)
	return all
}

func TestAPoolMovesToAnotherServerWithPasswordsFactorsAndDevices(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		from, to func(testing.TB) string
	}{
		{"SQLite to PostgreSQL", embedded, pgtest.Start},
		{"PostgreSQL to SQLite", pgtest.Start, embedded},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			old, next := start(t, tc.from(t)), start(t, tc.to(t))
			poolID, clientID := furnish(t, old.SDK())
			phone := client.NewMemoryStorage()
			ada := userOf(t, old.Server, poolID, clientID, phone, "ada")
			answer(t, ada, "")
			token, err := ada.AssociateSoftwareToken(t.Context())
			must(t, err)
			code, err := totp.GenerateCode(token.Secret, time.Now())
			must(t, err)
			_, err = token.Verify(t.Context(), code, "phone")
			must(t, err)
			must(t, ada.SetMFAPreference(t.Context(), client.MFAPreference{SoftwareToken: &client.MFASetting{Enabled: true, Preferred: true}}))

			recipient, key := identity(t)
			file := filepath.Join(t.TempDir(), "people.age")
			if said := ok(t, old.args("export", "--pool", poolID, "--to", file, "--recipient", recipient)...); said != "Exported 1 pool with 2 users.\n" {
				t.Errorf("export says %q", said)
			}
			ok(t, next.args("import", "--from", file, "--identity", key, "--dry-run")...)
			if _, err := next.SDK().DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &poolID}); cenotetest.CodeOf(t, err) != "ResourceNotFoundException" {
				t.Fatalf("after a dry run: %v", err)
			}
			if said := ok(t, next.args("import", "--from", file, "--identity", key)...); said != "Imported 1 pool with 2 users.\n" {
				t.Errorf("import says %q", said)
			}
			want, got := shown(t, old.SDK(), poolID, clientID), shown(t, next.SDK(), poolID, clientID)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the pool is shown otherwise (-old +new):\n%s", diff)
			}
			refused(t, "pool "+poolID+" exists", next.args("import", "--from", file, "--identity", key)...)

			if _, err := signIn(t, next.SDK(), clientID, "bob", password); err != nil {
				t.Errorf("an old password: %v", err)
			}
			if answer(t, userOf(t, next.Server, poolID, clientID, phone, "ada"), token.Secret) {
				t.Error("a remembered device is asked for a code")
			}
			if !answer(t, userOf(t, next.Server, poolID, clientID, client.NewMemoryStorage(), "ada@example.com"), token.Secret) {
				t.Error("a new device is asked for no code")
			}
		})
	}
}

func embedded(testing.TB) string { return "" }

// userOf is the user of a client that keeps tokens and devices in the storage.
func userOf(t *testing.T, srv *cenotetest.Server, poolID, clientID string, storage client.Storage, name string) *client.User {
	t.Helper()
	pool, err := client.NewPool(client.Config{PoolID: poolID, ClientID: clientID, Endpoint: srv.URL, Storage: storage})
	must(t, err)
	return pool.User(name)
}

// answer signs in by SRP; it answers with a code of the secret where one is asked for, and reports whether one was.
func answer(t *testing.T, u *client.User, secret string) (asked bool) {
	t.Helper()
	result, err := u.SignIn(t.Context(), client.SignIn{Password: password})
	must(t, err)
	if c, ok := result.Challenge.(*client.CodeRequired); ok && secret != "" {
		asked = true
		code, err := totp.GenerateCode(secret, time.Now().Add(30*time.Second)) // the one of now was used when the token was verified
		must(t, err)
		result, err = c.Answer(t.Context(), code)
		must(t, err)
	}
	if result.Session == nil {
		t.Fatalf("the sign-in ends with %T", result.Challenge)
	}
	return asked
}
