package trigger

import (
	"maps"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
)

// UserAttributes returns the userAttributes of an event about a user who exists: the attributes and sub, the status, whether SetUserSettings
// turned text messages on, and the aliases that lead to the user now. (Before PreSignUp there is no user; its event has what the caller sent.)
func UserAttributes(p *pool.Pool, u *user.User) map[string]string {
	a := maps.Clone(map[string]string(u.Attributes))
	if a == nil {
		a = map[string]string{}
	}
	a["sub"] = u.ID
	a["cognito:user_status"] = string(u.Status)
	if u.Factors.LegacySMS {
		a["cognito:mfa_enabled"] = "true"
	}
	for _, name := range []string{pool.Email, pool.Phone} {
		if value := u.Attributes[name]; value != "" && p.IsAlias(name) && u.Attributes.Verified(name) {
			a["cognito:"+name+"_alias"] = value
		}
	}
	return a
}
