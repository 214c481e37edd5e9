package signin

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

func TestNewPasswordRequiredShowsWhatIsUnset(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p, clients := b.pool(t, wire.CreateUserPoolInput{Schema: []wire.SchemaAttributeType{
		{Name: "given_name", Required: wire.Ptr(true)}, {Name: "family_name", Required: wire.Ptr(true)},
	}}, nil)
	b.user(t, p, "ann", func(u *user.User) {
		u.Attributes["given_name"] = "Ann"
		u.SetTemporaryPassword(p, u.Password, *b.now)
	})
	o, err := b.Start(t.Context(), Start{
		Request: Request{Pool: p, Client: clients[0]}, Flow: "USER_PASSWORD_AUTH", Params: map[string]string{"USERNAME": "ann", "PASSWORD": password},
	})
	if err != nil || o.Challenge != NewPasswordRequired {
		t.Fatalf("%+v, %v", o, err)
	}
	var shown map[string]string
	if err := json.Unmarshal([]byte(o.Parameters["userAttributes"]), &shown); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"given_name": "Ann", "family_name": ""}, shown); diff != "" {
		t.Errorf("userAttributes (-want +got):\n%s", diff)
	}
	if got := o.Parameters["requiredAttributes"]; got != `["userAttributes.family_name"]` {
		t.Errorf("requiredAttributes are %s", got)
	}
}
