package userpools

import (
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// changeAttributes changes and saves a user's attributes and stores the codes that have to go out. The client is nil for
// administrators. A value that waits for its verification must not be somebody else's already.
func (s *Service) changeAttributes(tx *store.Tx, p *pool.Pool, c *pool.Client, u *user.User, attributes map[string]string) ([]parcel, error) {
	if err := user.CheckUpdate(p, u, attributes); err != nil {
		return nil, err
	}
	var out []parcel
	for _, contact := range u.Change(p, attributes, s.Now()) {
		value := attributes[contact]
		if p.IsUsernameAttribute(contact) || p.IsAlias(contact) && u.Pending[contact] != "" {
			holder, err := tx.NameHolder(p, user.Name{Kind: user.NameKind(contact), Value: p.Fold(value)})
			if err != nil {
				return nil, err
			}
			if holder != "" && holder != u.ID {
				return nil, user.AliasExists(contact)
			}
		}
		x := s.newParcel(p, c, u, message.UpdateAttribute, user.VerifyCode(contact), contact, value)
		if err := tx.SaveCode(p, u.ID, x.code); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, saveWithAliases(tx, p, u, false)
}
