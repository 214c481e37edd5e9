package wire

import (
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/fault"
)

func TestValuesInsideMapsAreHeldToTheirShape(t *testing.T) {
	t.Parallel()
	const names = `[\p{L}\p{M}\p{S}\p{N}\p{P}]+`
	const passwords = `^[\S]+.*[\S]+$`
	for name, tc := range map[string]struct {
		check func(string) error
		value string
		want  string // "" for a good value
	}{
		"a name":                 {CheckUsername, "ann@example.com", ""},
		"a name of 128":          {CheckUsername, strings.Repeat("ü", 128), ""},
		"a password":             {CheckNewPassword, "correct horse", ""},
		"a password of 256":      {CheckNewPassword, strings.Repeat("x", 256), ""},
		"a name ends in a blank": {CheckUsername, "ann ", "2 validation errors detected: Value at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: " + names + "; Value at 'userAlias' failed to satisfy constraint: Member must satisfy regular expression pattern: " + names},
		"a name of 129":          {CheckUsername, strings.Repeat("x", 129), "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 128"},
		"a blank at the end":     {CheckNewPassword, "correct horse ", "1 validation error detected: Value at 'newPassword' failed to satisfy constraint: Member must satisfy regular expression pattern: " + passwords},
		"a password of 257":      {CheckNewPassword, strings.Repeat("x", 257), "1 validation error detected: Value at 'newPassword' failed to satisfy constraint: Member must have length less than or equal to 256"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tc.check(tc.value)
			if tc.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if !fault.Is(err, fault.InvalidParameter) || err.Error() != "InvalidParameterException: "+tc.want {
				t.Errorf("got %v\nwant %s", err, tc.want)
			}
		})
	}
}

// A password with a blank inside is good wherever a password is taken; one with a blank at an end is not.
func TestPasswordsMayHaveBlanksInside(t *testing.T) {
	t.Parallel()
	user := func(member, password string) string {
		return `{"UserPoolId":"us-east-1_abcdefghi","Username":"ann","` + member + `":"` + password + `"}`
	}
	bodies := map[string]func(password string) string{
		"AdminCreateUser":      func(p string) string { return user("TemporaryPassword", p) },
		"AdminSetUserPassword": func(p string) string { return user("Password", p) },
		"SignUp":               func(p string) string { return `{"ClientId":"abc","Username":"ann","Password":"` + p + `"}` },
		"ConfirmForgotPassword": func(p string) string {
			return `{"ClientId":"abc","Username":"ann","ConfirmationCode":"1","Password":"` + p + `"}`
		},
		"ChangePassword": func(p string) string {
			return `{"AccessToken":"a.b.c","PreviousPassword":"` + p + `","ProposedPassword":"` + p + `"}`
		},
	}
	for operation, body := range bodies {
		o, ok := Lookup("AWSCognitoIdentityProviderService." + operation)
		if !ok {
			t.Fatal(operation)
		}
		for _, good := range []string{"correct horse", "a b", "a  \u00a0 b", "ab"} {
			if _, err := o.Decode([]byte(body(good))); err != nil {
				t.Errorf("%s: %q: %v", operation, good, err)
			}
		}
		for _, bad := range []string{"correct horse ", " correct horse", " ", "a\\nb c\\n", "a \\n b"} {
			_, err := o.Decode([]byte(body(bad)))
			if err == nil || !strings.Contains(err.Error(), `Member must satisfy regular expression pattern: ^[\S]+.*[\S]+$`) {
				t.Errorf("%s: %q: %v", operation, bad, err)
			}
		}
		_, err := o.Decode([]byte(body("")))
		if blankIsAbsent := operation == "SignUp" || operation == "AdminCreateUser"; blankIsAbsent != (err == nil) {
			t.Errorf("%s: the empty password: %v", operation, err)
		}
	}
}
