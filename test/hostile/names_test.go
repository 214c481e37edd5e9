package hostile_test

import (
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/fault"
)

// Administrators call users by their sub. Nobody may take that name, and what has the form of a sub leads to its owner first.
func TestNobodyStandsInForAnotherUser(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s *server) {
		for name, settings := range map[string]object{
			"a pool that tells case":     {"AliasAttributes": []string{"email", "phone_number", "preferred_username"}},
			"a pool that ignores case":   {"AliasAttributes": []string{"email", "phone_number", "preferred_username"}, "UsernameConfiguration": object{"CaseSensitive": false}},
			"a pool with e-mail sign-in": {"AliasAttributes": nil, "UsernameAttributes": []string{"email"}},
		} {
			t.Run(name, func(t *testing.T) { standIn(t, newFixture(t, s, settings, nil), settings["UsernameAttributes"] != nil) })
		}
		t.Run("an address in preferred_username", func(t *testing.T) {
			squatAddress(t, newFixture(t, s, object{"AliasAttributes": []string{"email", "phone_number", "preferred_username"}}, nil))
		})
	})
}

func standIn(t *testing.T, f *fixture, byAddress bool) {
	create := func(name string, more ...string) object {
		in := object{"UserPoolId": f.pool, "Username": name, "TemporaryPassword": password, "MessageAction": "SUPPRESS"}
		if len(more) > 0 {
			in["UserAttributes"] = attributes(more...)
		}
		return in
	}
	make := func() (name, sub string) {
		name = fresh()
		if byAddress {
			name += "@example.com"
		}
		sub = attributeOf(f.must(t, "AdminCreateUser", create(name)).body["User"], "Attributes", "sub")
		f.must(t, "AdminSetUserPassword", object{"UserPoolId": f.pool, "Username": name, "Password": password, "Permanent": true})
		return name, sub
	}
	_, victim := make()
	stranger, strangerSub := make()
	access := f.signIn(t, person{name: stranger}).access
	for _, name := range []string{victim, strings.ToUpper(victim)} {
		signUp := object{"ClientId": f.client, "Username": name, "Password": password}
		if byAddress {
			f.refuse(t, "a sub is no address", "SignUp", signUp, "", fault.InvalidParameter)
			continue
		}
		f.refuse(t, "sign up under a sub", "SignUp", signUp, "User already exists", fault.UsernameExists)
		f.refuse(t, "create a user under a sub", "AdminCreateUser", create(name), "User account already exists", fault.UsernameExists)
		for _, force := range []bool{false, true} {
			f.refuse(t, "create a user who prefers a sub", "AdminCreateUser", create(fresh(), "preferred_username", name).with("ForceAliasCreation", force),
				"", fault.UsernameExists)
		}
		f.refuse(t, "prefer a sub", "UpdateUserAttributes", object{"AccessToken": access, "UserAttributes": attributes("preferred_username", name)},
			"An account with the given preferred_username already exists.", fault.AliasExists)
		f.refuse(t, "give a sub as an alias", "AdminUpdateUserAttributes", object{
			"UserPoolId": f.pool, "Username": stranger, "UserAttributes": attributes("preferred_username", name),
		}, "An account with the given preferred_username already exists.", fault.AliasExists)
	}
	f.must(t, "AdminDisableUser", object{"UserPoolId": f.pool, "Username": victim})
	for sub, enabled := range map[string]bool{victim: false, strangerSub: true} {
		shown := f.must(t, "AdminGetUser", object{"UserPoolId": f.pool, "Username": sub})
		if got := attributeOf(shown.body, "UserAttributes", "sub"); got != sub || shown.body["Enabled"] != enabled {
			t.Errorf("the user %s is shown as %s, enabled %v, want %v", sub, got, shown.body["Enabled"], enabled)
		}
	}
}

func squatAddress(t *testing.T, f *fixture) {
	p := f.newUser(t)
	access := f.signIn(t, p).access
	for name, message := range map[string]string{
		"owner@example.com": "preferred_username cannot be of email format",
		"+15550001234":      "preferred_username cannot be of phone number format",
		"two words":         `1 validation error detected: Value at 'preferredUsername' failed to satisfy constraint: Member must satisfy regular expression`,
		" ":                 `1 validation error detected: Value at 'preferredUsername' failed to satisfy constraint: Member must satisfy regular expression`,
		strings.Repeat("x", 129): "1 validation error detected: Value at 'preferredUsername' failed to satisfy constraint: " +
			"Member must have length less than or equal to 128",
	} {
		given := attributes("preferred_username", name)
		f.refuse(t, "a user", "UpdateUserAttributes", object{"AccessToken": access, "UserAttributes": given}, message, fault.InvalidParameter)
		f.refuse(t, "an administrator", "AdminUpdateUserAttributes", object{"UserPoolId": f.pool, "Username": p.name, "UserAttributes": given},
			message, fault.InvalidParameter)
		f.refuse(t, "a new user", "AdminCreateUser", object{"UserPoolId": f.pool, "Username": fresh(), "UserAttributes": given},
			message, fault.InvalidParameter)
	}
	// Force moves addresses, but never a username or another user's preferred_username.
	preferred := "ann-" + fresh()
	f.must(t, "UpdateUserAttributes", object{"AccessToken": access, "UserAttributes": attributes("preferred_username", preferred)})
	for _, taken := range []string{p.name, preferred} {
		f.refuse(t, "an alias that somebody else prefers", "AdminCreateUser", object{
			"UserPoolId": f.pool, "Username": fresh(), "UserAttributes": attributes("preferred_username", taken), "ForceAliasCreation": true,
		}, "", fault.UsernameExists)
	}
	if shown := f.must(t, "AdminGetUser", object{"UserPoolId": f.pool, "Username": preferred}); shown.body["Username"] != p.name {
		t.Errorf("%s leads to %v", preferred, shown.body["Username"])
	}
}
