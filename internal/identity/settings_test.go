package identity

import (
	"testing"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// An id is of no use unless it can be sent back.
func TestIDsFitTheirShape(t *testing.T) {
	t.Parallel()
	in := &wire.CreateIdentityPoolInput{IdentityPoolName: "pool"}
	p, err := New(in, "de-frankfurt-two-1", "000000000000")
	if err != nil || len(p.ID) > 55 {
		t.Errorf("the id %s has %d characters, want 55 at most: %v", p.ID, len(p.ID), err)
	}
	if _, err := New(in, "de-frankfurt-second-1", "000000000000"); !fault.Is(err, fault.InvalidParameter) {
		t.Errorf("a region with a long name: got %v, want %s", err, fault.InvalidParameter)
	}
}
