package audit_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
)

// TestActsAreRecorded does something of every kind and reads what the log says of it.
func TestActsAreRecorded(t *testing.T) {
	t.Parallel()
	onBoth(t, nil, func(t *testing.T, s *site) {
		ctx, pool := t.Context(), s.pool(t)
		_, err := s.api.UpdateUserPool(ctx, &idp.UpdateUserPoolInput{UserPoolId: &pool, DeletionProtection: types.DeletionProtectionTypeActive})
		must(t, err)
		_, err = s.api.SetUserPoolMfaConfig(ctx, &idp.SetUserPoolMfaConfigInput{
			UserPoolId: &pool, MfaConfiguration: types.UserPoolMfaTypeOptional,
			SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
		})
		must(t, err)
		client, err := s.api.CreateUserPoolClient(ctx, &idp.CreateUserPoolClientInput{UserPoolId: &pool, ClientName: aws.String("app")})
		must(t, err)
		_, err = s.api.CreateGroup(ctx, &idp.CreateGroupInput{UserPoolId: &pool, GroupName: aws.String("staff"), Description: aws.String("those who work here")})
		must(t, err)
		_, err = s.api.UpdateGroup(ctx, &idp.UpdateGroupInput{UserPoolId: &pool, GroupName: aws.String("staff"), Description: aws.String("those who left")})
		must(t, err)
		s.user(t, pool, "ana", types.AttributeType{Name: aws.String("email"), Value: aws.String("ana@example.com")})
		_, err = s.api.AdminUpdateUserAttributes(ctx, &idp.AdminUpdateUserAttributesInput{UserPoolId: &pool, Username: aws.String("ana"), UserAttributes: []types.AttributeType{
			{Name: aws.String("email"), Value: aws.String("ana@example.org")}, {Name: aws.String("nickname"), Value: aws.String("an")},
		}})
		must(t, err)
		_, err = s.api.AdminAddUserToGroup(ctx, &idp.AdminAddUserToGroupInput{UserPoolId: &pool, Username: aws.String("ana"), GroupName: aws.String("staff")})
		must(t, err)
		_, err = s.api.AdminDisableUser(ctx, &idp.AdminDisableUserInput{UserPoolId: &pool, Username: aws.String("ana")})
		must(t, err)
		_, err = s.api.AdminGetUser(ctx, &idp.AdminGetUserInput{UserPoolId: &pool, Username: aws.String("ana")}) // a read
		must(t, err)
		_, err = s.api.AdminDeleteUser(ctx, &idp.AdminDeleteUserInput{UserPoolId: &pool, Username: aws.String("ana")})
		must(t, err)

		acts, text := s.acts(t, "--pool", pool)
		var sub string
		for _, a := range acts {
			if a.Operation == "AdminCreateUser" {
				sub = a.Sub
			}
		}
		if len(sub) != 36 {
			t.Errorf("the new user's sub is %q", sub)
		}
		hidden := func(names ...string) map[string]any {
			m := map[string]any{}
			for _, n := range names {
				m[n] = "[hidden]"
			}
			return m
		}
		type want struct {
			operation, user string
			parameters      map[string]any // some of them
			before, after   map[string]any // nil: not compared
		}
		wants := []want{
			{operation: "CreateUserPool", parameters: map[string]any{"PoolName": "people"}},
			{
				operation: "UpdateUserPool", before: map[string]any{"Settings": map[string]any{"DeletionProtection": "INACTIVE"}},
				after: map[string]any{"Settings": map[string]any{"DeletionProtection": "ACTIVE"}},
			},
			{
				operation: "SetUserPoolMfaConfig", before: map[string]any{"Settings": map[string]any{"MfaConfiguration": "OFF"}},
				after: map[string]any{"Settings": map[string]any{"MfaConfiguration": "OPTIONAL"}, "Mfa": map[string]any{"Set": true, "SoftwareToken": map[string]any{"Enabled": true}}},
			},
			{operation: "CreateUserPoolClient", parameters: map[string]any{"ClientName": "app"}},
			{operation: "CreateGroup", parameters: map[string]any{"GroupName": "staff"}},
			{operation: "UpdateGroup", before: map[string]any{"Description": "those who work here"}, after: map[string]any{"Description": "those who left"}},
			{operation: "AdminCreateUser", user: "ana", parameters: map[string]any{"UserAttributes": hidden("email"), "Username": "[hidden]"}},
			{
				operation: "AdminUpdateUserAttributes", user: "ana", before: map[string]any{"Attributes": hidden("email")},
				after: map[string]any{"Attributes": hidden("email", "email_verified", "nickname")},
			},
			{operation: "AdminAddUserToGroup", user: "ana", parameters: map[string]any{"GroupName": "staff"}},
			{operation: "AdminDisableUser", user: "ana", before: map[string]any{"Enabled": true}, after: map[string]any{"Enabled": false, "SignOuts": 1.0}},
			{operation: "AdminDeleteUser", user: "ana"},
		}
		if len(acts) != len(wants) {
			t.Fatalf("%d acts, want %d:\n%s", len(acts), len(wants), text)
		}
		for i, w := range wants {
			a := acts[i]
			if a.Operation != w.operation || a.User != w.user || a.Outcome != "OK" || a.Pool != pool || a.Actor != s.AccessKeyID ||
				a.Account != "000000000000" || a.Source != "127.0.0.1" || a.Request == "" || w.user != "" && a.Sub != sub {
				t.Errorf("act %d: %+v, want %s", i, a, w.operation)
			}
			for name, value := range w.parameters {
				if diff := cmp.Diff(value, a.Parameters[name]); diff != "" {
					t.Errorf("%s: parameter %s: %s", w.operation, name, diff)
				}
			}
			if w.before != nil && !cmp.Equal(w.before, a.Before) || w.after != nil && !cmp.Equal(w.after, a.After) {
				t.Errorf("%s: from %v to %v, want from %v to %v", w.operation, a.Before, a.After, w.before, w.after)
			}
		}
		created := acts[3].After["Settings"].(map[string]any)
		if created["ClientId"] != *client.UserPoolClient.ClientId {
			t.Errorf("the new client is %v", created)
		}
		if last := acts[len(acts)-1]; last.After != nil || last.Before["Status"] != "FORCE_CHANGE_PASSWORD" {
			t.Errorf("the deleted user went from %v to %v", last.Before, last.After)
		}
		streamed := decode(t, s.streamed(t))
		if diff := cmp.Diff(acts, streamed[len(streamed)-len(acts):]); diff != "" {
			t.Errorf("the stream differs from the log: %s", diff)
		}
	})
}

func TestActsThatFailAreRecorded(t *testing.T) {
	t.Parallel()
	onBoth(t, nil, func(t *testing.T, s *site) {
		pool := s.pool(t)
		s.user(t, pool, "ana")
		_, err := s.api.AdminDeleteUser(t.Context(), &idp.AdminDeleteUserInput{UserPoolId: &pool, Username: aws.String("nobody")})
		wantCode(t, err, "UserNotFoundException")
		_, err = s.api.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &pool, Username: aws.String("ana"), MessageAction: "SUPPRESS"})
		wantCode(t, err, "UsernameExistsException")
		// A user who is made, and taken back because the invitation cannot be sent.
		_, err = s.api.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
			UserPoolId: &pool, Username: aws.String("bob"), DesiredDeliveryMediums: []types.DeliveryMediumType{"EMAIL"},
			UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String("bob@example.com")}},
		})
		wantCode(t, err, "CodeDeliveryFailureException")

		// No database takes the id of the pool, which the model leaves free here, and the line does.
		_, err = s.api.AdminDisableProviderForUser(t.Context(), &idp.AdminDisableProviderForUserInput{
			UserPoolId: aws.String("us-east-1_\x00"), User: &types.ProviderUserIdentifierType{ProviderName: aws.String("Cognito")},
		})
		wantCode(t, err, "ResourceNotFoundException")

		key := s.ok(t, "key", "create", "--name", "reader", "--allow", "List*")
		id, secret := keyOf(t, key)
		limited := dial(s, id, secret)
		_, err = limited.AdminDeleteUser(t.Context(), &idp.AdminDeleteUserInput{UserPoolId: &pool, Username: aws.String("ana")})
		wantCode(t, err, "AccessDeniedException")

		acts, text := s.acts(t, "--failed")
		var got []string
		for _, a := range acts {
			got = append(got, a.Actor+" "+a.Operation+" "+a.User+" "+a.Outcome)
		}
		want := []string{
			s.AccessKeyID + " AdminDeleteUser nobody UserNotFoundException",
			s.AccessKeyID + " AdminCreateUser ana UsernameExistsException",
			s.AccessKeyID + " AdminCreateUser bob CodeDeliveryFailureException",
			s.AccessKeyID + " AdminDisableProviderForUser  ResourceNotFoundException",
			id + " AdminDeleteUser ana AccessDeniedException",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n%s", diff, text)
		}
	})
}

func TestReadsAndSignInsAreRecordedWhereTheOperatorWants(t *testing.T) {
	t.Parallel()
	for level, want := range map[string]string{"off": "", "changes": "CreateUserPool", "all": "CreateUserPool DescribeUserPool"} {
		onBoth(t, map[string]string{"audit": level}, func(t *testing.T, s *site) {
			pool := s.pool(t)
			_, err := s.api.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &pool})
			must(t, err)
			acts, _ := s.acts(t, "--pool", pool)
			var got []string
			for _, a := range acts {
				got = append(got, a.Operation)
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%s: recorded %v, want %s", level, got, want)
			}
		})
	}
}

func TestTheLogIsFiltered(t *testing.T) {
	t.Parallel()
	onBoth(t, nil, func(t *testing.T, s *site) {
		one, other := s.pool(t), s.pool(t)
		s.user(t, one, "ana")
		s.user(t, other, "ana")
		s.user(t, one, "bob")
		all, _ := s.acts(t, "--actor", s.AccessKeyID)
		count := func(flags ...string) int { acts, _ := s.acts(t, flags...); return len(acts) }
		for _, tc := range []struct {
			flags []string
			want  int
		}{
			{[]string{"--pool", one}, 3},
			{[]string{"--user", "ana"}, 2},
			{[]string{"--user", all[len(all)-1].Sub}, 1},
			{[]string{"--user", "ana", "--pool", one, "--operation", "AdminCreateUser"}, 1},
			{[]string{"--operation", "CreateUserPool"}, 2},
			{[]string{"--since", "1h"}, len(all) + 1}, // and the root key
			{[]string{"--until", "1h"}, 0},
			{[]string{"--since", all[0].Time, "--until", all[len(all)-1].Time, "--actor", s.AccessKeyID}, len(all) - 1},
			{[]string{"--actor", "nobody"}, 0},
			{[]string{"--failed"}, 0},
		} {
			if got := count(tc.flags...); got != tc.want {
				t.Errorf("%v: %d acts, want %d", tc.flags, got, tc.want)
			}
		}
		rows := strings.Split(strings.TrimSpace(s.ok(t, "audit", "--limit", "2")), "\n")
		if len(rows) != 3 || !strings.HasPrefix(rows[0], "TIME ") || !strings.Contains(rows[1], "AdminCreateUser") || !strings.Contains(rows[1], " bob ") {
			t.Errorf("the table is\n%s", strings.Join(rows, "\n"))
		}
	})
}

func TestActsOnIdentityPoolsAreRecorded(t *testing.T) {
	t.Parallel()
	onBoth(t, nil, func(t *testing.T, s *site) {
		pool := s.identityPool(t)
		acts, text := s.acts(t, "--pool", pool)
		if len(acts) != 2 || acts[0].Operation != "CreateIdentityPool" || acts[1].Operation != "UpdateIdentityPool" ||
			!cmp.Equal(acts[1].Before, map[string]any{"Pool": map[string]any{"IdentityPoolName": "people"}}) ||
			!cmp.Equal(acts[1].After, map[string]any{"Pool": map[string]any{"IdentityPoolName": "persons"}}) {
			t.Errorf("the log is\n%s", text)
		}
		if _, err := json.Marshal(acts); err != nil {
			t.Error(err)
		}
	})
}
