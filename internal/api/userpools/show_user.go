package userpools

import (
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// showUser returns the user as AdminCreateUser and the lists show it, with the attributes that keep lets through; nil keeps all.
func showUser(u *user.User, keep func(name string) bool) wire.UserType {
	return wire.UserType{
		Username:             u.Username,
		Attributes:           showAttributes(u, keep),
		UserCreateDate:       wire.At(u.Created),
		UserLastModifiedDate: wire.At(u.Modified),
		Enabled:              &u.Enabled,
		UserStatus:           string(u.Status),
		MFAOptions:           showMFAOptions(u),
	}
}

// showMFAOptions returns what SetUserSettings turned on, nil when it is nothing.
func showMFAOptions(u *user.User) []wire.MFAOptionType {
	if !u.Factors.LegacySMS {
		return nil
	}
	return []wire.MFAOptionType{textOption}
}

// showAttributes returns the user's attributes, sub first.
func showAttributes(u *user.User, keep func(name string) bool) []wire.AttributeType {
	shown := make([]wire.AttributeType, 0, len(u.Attributes))
	for _, name := range u.Attributes.Sorted() {
		if keep == nil || keep(name) {
			shown = append(shown, wire.AttributeType{Name: name, Value: u.Attributes[name]})
		}
	}
	return shown
}

// attributeMap turns a list of attributes into a map. Of a name that is given twice, the last value counts.
func attributeMap(list []wire.AttributeType) map[string]string {
	m := make(map[string]string, len(list))
	for _, a := range list {
		m[a.Name] = a.Value
	}
	return m
}
