package user

import (
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/credential/passkey"
	"github.com/cenote-id/cenote/internal/pool"
)

// Phantom returns a user who does not exist, for clients that hide who does: every step of a sign-in, a sign-up or a recovery treats it as it
// treats a stored user, and ends as for a user with another password or code. What it has (contacts, factors, passkeys, a password or
// none) is drawn from what users of the pool can have, by a keyed hash of the folded name: asked twice, the same phantom answers, and
// whatever a user's answer shows, some phantom's shows too. A phantom that was told to be called by its id answers to that, too.
//
// A phantom is never stored and never gets tokens.
func Phantom(p *pool.Pool, name string) *User {
	folded := p.Fold(name)
	id, shown, d := identify(p, folded)
	u := New(p, id, folded, Confirmed, time.Time{})
	u.Phantom = true
	if p.IsAlias(pool.Email) && IsEmail(folded) || p.IsAlias(pool.Phone) && IsPhone(folded) {
		u.Username = id // the client has to be told one, and a real user's is not the alias either
	}
	u.drawContacts(p, shown, d)
	u.Password = &Password{Verifier: PhantomVerifier(p, id)}
	without := 8
	if !u.Reachable(pool.Email) { // who signs in by text messages seldom has a password
		without = 96
	}
	if d.chance(0, without) && u.NeedsNoPassword(p) {
		u.Password = nil
	} else if d.chance(8, 8) { // has not yet replaced a temporary password, which signs in by itself only
		u.Status = ForceChangePassword
	}
	u.drawFactors(p, d)
	return u
}

// PhantomVerifier returns a verifier that no password matches, for phantoms and for users without a password.
func PhantomVerifier(p *pool.Pool, name string) credential.Verifier {
	return credential.PhantomVerifier(p.Key.Derive(phantomPurpose), p.ID, name)
}

// PhantomPasskeys returns the passkeys that a phantom has. No signature matches them.
func PhantomPasskeys(p *pool.Pool, u *User) []passkey.Credential {
	d := dice(credential.PhantomDraw(p.Key.Derive(phantomPurpose), 64, p.ID, "passkeys", u.ID))
	if !p.AllowsFirstFactor(pool.Passkey) || !d.chance(0, 32) {
		return nil
	}
	size, transports := 32, []string{"internal", "hybrid"}
	if d.chance(1, 96) { // the credentials of some platforms are shorter
		size = 16
	}
	return []passkey.Credential{{ID: d[32 : 32+size], Transports: transports}}
}

// dice are the random bytes of a phantom. Each byte decides one thing.
type dice []byte

// chance reports whether the i-th byte falls among the first n of its 256 values.
func (d dice) chance(i, n int) bool { return int(d[i]) < n }

// drawContacts gives a phantom the contact that its name is, and others that users of the pool have.
func (u *User) drawContacts(p *pool.Pool, shown contact, d dice) {
	contacts := map[pool.Contact]string{}
	if shown.kind != "" {
		contacts[shown.kind] = shown.value
	}
	needs := func(c pool.Contact) bool {
		only := []string{c}
		return slices.Contains(p.RequiredAttributes(), c) || slices.Equal(p.Settings.UsernameAttributes, only) || slices.Equal(p.Settings.AutoVerifiedAttributes, only)
	}
	mail, phone := 248, 64
	switch {
	case shown.kind != "" && p.HasUsernameAttributes(): // signed up with the one, and seldom has the other
		mail = 96
	case p.AutoVerifies(pool.Phone):
		phone = 160
	}
	if contacts[pool.Email] == "" && (needs(pool.Email) || d.chance(1, mail)) {
		contacts[pool.Email] = d.letter(2) + "@" + d.letter(3)
	}
	if contacts[pool.Phone] == "" && (needs(pool.Phone) || contacts[pool.Email] == "" || d.chance(4, phone)) {
		contacts[pool.Phone] = d.number(5)
	}
	for c, value := range contacts {
		verified := "true"
		if d.chance(6, 16) && !p.IsAlias(c) && c != shown.kind {
			verified = "false"
		}
		u.Attributes.Set(c, value)
		u.Attributes.Set(VerifiedName(c), verified)
	}
}

// drawFactors gives a phantom a second factor, where some users have one.
func (u *User) drawFactors(p *pool.Pool, d dice) {
	if p.MFA() == pool.MFAOptional && !d.chance(7, 16) {
		return
	}
	for _, f := range secondFactors {
		if !p.OffersMFA(f) || f != pool.TOTP && u.Attributes[f.Contact()] == "" {
			continue
		}
		if f == pool.TOTP {
			u.Factors.TOTP = &TOTP{}
		}
		u.Factors.Turn(f, true)
		return
	}
}

// letter draws the letter that a masked address begins with.
func (d dice) letter(i int) string {
	n := int(d[i])<<8 | int(d[i+16])
	return string(rune('a' + n%26))
}

// number draws a phone number; what a mask shows of it is how long it is, and its last four digits.
func (d dice) number(i int) string {
	digits := []byte("+15550000000")
	if d.chance(i, 64) {
		digits = append(digits, '0')
	}
	for k := range 4 {
		digits[len(digits)-1-k] = '0' + d[i+16+k]%10
	}
	return string(digits)
}
