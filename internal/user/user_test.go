package user

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

var now = time.Date(2026, 9, 5, 9, 0, 0, 0, time.UTC)

func newPool(t *testing.T, change func(*wire.CreateUserPoolInput)) *pool.Pool {
	t.Helper()
	in := &wire.CreateUserPoolInput{PoolName: "test"}
	if change != nil {
		change(in)
	}
	p, err := pool.New(in, "us-east-1", "000000000000", now)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestNames(t *testing.T) {
	t.Parallel()
	verified := Attributes{"email": "Ann@Example.com", "email_verified": "true", "phone_number": "+15551234567", "preferred_username": "Annie"}
	for name, tc := range map[string]struct {
		change func(*wire.CreateUserPoolInput)
		want   []Name
	}{
		"a plain pool has usernames only": {nil, []Name{{ByUsername, "Ann"}}},
		"a verified address is an alias, an unverified one is not": {
			func(in *wire.CreateUserPoolInput) { in.AliasAttributes = []string{"email", "phone_number"} },
			[]Name{{ByUsername, "Ann"}, {ByEmail, "Ann@Example.com"}},
		},
		"a preferred username needs no verification": {
			func(in *wire.CreateUserPoolInput) { in.AliasAttributes = []string{"preferred_username"} },
			[]Name{{ByUsername, "Ann"}, {ByPreferredUsername, "Annie"}},
		},
		"names are folded where case does not count": {
			func(in *wire.CreateUserPoolInput) {
				in.AliasAttributes = []string{"email"}
				in.UsernameConfiguration = &wire.UsernameConfigurationType{}
			},
			[]Name{{ByUsername, "ann"}, {ByEmail, "ann@example.com"}},
		},
		"a username attribute counts before it is verified": {
			func(in *wire.CreateUserPoolInput) { in.UsernameAttributes = []string{"phone_number"} },
			[]Name{{ByUsername, "id-1"}, {ByPhone, "+15551234567"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPool(t, tc.change)
			u := New(p, "id-1", "Ann", Confirmed, now)
			for name, value := range verified {
				u.Attributes[name] = value
			}
			if diff := cmp.Diff(tc.want, u.Names(p)); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
		})
	}
}

func TestChangeOfContacts(t *testing.T) {
	t.Parallel()
	type state struct {
		Email, Verified, Pending string
		Send                     []string
	}
	autoVerify := func(in *wire.CreateUserPoolInput) { in.AutoVerifiedAttributes = []string{"email"} }
	verifyFirst := func(in *wire.CreateUserPoolInput) {
		in.AutoVerifiedAttributes = []string{"email"}
		in.UserAttributeUpdateSettings = &wire.UserAttributeUpdateSettingsType{AttributesRequireVerificationBeforeUpdate: []string{"email"}}
	}
	for name, tc := range map[string]struct {
		pool   func(*wire.CreateUserPoolInput)
		change map[string]string
		want   state
	}{
		"a new address is unverified":                              {nil, map[string]string{"email": "new@x"}, state{"new@x", "false", "", nil}},
		"the pool sends a code to it":                              {autoVerify, map[string]string{"email": "new@x"}, state{"new@x", "false", "", []string{"email"}}},
		"an administrator can say that it is verified":             {autoVerify, map[string]string{"email": "new@x", "email_verified": "true"}, state{"new@x", "true", "", nil}},
		"the same address stays verified":                          {autoVerify, map[string]string{"email": "old@x"}, state{"old@x", "true", "", nil}},
		"the old address stays until the new one is verified":      {verifyFirst, map[string]string{"email": "new@x"}, state{"old@x", "true", "new@x", []string{"email"}}},
		"an administrator need not wait for that":                  {verifyFirst, map[string]string{"email": "new@x", "email_verified": "true"}, state{"new@x", "true", "", nil}},
		"the empty value deletes the address and its verification": {autoVerify, map[string]string{"email": ""}, state{"", "", "", nil}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPool(t, tc.pool)
			u := New(p, "id-1", "ann", Confirmed, now)
			u.Attributes["email"], u.Attributes["email_verified"] = "old@x", "true"
			send := u.Change(p, tc.change, now)
			got := state{u.Attributes["email"], u.Attributes["email_verified"], u.Pending["email"], send}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("state (-want +got):\n%s", diff)
			}
		})
	}
}

func TestVerifyOnlyTheAddressThatTheCodeWentTo(t *testing.T) {
	t.Parallel()
	p := newPool(t, nil)
	u := New(p, "id-1", "ann", Confirmed, now)
	u.Attributes["email"] = "second@x"
	if u.Verify("email", "first@x", now) || u.Attributes.Verified("email") {
		t.Error("a code for another address verified this one")
	}
	u.Pending["email"] = "third@x"
	if !u.Verify("email", "third@x", now) || u.Attributes["email"] != "third@x" || len(u.Pending) != 0 {
		t.Errorf("a waiting address did not take effect: %v, waiting %v", u.Attributes, u.Pending)
	}
}

func TestCheckNewAndUpdate(t *testing.T) {
	t.Parallel()
	p := newPool(t, func(in *wire.CreateUserPoolInput) {
		in.Schema = []wire.SchemaAttributeType{
			{Name: "email", AttributeDataType: "String", Required: wire.Ptr(true)},
			{Name: "name", AttributeDataType: "String", Required: wire.Ptr(true)},
			{Name: "plan", AttributeDataType: "String", Mutable: wire.Ptr(false)},
			{Name: "age", AttributeDataType: "Number", NumberAttributeConstraints: &wire.NumberAttributeConstraintsType{MinValue: "18"}},
		}
	})
	u := New(p, "id-1", "ann", Confirmed, now)
	u.Attributes["custom:plan"] = "gold"
	fresh := func(a map[string]string) error { return CheckNew(p, a, true) }
	update := func(a map[string]string) error { return CheckUpdate(p, u, a) }
	full := func(a map[string]string) map[string]string {
		out := map[string]string{"email": "a@example.com", "name": "Ann"}
		for k, v := range a {
			out[k] = v
		}
		return out
	}
	for name, tc := range map[string]struct {
		check func(map[string]string) error
		in    map[string]string
		want  string
	}{
		"all required attributes are enough": {fresh, full(nil), ""},
		"every missing one is told":          {fresh, nil, "Attributes did not conform to the schema: name: The attribute is required\nemail: The attribute is required\n"},
		"an unknown attribute":               {fresh, full(map[string]string{"custom:x": "1"}), "Attributes did not conform to the schema: Type for attribute {custom:x} could not be determined"},
		"an address that is none":            {fresh, full(map[string]string{"email": "nobody"}), "Invalid email address format."},
		"a number that is none":              {fresh, full(map[string]string{"phone_number": "555-1234"}), "Invalid phone number format."},
		"the sub":                            {fresh, full(map[string]string{"sub": "1"}), "Cannot modify the non-mutable attribute sub"},
		"a number below its constraint":      {fresh, full(map[string]string{"custom:age": "17"}), "Attributes did not conform to the schema: custom:age: Number must be no less than 18\n"},
		"an immutable attribute can be set":  {fresh, full(map[string]string{"custom:plan": "gold"}), ""},
		"but not changed":                    {update, map[string]string{"custom:plan": "iron"}, "user.custom:plan: Attribute cannot be updated.\n"},
		"a required attribute stays":         {update, map[string]string{"name": ""}, "user.name: Required attribute cannot be deleted.\n"},
		"an update of an unknown attribute":  {update, map[string]string{"custom:x": "1"}, "user.custom:x: Attribute does not exist in the schema.\n"},
		"a text too short":                   {fresh, full(map[string]string{"birthdate": "1.1.2000"}), "Attributes did not conform to the schema: birthdate: String must be no shorter than 10 characters\n"},
		"a text too long":                    {fresh, full(map[string]string{"birthdate": "01.01.20000"}), "Attributes did not conform to the schema: birthdate: String must be no longer than 10 characters\n"},
		"an update too short":                {update, map[string]string{"birthdate": "1.1.2000"}, "user.birthdate: String must be no shorter than 10 characters\n"},
		"an update too long":                 {update, map[string]string{"birthdate": "01.01.20000"}, "user.birthdate: String must be no longer than 10 characters\n"},
		"an update of a number":              {update, map[string]string{"custom:age": "17"}, "user.custom:age: Number must be no less than 18\n"},
		"every flaw of an update is told": {
			update,
			map[string]string{"custom:age": "x", "custom:x": "1", "custom:plan": "iron", "name": ""},
			"user.custom:age: Number is not a valid integer\nuser.custom:plan: Attribute cannot be updated.\n" +
				"user.custom:x: Attribute does not exist in the schema.\nuser.name: Required attribute cannot be deleted.\n",
		},
		"every flaw of a new user is told": {
			fresh, full(map[string]string{"custom:age": "17", "birthdate": "1.1.2000"}),
			"Attributes did not conform to the schema: birthdate: String must be no shorter than 10 characters\ncustom:age: Number must be no less than 18\n",
		},
		"a truth that is none": {update, map[string]string{"email_verified": "yes"}, "user.email_verified: Boolean must be either true or false\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tc.check(tc.in)
			if tc.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if !fault.Is(err, fault.InvalidParameter) || err.Error() != "InvalidParameterException: "+tc.want {
				t.Errorf("got %v\nwant %q", err, tc.want)
			}
		})
	}
}

// Python writes True, and a number can be written in many ways: one spelling is stored, whatever the operation.
func TestValuesAreStoredInOneSpelling(t *testing.T) {
	t.Parallel()
	p := newPool(t, func(in *wire.CreateUserPoolInput) {
		in.Schema = []wire.SchemaAttributeType{
			{Name: "member", AttributeDataType: "Boolean", Mutable: wire.Ptr(false)}, {Name: "age", AttributeDataType: "Number"},
		}
	})
	u := New(p, "id-1", "ann", Confirmed, now)
	u.Attributes["custom:member"] = "true"
	checks := map[string]func(map[string]string) error{
		"new":    func(a map[string]string) error { return CheckNew(p, a, false) },
		"update": func(a map[string]string) error { return CheckUpdate(p, u, a) },
		"values": func(a map[string]string) error { return CheckValues(p, a) },
	}
	for _, tc := range []struct{ name, value, want string }{
		{"email_verified", "True", "true"},
		{"phone_number_verified", "FALSE", "false"},
		{"custom:member", "TRUE", "true"},
		{"updated_at", "007", "7"},
		{"updated_at", "+5", "5"},
		{"updated_at", "-0", "0"},
		{"custom:age", "-012", "-12"},
		{"name", "True", "True"},
		{"name", "007", "007"},
	} {
		for operation, check := range checks {
			a := map[string]string{tc.name: tc.value}
			if err := check(a); err != nil || a[tc.name] != tc.want {
				t.Errorf("%s: %s = %q is stored as %q (%v), want %q", operation, tc.name, tc.value, a[tc.name], err, tc.want)
			}
		}
	}
	for _, tc := range [][2]string{
		{"updated_at", "1e3"},
		{"updated_at", "0x10"},
		{"updated_at", "1_0"},
		{"updated_at", "٣"},
		{"updated_at", "99999999999999999999"},
		{"updated_at", " 5"},
		{"email_verified", "fal\u017fe"},
		{"email_verified", "true "},
		{"email_verified", "1"},
	} {
		for operation, check := range checks {
			if err := check(map[string]string{tc[0]: tc[1]}); !fault.Is(err, fault.InvalidParameter) {
				t.Errorf("%s: %s = %q: %v, want it refused", operation, tc[0], tc[1], err)
			}
		}
	}
}

func TestPasswordHistory(t *testing.T) {
	t.Parallel()
	p := newPool(t, func(in *wire.CreateUserPoolInput) {
		in.Policies = &wire.UserPoolPolicyType{PasswordPolicy: &wire.PasswordPolicyType{MinimumLength: wire.Ptr(int64(6)), PasswordHistorySize: wire.Ptr(int64(2))}}
	})
	u := New(p, "id-1", "ann", ForceChangePassword, now)
	u.SetTemporaryPassword(p, NewPassword(p, "ann", "temporary"), now)
	for _, password := range []string{"first1", "second2", "third3"} {
		if err := u.CheckHistory(p, password); err != nil {
			t.Fatalf("%s: %v", password, err)
		}
		u.SetPassword(p, NewPassword(p, "ann", password), now)
	}
	for password, allowed := range map[string]bool{"third3": false, "second2": false, "first1": true, "temporary": true} {
		err := u.CheckHistory(p, password)
		if allowed != (err == nil) || !allowed && !fault.Is(err, fault.PasswordHistoryPolicyViolation) {
			t.Errorf("%s: %v, want allowed %v", password, err, allowed)
		}
	}
}
