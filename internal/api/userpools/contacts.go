package userpools

import (
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
)

// checkContact refuses attributes that no code can verify.
func checkContact(name string) error {
	if name != pool.Email && name != pool.Phone {
		return fault.Newf(fault.InvalidParameter, "Invalid attribute name: %s. Only email and phone_number can be verified.", name)
	}
	return nil
}
