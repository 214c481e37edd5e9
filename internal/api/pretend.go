package api

import (
	"context"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// pretend does for a name without a user what is done for a user: it writes something as durable as a code, so that the time of the
// answer tells no more than its words, and shows where the code would have gone.
func (s *Service) pretend(ctx context.Context, p *pool.Pool, subject, name string) (*wire.CodeDeliveryDetailsType, error) {
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		n, err := tx.Counter(p.ID, subject, user.PretendedCode)
		if err != nil {
			return err
		}
		return tx.SaveCounter(p.ID, subject, user.PretendedCode, n.Add(s.Now()))
	})
	if err != nil {
		return nil, err
	}
	return pretendDelivery(p, name), nil
}

// pretendDelivery shows where a code for the name would go if there were such a user, for clients that hide who exists. A name in
// the form of an address is shown masked; for any other, two letters are made up, the same ones each time.
func pretendDelivery(p *pool.Pool, name string) *wire.CodeDeliveryDetailsType {
	switch {
	case user.IsEmail(name):
		return showDelivery("email", name)
	case user.IsPhone(name):
		return showDelivery("phone_number", name)
	}
	made := credential.PhantomID(p.Key.Derive("phantom"), p.ID, p.Fold(name))
	letter := func(hex byte) string { return string(rune('a' + hex%26)) }
	if way := p.Recoveries()[0]; way == pool.RecoverByPhone && !p.AutoVerifies("email") {
		return showDelivery("phone_number", "+1555555"+digits(made, 4))
	}
	return showDelivery("email", letter(made[0])+"@"+letter(made[1]))
}

// digits makes n decimal digits of a text.
func digits(text string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0' + text[i]%10
	}
	return string(b)
}
