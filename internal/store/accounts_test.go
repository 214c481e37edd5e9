package store

import (
	"testing"

	"github.com/cenote-id/cenote/internal/pool"
)

// A node that does not know accounts stores pools without one; the ARN tells whose they are.
func TestPoolsOfANodeThatKnowsNoAccountsAreListed(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string, _ tokens) {
		s := openRows(t, database)
		err := s.Update(t.Context(), func(tx *Tx) error {
			for _, account := range []string{"111111111111", "222222222222"} {
				p := &pool.Pool{ID: "eu-west-1_A" + account[:8]}
				p.Settings.Arn = pool.ARN("eu-west-1", account, p.ID)
				if err := tx.InsertPool(p); err != nil {
					return err
				}
			}
			_, err := tx.exec(`update pools set account_id = ''`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		err = s.View(t.Context(), func(tx *Tx) error {
			for _, account := range []string{"111111111111", "222222222222"} {
				page, err := tx.PoolsIn("eu-west-1", account, "", 1)
				if err != nil {
					return err
				}
				if len(page) != 1 || page[0].AccountID() != account {
					t.Errorf("account %s has %d pools", account, len(page))
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
