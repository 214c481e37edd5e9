package userpools

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// poolService is a service over an empty database, with what the operations on pools, clients and groups need.
func poolService(t *testing.T) *Service {
	t.Helper()
	now := func() time.Time { return time.Date(2026, 9, 5, 12, 0, 0, 0, time.UTC) }
	key := make([]byte, seal.KeySize)
	key[0] = 1
	master, err := seal.NewMaster(key)
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), store.Options{Database: filepath.Join(t.TempDir(), "cenote.db"), Master: master, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return &Service{Store: st, Keys: token.NewKeyMaker(now, 0), Master: master, Now: now, Region: "us-east-1", AccountID: "000000000000"}
}

// must calls an operation that has to succeed.
func must[In, Out any](t *testing.T, call func(context.Context, *In) (*Out, error), in In) *Out {
	t.Helper()
	out, err := call(t.Context(), &in)
	if err != nil {
		t.Fatalf("%T: %v", in, err)
	}
	return out
}

// mustFail calls an operation that has to answer the fault.
func mustFail[In, Out any](t *testing.T, code fault.Code, call func(context.Context, *In) (*Out, error), in In) {
	t.Helper()
	if out, err := call(t.Context(), &in); !fault.Is(err, code) {
		t.Errorf("%T: got %v, %v, want %s", in, out, err, code)
	}
}

func TestAPoolFromCreationToDeletion(t *testing.T) {
	t.Parallel()
	s := poolService(t)
	made := must(t, s.CreateUserPool, wire.CreateUserPoolInput{
		PoolName: "people", DeletionProtection: "ACTIVE", UserPoolTags: map[string]string{"a": "b"},
	}).UserPool
	if made.EstimatedNumberOfUsers == nil || *made.EstimatedNumberOfUsers != 0 {
		t.Errorf("number of users %v, want 0", made.EstimatedNumberOfUsers)
	}
	described := must(t, s.DescribeUserPool, wire.DescribeUserPoolInput{UserPoolId: made.Id}).UserPool
	if diff := cmp.Diff(made, described); diff != "" {
		t.Errorf("described is not what was made:\n%s", diff)
	}
	must(t, s.AddCustomAttributes, wire.AddCustomAttributesInput{
		UserPoolId:       made.Id,
		CustomAttributes: []wire.SchemaAttributeType{{Name: "team", AttributeDataType: "String"}},
	})
	must(t, s.TagResource, wire.TagResourceInput{ResourceArn: made.Arn, Tags: map[string]string{"c": "d"}})
	must(t, s.UntagResource, wire.UntagResourceInput{ResourceArn: made.Arn, TagKeys: []string{"a"}})
	tags := must(t, s.ListTagsForResource, wire.ListTagsForResourceInput{ResourceArn: made.Arn}).Tags
	if diff := cmp.Diff(map[string]string{"c": "d"}, tags); diff != "" {
		t.Errorf("tags:\n%s", diff)
	}
	mustFail(t, fault.ResourceNotFound, s.ListTagsForResource,
		wire.ListTagsForResourceInput{ResourceArn: pool.ARN("eu-west-1", "000000000000", made.Id)})
	mustFail(t, fault.InvalidParameter, s.ListTagsForResource, wire.ListTagsForResourceInput{ResourceArn: "arn:aws:s3:::bucket"})

	mustFail(t, fault.InvalidParameter, s.DeleteUserPool, wire.DeleteUserPoolInput{UserPoolId: made.Id})
	must(t, s.UpdateUserPool, wire.UpdateUserPoolInput{UserPoolId: made.Id})
	mustFail(t, fault.InvalidParameter, s.DeleteUserPool, wire.DeleteUserPoolInput{UserPoolId: made.Id}) // the protection has stayed
	must(t, s.UpdateUserPool, wire.UpdateUserPoolInput{UserPoolId: made.Id, DeletionProtection: "INACTIVE"})
	described = must(t, s.DescribeUserPool, wire.DescribeUserPoolInput{UserPoolId: made.Id}).UserPool
	if n := len(described.SchemaAttributes); described.SchemaAttributes[n-1].Name != "custom:team" || len(described.UserPoolTags) != 1 {
		t.Errorf("after the update: last attribute %s, tags %v", described.SchemaAttributes[n-1].Name, described.UserPoolTags)
	}
	must(t, s.DeleteUserPool, wire.DeleteUserPoolInput{UserPoolId: made.Id})
	mustFail(t, fault.ResourceNotFound, s.DescribeUserPool, wire.DescribeUserPoolInput{UserPoolId: made.Id})
	mustFail(t, fault.ResourceNotFound, s.UpdateUserPool, wire.UpdateUserPoolInput{UserPoolId: made.Id})
	mustFail(t, fault.ResourceNotFound, s.DeleteUserPool, wire.DeleteUserPoolInput{UserPoolId: made.Id})
	mustFail(t, fault.ResourceNotFound, s.CreateGroup, wire.CreateGroupInput{UserPoolId: made.Id, GroupName: "late"})
}

func TestPoolsAreListedInPages(t *testing.T) {
	t.Parallel()
	s := poolService(t)
	var made, seen []string
	for i := range 3 {
		made = append(made, must(t, s.CreateUserPool, wire.CreateUserPoolInput{PoolName: fmt.Sprint(i)}).UserPool.Id)
	}
	in := wire.ListUserPoolsInput{MaxResults: wire.Ptr[int64](2)}
	for {
		page := must(t, s.ListUserPools, in)
		for _, p := range page.UserPools {
			seen = append(seen, p.Id)
		}
		if in.NextToken = page.NextToken; in.NextToken == "" {
			break
		}
		mustFail(t, fault.InvalidParameter, s.ListGroups, wire.ListGroupsInput{UserPoolId: made[0], NextToken: in.NextToken})
	}
	slices.Sort(made)
	if diff := cmp.Diff(made, seen); diff != "" {
		t.Errorf("listed pools:\n%s", diff)
	}
	if all := must(t, s.ListUserPools, wire.ListUserPoolsInput{}); len(all.UserPools) != 3 || all.NextToken != "" {
		t.Errorf("without MaxResults: %d pools, token %q", len(all.UserPools), all.NextToken)
	}
}

func TestConcurrentChangesOfAPoolAreAllKept(t *testing.T) {
	t.Parallel()
	s := poolService(t)
	p := must(t, s.CreateUserPool, wire.CreateUserPoolInput{PoolName: "people"}).UserPool
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			_, err := s.AddCustomAttributes(t.Context(), &wire.AddCustomAttributesInput{
				UserPoolId:       p.Id,
				CustomAttributes: []wire.SchemaAttributeType{{Name: fmt.Sprint("n", i), AttributeDataType: "String"}},
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got := len(must(t, s.DescribeUserPool, wire.DescribeUserPoolInput{UserPoolId: p.Id}).UserPool.SchemaAttributes)
	if want := len(p.SchemaAttributes) + 20; got != want {
		t.Errorf("%d attributes, want %d", got, want)
	}
}

func TestADowngradeLooksAtTheClients(t *testing.T) {
	t.Parallel()
	s := poolService(t)
	p := must(t, s.CreateUserPool, wire.CreateUserPoolInput{PoolName: "people"}).UserPool
	c := must(t, s.CreateUserPoolClient, wire.CreateUserPoolClientInput{
		UserPoolId: p.Id, ClientName: "app", ExplicitAuthFlows: []string{"ALLOW_USER_AUTH"},
	}).UserPoolClient
	lite := wire.UpdateUserPoolInput{UserPoolId: p.Id, UserPoolTier: "LITE"}
	mustFail(t, fault.FeatureUnavailableInTier, s.UpdateUserPool, lite)
	must(t, s.DeleteUserPoolClient, wire.DeleteUserPoolClientInput{UserPoolId: p.Id, ClientId: c.ClientId})
	must(t, s.UpdateUserPool, lite)
}

func TestADowngradeLooksAtLogDelivery(t *testing.T) {
	t.Parallel()
	s := poolService(t)
	p := must(t, s.CreateUserPool, wire.CreateUserPoolInput{PoolName: "people", UserPoolTier: "PLUS"}).UserPool
	logs := wire.SetLogDeliveryConfigurationInput{UserPoolId: p.Id, LogConfigurations: []wire.LogConfigurationType{{
		EventSource: "userAuthEvents", LogLevel: "INFO", S3Configuration: &wire.S3ConfigurationType{BucketArn: "arn:aws:s3:::activity"},
	}}}
	must(t, s.SetLogDeliveryConfiguration, logs)
	essentials := wire.UpdateUserPoolInput{UserPoolId: p.Id, UserPoolTier: "ESSENTIALS"}
	mustFail(t, fault.FeatureUnavailableInTier, s.UpdateUserPool, essentials)
	logs.LogConfigurations = nil
	must(t, s.SetLogDeliveryConfiguration, logs)
	must(t, s.UpdateUserPool, essentials)
}

func TestAClientFromCreationToDeletion(t *testing.T) {
	t.Parallel()
	s := poolService(t)
	p := must(t, s.CreateUserPool, wire.CreateUserPoolInput{PoolName: "people"}).UserPool
	other := must(t, s.CreateUserPool, wire.CreateUserPoolInput{PoolName: "others"}).UserPool
	made := must(t, s.CreateUserPoolClient, wire.CreateUserPoolClientInput{
		UserPoolId: p.Id, ClientName: "app", GenerateSecret: wire.Ptr(true),
	}).UserPoolClient
	if made.ClientSecret == "" {
		t.Fatal("no secret")
	}
	id := wire.DescribeUserPoolClientInput{UserPoolId: p.Id, ClientId: made.ClientId}
	if diff := cmp.Diff(made, must(t, s.DescribeUserPoolClient, id).UserPoolClient); diff != "" {
		t.Errorf("described is not what was made:\n%s", diff)
	}
	mustFail(t, fault.ResourceNotFound, s.DescribeUserPoolClient,
		wire.DescribeUserPoolClientInput{UserPoolId: other.Id, ClientId: made.ClientId})
	mustFail(t, fault.ResourceNotFound, s.UpdateUserPoolClient, wire.UpdateUserPoolClientInput{UserPoolId: other.Id, ClientId: made.ClientId})
	mustFail(t, fault.ResourceNotFound, s.DeleteUserPoolClient, wire.DeleteUserPoolClientInput{UserPoolId: other.Id, ClientId: made.ClientId})

	updated := must(t, s.UpdateUserPoolClient, wire.UpdateUserPoolClientInput{UserPoolId: p.Id, ClientId: made.ClientId, ClientName: "renamed"})
	if updated.UserPoolClient.ClientSecret != made.ClientSecret || updated.UserPoolClient.ClientName != "renamed" {
		t.Errorf("updated client %+v", updated.UserPoolClient)
	}

	another := wire.AddUserPoolClientSecretInput{UserPoolId: p.Id, ClientId: made.ClientId}
	added := must(t, s.AddUserPoolClientSecret, another).ClientSecretDescriptor
	if added.ClientSecretValue == "" {
		t.Error("a generated secret must be answered")
	}
	mustFail(t, fault.LimitExceeded, s.AddUserPoolClientSecret, another)
	listed := must(t, s.ListUserPoolClientSecrets, wire.ListUserPoolClientSecretsInput{UserPoolId: p.Id, ClientId: made.ClientId}).ClientSecrets
	if len(listed) != 2 || listed[1].ClientSecretId != added.ClientSecretId {
		t.Fatalf("listed %d secrets, want the first and the added one", len(listed))
	}
	if listed[0].ClientSecretValue != "" || listed[1].ClientSecretValue != "" {
		t.Error("a list must not have values of secrets")
	}
	must(t, s.DeleteUserPoolClientSecret, wire.DeleteUserPoolClientSecretInput{
		UserPoolId: p.Id, ClientId: made.ClientId, ClientSecretId: listed[0].ClientSecretId,
	})
	own := must(t, s.AddUserPoolClientSecret, wire.AddUserPoolClientSecretInput{
		UserPoolId: p.Id, ClientId: made.ClientId, ClientSecret: "my+own_secret_of_24_chars",
	}).ClientSecretDescriptor
	if own.ClientSecretValue != "" {
		t.Error("the caller's own secret must not be answered")
	}
	if got := must(t, s.DescribeUserPoolClient, id).UserPoolClient.ClientSecret; got != added.ClientSecretValue {
		t.Error("the oldest secret must be shown")
	}

	for i := range 2 {
		must(t, s.CreateUserPoolClient, wire.CreateUserPoolClientInput{UserPoolId: p.Id, ClientName: fmt.Sprint(i)})
	}
	seen := 0
	in := wire.ListUserPoolClientsInput{UserPoolId: p.Id, MaxResults: wire.Ptr(int64(2))}
	for {
		page := must(t, s.ListUserPoolClients, in)
		seen += len(page.UserPoolClients)
		if in.NextToken = page.NextToken; in.NextToken == "" {
			break
		}
	}
	if seen != 3 {
		t.Errorf("listed %d clients, want 3", seen)
	}
	registered := must(t, s.ListUserPoolClients, wire.ListUserPoolClientsInput{UserPoolId: p.Id, ClientType: "DCR"}).UserPoolClients
	if len(registered) != 0 {
		t.Errorf("%d clients registered themselves, want none", len(registered))
	}
	must(t, s.DeleteUserPoolClient, wire.DeleteUserPoolClientInput{UserPoolId: p.Id, ClientId: made.ClientId})
	mustFail(t, fault.ResourceNotFound, s.DescribeUserPoolClient, id)
}

func TestGroupsAndTheirMembers(t *testing.T) {
	t.Parallel()
	s := poolService(t)
	poolID := must(t, s.CreateUserPool, wire.CreateUserPoolInput{PoolName: "people"}).UserPool.Id
	err := s.Store.Update(t.Context(), func(tx *store.Tx) error {
		p, err := tx.Pool(poolID)
		if err != nil {
			return err
		}
		for _, name := range []string{"ann", "bob", "cyd"} {
			if err := tx.InsertUser(p, user.New(p, "id-"+name, name, user.Confirmed, s.Now())); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	made := must(t, s.CreateGroup, wire.CreateGroupInput{UserPoolId: poolID, GroupName: "red", Precedence: wire.Ptr(int64(0))}).Group
	if diff := cmp.Diff(made, must(t, s.GetGroup, wire.GetGroupInput{UserPoolId: poolID, GroupName: "red"}).Group); diff != "" {
		t.Errorf("got is not what was made:\n%s", diff)
	}
	mustFail(t, fault.GroupExists, s.CreateGroup, wire.CreateGroupInput{UserPoolId: poolID, GroupName: "red"})
	must(t, s.CreateGroup, wire.CreateGroupInput{UserPoolId: poolID, GroupName: "Red"})
	changed := must(t, s.UpdateGroup, wire.UpdateGroupInput{UserPoolId: poolID, GroupName: "red", Description: wire.Ptr("warm")}).Group
	if changed.Description != "warm" || changed.Precedence == nil || *changed.Precedence != 0 {
		t.Errorf("changed group %+v", changed)
	}

	for _, name := range []string{"ann", "bob", "cyd", "cyd"} {
		must(t, s.AdminAddUserToGroup, wire.AdminAddUserToGroupInput{UserPoolId: poolID, Username: name, GroupName: "red"})
	}
	must(t, s.AdminAddUserToGroup, wire.AdminAddUserToGroupInput{UserPoolId: poolID, Username: "ann", GroupName: "Red"})
	mustFail(t, fault.UserNotFound, s.AdminAddUserToGroup, wire.AdminAddUserToGroupInput{UserPoolId: poolID, Username: "eve", GroupName: "red"})
	mustFail(t, fault.ResourceNotFound, s.AdminAddUserToGroup,
		wire.AdminAddUserToGroupInput{UserPoolId: poolID, Username: "ann", GroupName: "blue"})
	for range 2 {
		must(t, s.AdminRemoveUserFromGroup, wire.AdminRemoveUserFromGroupInput{UserPoolId: poolID, Username: "bob", GroupName: "red"})
	}

	var members []string
	in := wire.ListUsersInGroupInput{UserPoolId: poolID, GroupName: "red", Limit: wire.Ptr(int64(1))}
	for {
		page := must(t, s.ListUsersInGroup, in)
		for _, u := range page.Users {
			members = append(members, u.Username)
		}
		if in.NextToken = page.NextToken; in.NextToken == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"ann", "cyd"}, members); diff != "" {
		t.Errorf("members:\n%s", diff)
	}
	var groups []string
	mine := wire.AdminListGroupsForUserInput{UserPoolId: poolID, Username: "ann", Limit: wire.Ptr(int64(1))}
	for {
		page := must(t, s.AdminListGroupsForUser, mine)
		for _, g := range page.Groups {
			groups = append(groups, g.GroupName)
		}
		if mine.NextToken = page.NextToken; mine.NextToken == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"Red", "red"}, groups); diff != "" {
		t.Errorf("groups of ann:\n%s", diff)
	}
	if all := must(t, s.ListGroups, wire.ListGroupsInput{UserPoolId: poolID}); len(all.Groups) != 2 || all.NextToken != "" {
		t.Errorf("listed %d groups, token %q", len(all.Groups), all.NextToken)
	}
	must(t, s.DeleteGroup, wire.DeleteGroupInput{UserPoolId: poolID, GroupName: "red"})
	mustFail(t, fault.ResourceNotFound, s.DeleteGroup, wire.DeleteGroupInput{UserPoolId: poolID, GroupName: "red"})
	mustFail(t, fault.ResourceNotFound, s.ListUsersInGroup, wire.ListUsersInGroupInput{UserPoolId: poolID, GroupName: "red"})
}
