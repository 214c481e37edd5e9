package pool

import (
	"time"

	"github.com/cenote-id/cenote/internal/wire"
)

// NewGroup makes a group from a request.
func NewGroup(in *wire.CreateGroupInput, now time.Time) Group {
	return Group{
		PoolID: in.UserPoolId, Name: in.GroupName, Description: in.Description, RoleARN: in.RoleArn, Precedence: in.Precedence,
		Created: now, Modified: now,
	}
}

// Update changes what a request names; what it leaves out stays as it is. An empty description clears the old one. A role and a
// precedence can be replaced but not cleared: the API has no value for "none".
func (g *Group) Update(in *wire.UpdateGroupInput, now time.Time) {
	g.Description = wire.Value(in.Description, g.Description)
	if in.RoleArn != "" {
		g.RoleARN = in.RoleArn
	}
	if in.Precedence != nil {
		g.Precedence = in.Precedence
	}
	g.Modified = now
}
