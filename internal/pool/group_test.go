package pool

import (
	"testing"

	"github.com/cenote-id/cenote/internal/wire"
)

// The documentation: the lowest precedence wins, a group without one ranks last, and equals with different roles give none.
func TestPreferredRole(t *testing.T) {
	t.Parallel()
	group := func(role string, precedence ...int64) Group {
		g := Group{Name: role, RoleARN: role}
		if len(precedence) > 0 {
			g.Precedence = wire.Ptr(precedence[0])
		}
		return g
	}
	for name, tc := range map[string]struct {
		groups []Group
		want   string
	}{
		"no group":                                {nil, ""},
		"no role":                                 {[]Group{group("", 1)}, ""},
		"the lowest wins":                         {[]Group{group("a", 2), group("b", 1), group("c", 3)}, "b"},
		"a group without a role does not count":   {[]Group{group("", 0), group("b", 1)}, "b"},
		"a single group without precedence":       {[]Group{group("a")}, "a"},
		"no precedence ranks last":                {[]Group{group("a"), group("b", 1<<40)}, "b"},
		"a tie":                                   {[]Group{group("a", 1), group("b", 1)}, ""},
		"a tie behind the winner":                 {[]Group{group("a", 2), group("b", 2), group("c", 1)}, "c"},
		"a tie of the same role":                  {[]Group{group("a", 1), group("a", 1)}, "a"},
		"a tie without precedence":                {[]Group{group("a"), group("b")}, ""},
		"the same role without precedence":        {[]Group{group("a"), group("a")}, "a"},
		"a tie without precedence behind another": {[]Group{group("a"), group("b"), group("c", 7)}, "c"},
		"precedences that are far apart":          {[]Group{group("a", 1<<62), group("b", -1<<62-2)}, "b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := PreferredRole(tc.groups); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
