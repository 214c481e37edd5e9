package gosdk_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestAPoolIsItsOnlyReplica(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		ctx := t.Context()
		create := func(in idp.CreateUserPoolReplicaInput) error {
			if in.UserPoolId == nil {
				in.UserPoolId = &a.pool
			}
			_, err := a.CreateUserPoolReplica(ctx, &in)
			return err
		}
		refused[*types.OperationNotEnabledException](t, create(idp.CreateUserPoolReplicaInput{RegionName: aws.String("ap-south-1")}), "")
		refused[*types.InvalidParameterException](t, create(idp.CreateUserPoolReplicaInput{RegionName: aws.String("us-east-1")}), "")
		refused[*types.InvalidParameterException](t, create(idp.CreateUserPoolReplicaInput{RegionName: aws.String("nowhere")}), "Invalid Region: nowhere")
		refused[*types.UserPoolTaggingException](t, create(idp.CreateUserPoolReplicaInput{RegionName: aws.String("ap-south-1"), UserPoolTags: map[string]string{"aws:x": "y"}}), "")
		refused[*types.ResourceNotFoundException](t, create(idp.CreateUserPoolReplicaInput{UserPoolId: aws.String("us-east-1_Nobodys12"), RegionName: aws.String("ap-south-1")}), "")

		list := func() []types.UserPoolReplicaType {
			got, err := a.ListUserPoolReplicas(ctx, &idp.ListUserPoolReplicasInput{UserPoolId: &a.pool})
			must(t, err)
			if got.NextToken != nil {
				t.Errorf("one replica has the token %v", got.NextToken)
			}
			return got.UserPoolReplicas
		}
		want := []types.UserPoolReplicaType{{
			RegionName: aws.String("us-east-1"), Role: types.ReplicaRoleTypePrimary, Status: types.ReplicaStatusTypeActive, UserPoolArn: a.description(t).Arn,
		}}
		if diff := cmp.Diff(want, list(), cmpopts.IgnoreUnexported(types.UserPoolReplicaType{})); diff != "" {
			t.Errorf("replicas (-want +got):\n%s", diff)
		}
		_, err := a.ListUserPoolReplicas(ctx, &idp.ListUserPoolReplicasInput{UserPoolId: &a.pool, NextToken: aws.String("x")})
		refused[*types.InvalidParameterException](t, err, "")

		for name, missing := range map[string]bool{"ap-south-1": true, "us-east-1": false} {
			_, err := a.UpdateUserPoolReplica(ctx, &idp.UpdateUserPoolReplicaInput{UserPoolId: &a.pool, RegionName: &name, Status: types.UpdateReplicaStatusTypeActive})
			_, err2 := a.DeleteUserPoolReplica(ctx, &idp.DeleteUserPoolReplicaInput{UserPoolId: &a.pool, RegionName: &name})
			for _, err := range []error{err, err2} {
				if missing {
					refused[*types.ResourceNotFoundException](t, err, "")
				} else {
					refused[*types.InvalidParameterException](t, err, "")
				}
			}
		}
		_, err = a.UpdateUserPool(ctx, &idp.UpdateUserPoolInput{UserPoolId: &a.pool, UserPoolTier: types.UserPoolTierTypeLite})
		must(t, err)
		a.srv.Advance(t, 1e9) // settings are looked at again
		refused[*types.FeatureUnavailableInTierException](t, create(idp.CreateUserPoolReplicaInput{RegionName: aws.String("ap-south-1")}), "")
		if len(list()) != 1 {
			t.Error("a refusal left a replica")
		}
	})
}
