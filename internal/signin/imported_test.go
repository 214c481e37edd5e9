package signin

import (
	"errors"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// Whoever was imported without a password has a wrong one, where the client hides who exists, and is locked out like everybody.
func TestImportedUsersHaveAWrongPasswordWhereUsersAreHidden(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p, clients := b.pool(t, wire.CreateUserPoolInput{}, nil)
	hiding := *clients[0]
	hiding.Settings.PreventUserExistenceErrors = "ENABLED"
	b.user(t, p, "ada", func(u *user.User) { u.Password, u.Status = nil, user.ResetRequired })
	b.user(t, p, "bob", func(u *user.User) { u.Status = user.ResetRequired })
	telling, hidden, page := Request{Pool: p, Client: clients[0]}, Request{Pool: p, Client: &hiding}, Request{Pool: p, Client: &hiding, By: ByPage}
	start := func(r Request, name, flow string) error {
		_, err := b.Start(t.Context(), Start{Request: r, Flow: flow, Params: map[string]string{
			"USERNAME": name, "PASSWORD": password, "PREFERRED_CHALLENGE": "PASSWORD", "SRP_A": strings.Repeat("5a", 256),
		}})
		return err
	}
	for _, flow := range []string{"USER_PASSWORD_AUTH", "USER_AUTH"} {
		if err := start(hidden, "ada", flow); !errors.Is(err, errWrongPassword) {
			t.Errorf("%s of an imported user: %v", flow, err)
		}
		for what, err := range map[string]error{
			"by a client that tells": start(telling, "ada", flow), "on the pages": start(page, "ada", flow), "of another user": start(hidden, "bob", flow),
		} {
			if !fault.Is(err, fault.PasswordResetRequired) {
				t.Errorf("%s %s: %v", flow, what, err)
			}
		}
	}
	if err := start(hidden, "ada", "USER_SRP_AUTH"); err != nil {
		t.Errorf("the first step of SRP tells: %v", err)
	}
	for range 4 {
		if err := start(hidden, "ada", "USER_PASSWORD_AUTH"); !errors.Is(err, errWrongPassword) {
			t.Error(err)
		}
	}
	if err := start(hidden, "ada", "USER_PASSWORD_AUTH"); !errors.Is(err, errLocked) {
		t.Errorf("the seventh try: %v", err)
	}
}
