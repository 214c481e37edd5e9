package user

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/pool"
)

// contact is an e-mail address or a phone number; the zero value is none.
type contact struct {
	kind  pool.Contact
	value string
}

// identify returns the id of a phantom, the contact that its name is, and the dice that everything else is drawn with. Of the folded name
// and of the id that a client was told in its stead, they are the same, but for letters of the contact that no mask shows.
func identify(p *pool.Pool, folded string) (id string, shown contact, d dice) {
	key := p.Key.Derive(phantomPurpose)
	draw := func(seed [6]byte) dice { return credential.PhantomDraw(key, 64, p.ID, string(seed[:])) }
	if IsID(folded) {
		if seed, hint, ok := credential.OpenPhantomID(key, p.ID, folded); ok {
			return folded, hinted(hint), draw(seed)
		}
	}
	seed := credential.PhantomSeed(key, p.ID, folded)
	d = draw(seed)
	switch {
	case IsEmail(folded):
		shown = contact{pool.Email, folded}
	case IsPhone(folded):
		shown = contact{pool.Phone, folded}
	}
	return credential.PhantomID(key, p.ID, seed, shown.hint()), shown, d
}

// A hint holds, in 48 bits, what the mask of a contact shows: the number of digits of a phone number in the six high bits, zero for an
// e-mail address, and below them its last four digits, or the first letters of the two parts of the address.
const (
	hintBits  = 42
	runeBits  = 21
	noContact = 1<<6 - 1
)

// hint returns what the mask of the contact shows.
func (c contact) hint() uint64 {
	switch c.kind {
	case pool.Email:
		at := strings.LastIndexByte(c.value, '@')
		local, _ := utf8.DecodeRuneInString(c.value)
		domain, _ := utf8.DecodeRuneInString(c.value[at+1:])
		return uint64(local)<<runeBits | uint64(domain)
	case pool.Phone:
		hint := uint64(0)
		for _, digit := range c.value[max(1, len(c.value)-4):] {
			hint = hint*10 + uint64(digit-'0')
		}
		return uint64(len(c.value)-1)<<hintBits | hint
	}
	return noContact << hintBits
}

// hinted returns a contact whose mask shows what the hint holds.
func hinted(hint uint64) contact {
	low := hint & (1<<hintBits - 1)
	switch digits := int(hint >> hintBits); digits {
	case noContact:
		return contact{}
	case 0:
		return contact{pool.Email, string(rune(low>>runeBits)) + "@" + string(rune(low&(1<<runeBits-1)))}
	default:
		return contact{pool.Phone, fmt.Sprintf("+%0*d", digits, low)}
	}
}
