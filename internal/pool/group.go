package pool

import (
	"cmp"
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

// PreferredRole returns the role of the group with the lowest precedence, or "" when no group has a role or when groups of equal
// precedence have different ones. Groups without a precedence rank last, equal among themselves.
func PreferredRole(groups []Group) string {
	var best *Group
	tie := false
	for i := range groups {
		g := &groups[i]
		if g.RoleARN == "" {
			continue
		}
		order := -1
		if best != nil {
			order = g.ComparePrecedence(best)
		}
		switch {
		case order < 0:
			best, tie = g, false
		case order == 0 && g.RoleARN != best.RoleARN:
			tie = true
		}
	}
	if best == nil || tie {
		return ""
	}
	return best.RoleARN
}

// ComparePrecedence returns a negative number when the group ranks before the other, a positive one when behind it, and 0 when they
// rank alike.
func (g *Group) ComparePrecedence(other *Group) int {
	switch {
	case g.Precedence == nil && other.Precedence == nil:
		return 0
	case g.Precedence == nil:
		return 1
	case other.Precedence == nil:
		return -1
	}
	return cmp.Compare(*g.Precedence, *other.Precedence)
}
