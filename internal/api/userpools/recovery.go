package userpools

import (
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
)

// recoverable returns the contact to which the user's recovery code goes, or why there is no recovery. A phantom has none.
func recoverable(p *pool.Pool, u *user.User) (contact string, err error) {
	if u.Phantom {
		return "", errNoCombination
	}
	if !u.Enabled {
		return "", user.IsDisabled()
	}
	if err := u.CheckResettable(); err != nil {
		return "", err
	}
	return recoveryContact(p, u)
}

// recoveryContact returns the verified contact that a recovery code goes to, by the pool's priorities. A contact that serves as a second
// factor recovers nothing (observed).
func recoveryContact(p *pool.Pool, u *user.User) (string, error) {
	contacts := p.RecoveryContacts()
	if len(contacts) == 0 {
		return "", fault.New(fault.NotAuthorized, "Contact administrator to reset password.")
	}
	for _, contact := range contacts {
		if u.Reachable(contact) && !u.GuardedBy(p, contact) {
			return contact, nil
		}
	}
	return "", fault.New(fault.InvalidParameter,
		"Cannot reset password for the user as there is no registered/verified email or phone_number")
}
