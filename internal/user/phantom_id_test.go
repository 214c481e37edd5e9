package user

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/wire"
)

// keyedPool is a pool with a key, which phantoms are drawn with.
func keyedPool(t *testing.T, change func(*wire.CreateUserPoolInput)) *pool.Pool {
	t.Helper()
	p := newPool(t, change)
	master, err := seal.NewMaster(bytes.Repeat([]byte{1}, seal.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	if p.Key, _, err = master.NewKey(); err != nil {
		t.Fatal(err)
	}
	return p
}

// The id of a phantom leads to all that its name leads to: a real user's does.
func TestPhantomsAnswerToTheirIDs(t *testing.T) {
	t.Parallel()
	for _, caseSensitive := range []bool{false, true} {
		p := keyedPool(t, func(in *wire.CreateUserPoolInput) {
			in.UsernameAttributes = []string{"email", "phone_number"}
			in.UsernameConfiguration = &wire.UsernameConfigurationType{CaseSensitive: caseSensitive}
		})
		type shown struct {
			ID, Username, Email, Phone string
			EmailVerified              string
			Password                   []byte
			Factors                    Factors
		}
		show := func(name string) shown {
			u := Phantom(p, name)
			s := shown{ID: u.ID, Username: u.Username, EmailVerified: u.Attributes["email_verified"], Factors: u.Factors}
			if email := u.Attributes[pool.Email]; email != "" {
				s.Email = credential.MaskEmail(email)
			}
			if number := u.Attributes[pool.Phone]; number != "" {
				s.Phone = credential.MaskPhone(number)
			}
			if u.Password != nil {
				s.Password = u.Password.Verifier.Bytes()
			}
			return s
		}
		for _, name := range []string{
			"nobody@example.com", "Somebody@Else.example", "ßen@straße.example", "日本@例え.example", "+15550001234", "+4912345", "+123", "+123456789012345",
		} {
			want := show(name)
			if want.Username != want.ID {
				t.Errorf("%s is called %s", name, want.Username)
			}
			if diff := cmp.Diff(want, show(want.ID)); diff != "" {
				t.Errorf("%s by its id (-name +id):\n%s", name, diff)
			}
		}
	}
}

// Whatever a user of the pool can be like, some phantoms are.
func TestPhantomsAreOfEveryKind(t *testing.T) {
	t.Parallel()
	both := func(in *wire.CreateUserPoolInput) {
		in.UsernameAttributes, in.AutoVerifiedAttributes = []string{"email", "phone_number"}, []string{"email", "phone_number"}
	}
	for name, tc := range map[string]struct {
		change func(*wire.CreateUserPoolInput)
		called string
		is     func(*User) bool
	}{
		"a temporary password":                   {nil, "nobody%d@example.com", func(u *User) bool { return u.Status == ForceChangePassword }},
		"an address as the name, and no number":  {both, "nobody%d@example.com", func(u *User) bool { return u.Attributes[pool.Phone] == "" }},
		"an address as the name, and a number":   {both, "nobody%d@example.com", func(u *User) bool { return u.Attributes[pool.Phone] != "" }},
		"a number as the name, and no address":   {both, "+155501%05d", func(u *User) bool { return u.Attributes[pool.Email] == "" }},
		"a number as the name, and an address":   {both, "+155501%05d", func(u *User) bool { return u.Attributes[pool.Email] != "" }},
		"a number, where the pool verifies them": {autoVerifying, "nobody%d", func(u *User) bool { return u.Attributes[pool.Phone] != "" }},
		"none, where the pool verifies them":     {autoVerifying, "nobody%d", func(u *User) bool { return u.Attributes[pool.Phone] == "" }},
	} {
		p, n := keyedPool(t, tc.change), 0
		for i := range 1000 {
			if tc.is(Phantom(p, fmt.Sprintf(tc.called, i))) {
				n++
			}
		}
		if n < 15 {
			t.Errorf("%s: %d of 1000", name, n)
		}
	}
}

func autoVerifying(in *wire.CreateUserPoolInput) {
	in.AutoVerifiedAttributes = []string{"email", "phone_number"}
}
