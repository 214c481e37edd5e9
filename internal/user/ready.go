package user

import "github.com/cenote-id/cenote/internal/pool"

// ReadyFactors returns the second factors that the pool offers and the user could be asked for, whether turned on or not: a verified
// token first, then an address to send a code to. A risky sign-in is asked for one of them.
func (u *User) ReadyFactors(p *pool.Pool) []pool.Factor {
	var ready []pool.Factor
	for _, f := range []pool.Factor{pool.TOTP, pool.SMSMFA, pool.EmailOTP} {
		if p.OffersMFA(f) && u.Ready(f) {
			ready = append(ready, f)
		}
	}
	return ready
}
