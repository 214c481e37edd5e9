package pool

import (
	"time"

	"github.com/cenote-id/cenote/internal/fault"
)

// Group is a group of users. Optional members keep absence apart from their zero value, as the API does.
type Group struct {
	PoolID      string
	Name        string
	Description string
	RoleARN     string
	Precedence  *int64 // lower wins; nil ranks last
	Created     time.Time
	Modified    time.Time
}

// GroupNotFound is the answer for a group that does not exist.
func GroupNotFound() *fault.Error { return fault.New(fault.ResourceNotFound, "Group not found.") }

// PreferredRole returns the role of the group with the lowest precedence, or "" when there is none or when groups of equal
// precedence have different roles.
func PreferredRole(groups []Group) string {
	var best *Group
	tie := false
	for i := range groups {
		g := &groups[i]
		if g.RoleARN == "" || g.Precedence == nil {
			continue
		}
		switch {
		case best == nil || *g.Precedence < *best.Precedence:
			best, tie = g, false
		case *g.Precedence == *best.Precedence && g.RoleARN != best.RoleARN:
			tie = true
		}
	}
	if best == nil || tie {
		return ""
	}
	return best.RoleARN
}
