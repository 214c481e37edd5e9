package pages

import (
	"errors"
	"html/template"
	"regexp"
	"strconv"
	"strings"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
)

// told returns the words of a fault that the person can do something about, in the visit's language where they are known, and notes which field
// they are about; other errors are returned.
func (v *visit) told(err error) (string, error) {
	var f *fault.Error
	if !errors.As(err, &f) || f.Code == fault.InternalError {
		return "", err
	}
	v.Blamed = v.blame(f)
	return v.words(f), nil
}

// incomplete says that a field was left empty, and notes the first one.
func (v *visit) incomplete(fields ...string) string {
	for _, name := range fields {
		if v.Form.Has(name) && v.Form.Get(name) == "" {
			v.Blamed = name
			break
		}
	}
	return v.Language.text("incomplete")
}

// words returns the words for a fault. What the service says to developers about the shape of a value is no text for people: they are told which
// field it is about.
func (v *visit) words(f *fault.Error) string {
	words, lang := v.Language.quote(f)
	if v.ProblemLang = lang; lang == v.Language.Tag {
		v.ProblemLang = ""
	}
	technical := strings.Contains(f.Message, "validation error") || schemaFlaw.MatchString(f.Message) || v.Language.Tag != languages()["en"].Tag
	if f.Code != fault.InvalidParameter || words != f.Message || !technical {
		return words
	}
	v.ProblemLang = ""
	if v.Blamed == "password" {
		return v.Language.text("invalid_password")
	}
	if label := v.labelOf(v.Blamed); label != "" {
		return v.Language.text("invalid_field", "field", label)
	}
	return v.Language.text("invalid")
}

var (
	// validated finds the member that the front end of the operations refuses.
	validated = regexp.MustCompile(`at '([A-Za-z]+)(?:\.(\d+)\.[A-Za-z.]+)?' failed`)
	// schemaFlaw finds the attribute that does not conform to the pool's schema.
	schemaFlaw = regexp.MustCompile(`^(?:Attributes did not conform to the schema: |user\.)((?:custom:)?[^:\n]+): `)
)

// members name the field of a form that a member of a request is filled from.
var members = map[string]string{
	"password": "password", "proposedPassword": "password", "previousPassword": "previous_password",
	"confirmationCode": "code", "userCode": "code", "code": "code",
	"username": "username", "userName": "username", "userAlias": "username",
}

// blame returns the name of the form's field that a fault is about; "" when it is about none.
func (v *visit) blame(f *fault.Error) string {
	switch f.Code {
	case fault.CodeMismatch, fault.ExpiredCode, fault.EnableSoftwareTokenMFA:
		return "code"
	case fault.InvalidPassword, fault.PasswordHistoryPolicyViolation:
		return "password"
	case fault.UsernameExists, fault.UserNotFound:
		return "username"
	case fault.NotAuthorized:
		if v.Form.Has("previous_password") {
			return "previous_password"
		}
		return "password"
	case fault.InvalidParameter:
	default:
		return ""
	}
	switch message := strings.TrimSuffix(f.Message, "."); {
	case message == "Invalid email address format":
		return v.fieldOf(pool.Email)
	case message == "Invalid phone number format":
		return v.fieldOf(pool.Phone)
	case strings.HasPrefix(message, "Username "):
		return "username"
	case strings.HasPrefix(message, "preferred_username "):
		return v.fieldOf("preferred_username")
	}
	if found := schemaFlaw.FindStringSubmatch(f.Message); found != nil {
		return v.fieldOf(found[1])
	}
	found := validated.FindStringSubmatch(f.Message)
	if found == nil {
		return ""
	}
	if i, err := strconv.Atoi(found[2]); err == nil && found[1] == "userAttributes" && i <= len(v.sent) {
		return v.fieldOf(v.sent[i-1])
	}
	return members[found[1]]
}

// fieldOf returns the name of the form's field for an attribute.
func (v *visit) fieldOf(attribute string) string {
	for _, field := range []string{attributePrefix + attribute, contactFields[attribute]} {
		if field != "" && v.Form.Has(field) {
			return field
		}
	}
	return "username"
}

// labelOf returns what the person reads beside a field.
func (v *visit) labelOf(field string) string {
	if attribute, ok := strings.CutPrefix(field, attributePrefix); ok {
		return v.attributeLabel(attribute)
	}
	switch field {
	case "username":
		return v.usernameField("").Label
	case "previous_password":
		return v.Language.text("own_password.present")
	case "code":
		return v.Language.text("code.label")
	case "email":
		return v.Language.text("attribute.email")
	case "phone":
		return v.Language.text("attribute.phone_number")
	}
	return ""
}

// Wrong returns the attributes by which browsers and screen readers know that the problem of the page is about the field; also names further
// elements that describe it.
func (v *visit) Wrong(field string, also ...string) template.HTMLAttr {
	described := strings.Join(also, " ")
	if v.Blamed == field {
		return template.HTMLAttr(`aria-invalid="true" aria-describedby="` + strings.TrimSpace("problem "+described) + `"`) //nolint:gosec // words of the templates
	}
	if described == "" {
		return ""
	}
	return template.HTMLAttr(`aria-describedby="` + described + `"`) //nolint:gosec // words of the templates
}

// Focus returns the attribute that puts the cursor into the field: where the problem is, else where the page begins.
func (v *visit) Focus(field string, begins bool) template.HTMLAttr {
	if v.Blamed == field || v.Blamed == "" && begins {
		return "autofocus"
	}
	return ""
}
