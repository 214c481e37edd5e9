package userpools

import (
	"slices"
	"testing"

	"github.com/cenote-id/cenote/internal/wire"
)

// A new operation that is forgotten in Shows would be in the audit log without what it changed.
func TestWhatAdministratorsChangeIsShown(t *testing.T) {
	t.Parallel()
	byParameters := []string{ // what they do is in their parameters, or is another region's
		"AdminLinkProviderForUser", "AdminDisableProviderForUser", "UpdateProvisionedLimit", "CreateUserPoolReplica", "UpdateUserPoolReplica", "DeleteUserPoolReplica",
		"AdminInitiateAuth", "AdminRespondToAuthChallenge",
	}
	shows := (&Service{}).Shows()
	for _, o := range (&Service{}).Operations() {
		if o.Auth != wire.SigV4 || slices.Contains(byParameters, o.Name) || isRead(o.Name) {
			if shows[o.Target()] != nil {
				t.Errorf("%s has something to show, and is no change", o.Name)
			}
			continue
		}
		if shows[o.Target()] == nil {
			t.Errorf("%s is not in Shows", o.Name)
		}
	}
}

func isRead(name string) bool {
	for _, prefix := range []string{"Get", "List", "Describe", "AdminGet", "AdminList"} {
		if len(name) > len(prefix) && name[:len(prefix)] == prefix {
			return true
		}
	}
	return false
}
