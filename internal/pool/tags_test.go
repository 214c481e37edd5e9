package pool

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

func TestTags(t *testing.T) {
	t.Parallel()
	p := newPool(t, wire.CreateUserPoolInput{UserPoolTags: map[string]string{"team": "blue", "awsome": ""}})
	if err := p.AddTags(map[string]string{"team": "red", "env": "test"}); err != nil {
		t.Fatal(err)
	}
	p.RemoveTags([]string{"awsome", "absent"})
	want := map[string]string{"team": "red", "env": "test"}
	if diff := cmp.Diff(want, p.Settings.UserPoolTags); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	many := map[string]string{}
	for i := range 49 {
		many[fmt.Sprint(i)] = ""
	}
	refused(t, p.AddTags(many), fault.InvalidParameter, "")
	refused(t, p.AddTags(map[string]string{"Aws:owner": "x"}), fault.InvalidParameter, "")
	if diff := cmp.Diff(want, p.Settings.UserPoolTags); diff != "" {
		t.Errorf("refused tags changed the pool (-want +got):\n%s", diff)
	}
	delete(many, "0")
	if err := p.AddTags(many); err != nil {
		t.Errorf("50 tags: %v", err)
	}
}
