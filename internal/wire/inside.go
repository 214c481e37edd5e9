package wire

import "slices"

// CheckUsername holds a user name to the model's constraints where it is no member of an input: inside AuthParameters and
// ChallengeResponses, or in the answer of a function. The service answers with the names of its own members, userName and, for the
// form, userAlias (observed on InitiateAuth with a name that ends in a blank: aws-amplify/amplify-flutter#933).
func CheckUsername(name string) error {
	return checkInside(&shapeUsernameType, name, "UserName", "UserAlias")
}

// CheckPreferredUsername does the same for a preferred_username that signs its user in.
func CheckPreferredUsername(name string) error {
	return checkInside(&shapeUsernameType, name, "PreferredUsername")
}

// CheckNewPassword does the same for a password that is to be set.
func CheckNewPassword(password string) error {
	return checkInside(&shapePasswordType, password, "NewPassword")
}

// checkInside judges a value as if it were the member, in the words of Decode. A rule about the form is told of the aliases too.
func checkInside(s *Shape, value, member string, aliases ...string) error {
	var d decoder
	if s.Sensitive {
		d.hidden++
	}
	broken := s.broken(value, utf16Length(value))
	tell := func(place string, order int, rule string) {
		d.path = []step{{kind: memberStep, name: place, order: order}}
		d.violate(value, rule)
	}
	for _, rule := range broken {
		tell(member, 0, rule)
	}
	for i, alias := range aliases {
		if s.Pattern != nil && slices.Contains(broken, s.patternRule()) {
			tell(alias, i+1, s.patternRule())
		}
	}
	if len(d.violations) == 0 {
		return nil
	}
	return d.invalid()
}
