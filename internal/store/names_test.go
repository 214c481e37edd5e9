package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Two users who called themselves after ids of others, before that was refused, and one after an id that nobody has.
func TestMigrationFreesIDsThatAreNames(t *testing.T) {
	t.Parallel()
	const (
		ann  = "6f9b1d5e-0000-4000-8000-000000000001"
		bob  = "6f9b1d5e-0000-4000-8000-000000000002"
		cleo = "6f9b1d5e-0000-4000-8000-000000000003"
		dora = "6f9b1d5e-0000-4000-8000-000000000004"
	)
	eachDatabase(t, func(t *testing.T, database string, _ tokens) {
		s := openTest(t, Options{Database: database})
		for _, u := range []struct{ id, username, alias string }{
			{ann, "ann", ""}, {bob, ann, ""}, {cleo, bob, dora}, {dora, "6f9b1d5e-0000-4000-8000-00000000ffff", ""},
		} {
			err := change(t.Context(), s,
				`insert into users (pool_id, user_id, username, status, enabled, attributes, pending, sign_outs, signed_out, created, modified)
					values ('p', '`+u.id+`', '`+u.username+`', 'CONFIRMED', true, '{}', '{}', 0, 0, 0, 0)`,
				`insert into sign_in_names (pool_id, name, kind, user_id) values ('p', '`+u.username+`', 'username', '`+u.id+`')`)
			if err == nil && u.alias != "" {
				err = change(t.Context(), s, `insert into sign_in_names (pool_id, name, kind, user_id)
					values ('p', '`+u.alias+`', 'preferred_username', '`+u.id+`')`)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		step, err := schemaFiles.ReadFile("schema/00009_names.sql")
		if err != nil {
			t.Fatal(err)
		}
		if err := change(t.Context(), s, string(step)); err != nil {
			t.Fatal(err)
		}
		got := map[string][2]string{}
		err = s.View(t.Context(), func(tx *Tx) error {
			_, err := collect(tx.query(`select n.name, n.kind, n.user_id, u.username from sign_in_names n
				join users u on u.pool_id = n.pool_id and u.user_id = n.user_id`), func(r scanner) (name string, err error) {
				var kind, id, username string
				err = r.Scan(&name, &kind, &id, &username)
				if err == nil && name != username {
					t.Errorf("the name of user %s is %q in one place and %q in the other", id, name, username)
				}
				got[name] = [2]string{kind, id}
				return name, err
			})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string][2]string{
			"ann": {"username", ann}, bob: {"username", bob}, cleo: {"username", cleo}, "6f9b1d5e-0000-4000-8000-00000000ffff": {"username", dora},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("names after the migration (-want +got):\n%s", diff)
		}
	})
}
