package hostile_test

import (
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/fault"
)

// Values that are sent as texts have a type and a form of their own. One that is accepted is stored so that nothing fails on it later:
// the user must be able to sign in.
func TestValuesOfAttributes(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s *server) {
		f := newFixture(t, s, object{"Schema": []object{
			{"Name": "member", "AttributeDataType": "Boolean"},
			{"Name": "age", "AttributeDataType": "Number"},
			{"Name": "code", "AttributeDataType": "String", "StringAttributeConstraints": object{"MinLength": "4", "MaxLength": "8"}},
		}}, nil)
		t.Run("are stored in one spelling", func(t *testing.T) { storedInOneSpelling(t, f) })
		t.Run("are refused in the words of the operation", func(t *testing.T) { refusedInWords(t, f) })
		t.Run("must be there when they are listed", func(t *testing.T) { listedAttributes(t, f) })
		t.Run("have blanks inside where they are passwords", func(t *testing.T) { blanksInside(t, f) })
		t.Run("keep to their shape inside parameters", func(t *testing.T) { insideParameters(t, f) })
	})
}

func storedInOneSpelling(t *testing.T, f *fixture) {
	p := f.newUser(t)
	mine := f.signIn(t, p)
	given := attributes("email_verified", "True", "updated_at", "007", "custom:member", "FALSE", "custom:age", "+5")
	want := map[string]string{"email_verified": "true", "updated_at": "7", "custom:member": "false", "custom:age": "5"}
	f.must(t, "AdminUpdateUserAttributes", object{"UserPoolId": f.pool, "Username": p.name, "UserAttributes": given})
	check := func(operation, name string) {
		t.Helper()
		shown := f.must(t, "AdminGetUser", object{"UserPoolId": f.pool, "Username": name})
		for attribute, value := range want {
			if got := attributeOf(shown.body, "UserAttributes", attribute); got != value {
				t.Errorf("%s: %s is stored as %q, want %q", operation, attribute, got, value)
			}
		}
	}
	check("AdminUpdateUserAttributes", p.name)
	f.signIn(t, p)

	f.must(t, "UpdateUserAttributes", object{
		"AccessToken": mine.access, "UserAttributes": attributes("updated_at", "-0", "custom:member", "tRuE", "custom:age", "000"),
	})
	want = map[string]string{"updated_at": "0", "custom:member": "true", "custom:age": "0"}
	check("UpdateUserAttributes", p.name)
	f.signIn(t, p)

	name := fresh()
	f.must(t, "AdminCreateUser", object{
		"UserPoolId": f.pool, "Username": name, "TemporaryPassword": password, "MessageAction": "SUPPRESS",
		"UserAttributes": attributes("email", name+"@example.com", "email_verified", "TRUE", "updated_at", "+01"),
	})
	want = map[string]string{"email_verified": "true", "updated_at": "1"}
	check("AdminCreateUser", name)

	session := f.must(t, "InitiateAuth", f.passwordSignIn(name, password)).at("Session")
	f.must(t, "RespondToAuthChallenge", object{
		"ClientId": f.client, "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session, "ChallengeResponses": object{
			"USERNAME": name, "NEW_PASSWORD": newPassword, "userAttributes.custom:age": "+042", "userAttributes.custom:member": "True",
		},
	})
	want = map[string]string{"custom:age": "42", "custom:member": "true"}
	check("NEW_PASSWORD_REQUIRED", name)
	f.must(t, "InitiateAuth", f.passwordSignIn(name, newPassword))

	up := fresh()
	f.must(t, "SignUp", object{
		"ClientId": f.client, "Username": up, "Password": password,
		"UserAttributes": attributes("email", up+"@example.com", "updated_at", "+5", "custom:member", "False"),
	})
	want = map[string]string{"updated_at": "5", "custom:member": "false"}
	check("SignUp", up)
	f.must(t, "AdminConfirmSignUp", object{"UserPoolId": f.pool, "Username": up})
	f.must(t, "InitiateAuth", f.passwordSignIn(up, password))
}

func refusedInWords(t *testing.T, f *fixture) {
	p := f.newUser(t)
	mine := f.signIn(t, p)
	operations := map[string]func(given any) (body object, prefix string){
		"SignUp": func(given any) (object, string) {
			return object{"ClientId": f.client, "Username": fresh(), "Password": password, "UserAttributes": given}, "Attributes did not conform to the schema: "
		},
		"AdminCreateUser": func(given any) (object, string) {
			return object{"UserPoolId": f.pool, "Username": fresh(), "UserAttributes": given}, "Attributes did not conform to the schema: "
		},
		"UpdateUserAttributes": func(given any) (object, string) {
			return object{"AccessToken": mine.access, "UserAttributes": given}, "user."
		},
		"AdminUpdateUserAttributes": func(given any) (object, string) {
			return object{"UserPoolId": f.pool, "Username": p.name, "UserAttributes": given}, "user."
		},
	}
	for operation, with := range operations {
		for _, tc := range [][3]string{
			{"birthdate", "1.1.2000", "birthdate: String must be no shorter than 10 characters\n"},
			{"birthdate", "01.01.20000", "birthdate: String must be no longer than 10 characters\n"},
			{"custom:code", "abc", "custom:code: String must be no shorter than 4 characters\n"},
			{"custom:code", "abcdefghi", "custom:code: String must be no longer than 8 characters\n"},
			{"custom:member", "yes", "custom:member: Boolean must be either true or false\n"},
			{"updated_at", "1e3", "updated_at: Number is not a valid integer\n"},
			{"updated_at", "-1", "updated_at: Number must be no less than 0\n"},
		} {
			body, prefix := with(attributes(tc[0], tc[1]))
			a := f.call(t, operation, body)
			if a.code != string(fault.InvalidParameter) || a.message != prefix+tc[2] {
				t.Errorf("%s: %s = %q is answered %s %q, want %q", operation, tc[0], tc[1], a.code, a.message, prefix+tc[2])
			}
		}
	}
	for _, limits := range []object{{"MaxLength": "2049"}, {"MaxLength": "99999999999999999999"}, {"MinLength": "2049"}} {
		f.refuse(t, "a length above 2048", "CreateUserPool", object{"PoolName": "long", "Schema": []object{
			{"Name": "email", "AttributeDataType": "String", "StringAttributeConstraints": limits},
		}}, "user.email: String attributes cannot have a length of more than 2048", fault.InvalidParameter)
	}
}

func listedAttributes(t *testing.T, f *fixture) {
	p := f.newUser(t)
	f.newUser(t) // has no name
	f.must(t, "AdminUpdateUserAttributes", object{"UserPoolId": f.pool, "Username": p.name, "UserAttributes": attributes("name", "Ann")})
	list := object{"UserPoolId": f.pool, "AttributesToGet": []string{"sub", "name"}}
	const lacks = "One or more requested attributes do not exist."
	f.refuse(t, "a listed user without the attribute", "ListUsers", list, lacks, fault.InvalidParameter)
	f.refuse(t, "an unknown attribute", "ListUsers", list.with("AttributesToGet", []string{"custom:unknown"}), lacks, fault.InvalidParameter)
	a := f.must(t, "ListUsers", list.with("Filter", `sub = "`+p.sub+`"`))
	users, _ := a.body["Users"].([]any)
	if len(users) != 1 || attributeOf(users[0], "Attributes", "name") != "Ann" || attributeOf(users[0], "Attributes", "email") != "" {
		t.Errorf("a user with the attribute is listed as %s", a.text)
	}
	f.must(t, "ListUsers", list.with("AttributesToGet", []string{"sub"}))
}

func blanksInside(t *testing.T, f *fixture) {
	const one, two, three = "Corr3ct horse battery", "An0ther horse entirely", "Th1rd horse of all"
	p := f.invited(t)
	f.must(t, "AdminSetUserPassword", object{"UserPoolId": f.pool, "Username": p.name, "Password": one}) // temporary
	session := f.must(t, "InitiateAuth", f.passwordSignIn(p.name, one)).at("Session")
	respond := object{"ClientId": f.client, "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session}
	for _, bad := range []string{two + " ", " " + two} {
		f.refuse(t, "a blank at an end", "RespondToAuthChallenge", respond.with("ChallengeResponses", object{"USERNAME": p.name, "NEW_PASSWORD": bad}),
			`1 validation error detected: Value at 'newPassword' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[\S]+.*[\S]+$`,
			fault.InvalidParameter)
	}
	mine := tokensOf(f.must(t, "RespondToAuthChallenge", respond.with("ChallengeResponses", object{"USERNAME": p.name, "NEW_PASSWORD": two})))
	f.must(t, "ChangePassword", object{"AccessToken": mine.access, "PreviousPassword": two, "ProposedPassword": three})
	f.must(t, "InitiateAuth", f.passwordSignIn(p.name, three))
	f.refuse(t, "a blank at the end", "InitiateAuth", f.passwordSignIn(p.name, three+" "), "Incorrect username or password.", fault.NotAuthorized)

	name := fresh()
	f.must(t, "SignUp", object{"ClientId": f.client, "Username": name, "Password": one, "UserAttributes": attributes("email", name+"@example.com")})
	f.must(t, "AdminConfirmSignUp", object{"UserPoolId": f.pool, "Username": name})
	f.must(t, "InitiateAuth", f.passwordSignIn(name, one))

	invited := fresh()
	f.must(t, "AdminCreateUser", object{"UserPoolId": f.pool, "Username": invited, "TemporaryPassword": one, "MessageAction": "SUPPRESS"})
	f.must(t, "InitiateAuth", f.passwordSignIn(invited, one))

	f.must(t, "ForgotPassword", object{"ClientId": f.client, "Username": p.name})
	f.must(t, "ConfirmForgotPassword", object{"ClientId": f.client, "Username": p.name, "ConfirmationCode": f.code(t, p), "Password": one})
	f.must(t, "InitiateAuth", f.passwordSignIn(p.name, one))
}

// The user name inside parameters is held to the constraints of a user name, whoever it is of and whatever the client hides.
func insideParameters(t *testing.T, f *fixture) {
	p := f.newUser(t)
	const form = `2 validation errors detected: Value at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: ` +
		`[\p{L}\p{M}\p{S}\p{N}\p{P}]+; Value at 'userAlias' failed to satisfy constraint: `
	const length = "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 128"
	session := f.must(t, "InitiateAuth", f.passwordSignIn(f.invited(t).name, password)).at("Session")
	for _, client := range []*fixture{f, f.withClient(t, hiding)} {
		for _, tc := range []struct{ name, message string }{
			{p.name + " ", form}, {" " + p.name, form}, {"no body", form}, {p.name + "\x00", form}, {strings.Repeat("x", 129), length},
		} {
			for _, flow := range []string{"USER_PASSWORD_AUTH", "USER_SRP_AUTH"} {
				f.refuse(t, flow, "InitiateAuth", object{"ClientId": client.client, "AuthFlow": flow, "AuthParameters": object{
					"USERNAME": tc.name, "PASSWORD": password, "SRP_A": strings.Repeat("a", 768),
				}}, tc.message, fault.InvalidParameter)
			}
			f.refuse(t, "ADMIN_USER_PASSWORD_AUTH", "AdminInitiateAuth", object{
				"UserPoolId": f.pool, "ClientId": client.client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
				"AuthParameters": object{"USERNAME": tc.name, "PASSWORD": password},
			}, tc.message, fault.InvalidParameter)
			f.refuse(t, "an answer", "RespondToAuthChallenge", object{
				"ClientId": client.client, "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session,
				"ChallengeResponses": object{"USERNAME": tc.name, "NEW_PASSWORD": newPassword},
			}, tc.message, fault.InvalidParameter)
		}
	}
}
