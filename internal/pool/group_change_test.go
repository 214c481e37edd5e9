package pool

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/wire"
)

func TestGroupUpdateKeepsWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	in := wire.CreateGroupInput{UserPoolId: "p", GroupName: "admins", Description: "old", RoleArn: "r", Precedence: wire.Ptr(int64(3))}
	g := NewGroup(&in, noon)
	g.Update(&wire.UpdateGroupInput{Precedence: wire.Ptr(int64(0))}, noon.Add(1))
	want := Group{
		PoolID: "p", Name: "admins", Description: "old", RoleARN: "r", Precedence: wire.Ptr(int64(0)), Created: noon, Modified: noon.Add(1),
	}
	if diff := cmp.Diff(want, g); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	g.Update(&wire.UpdateGroupInput{Description: wire.Ptr("")}, noon.Add(1))
	if g.Description != "" || g.RoleARN != "r" {
		t.Errorf("an empty description left %+v", g)
	}
}
