package signin

import "github.com/cenote-id/cenote/internal/user"

// Challenge names a step of a sign-in, spelled as the API does.
type Challenge string

// The challenges, and Done for a sign-in that is complete.
const (
	PasswordVerifier    Challenge = "PASSWORD_VERIFIER"
	NewPasswordRequired Challenge = "NEW_PASSWORD_REQUIRED"
	Done                Challenge = ""
)

// Facts are what the order of challenges depends on, besides the attempt.
type Facts struct {
	Status user.Status
}

// Next returns the challenge that follows when the user has passed the first factor and every challenge before. It is the only
// place that knows the order.
func Next(f Facts) Challenge {
	if f.Status == user.ForceChangePassword {
		return NewPasswordRequired
	}
	return Done
}
