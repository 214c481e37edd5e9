package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// unsealed are the binary columns of a pool's rows that no key has sealed.
var unsealed = []string{
	"codes.hash", "passkey_challenges.challenge", "saml_keys.certificate", "ui_customizations.image", "user_import_parts.content",
	"pools.data_key", // by the master key
}

// sealedNames are the names of all sealed columns: "users.password".
func sealedNames() (all []string) {
	for _, c := range sealedColumns {
		all = append(all, c.table+"."+c.column)
	}
	return all
}

func TestEverySealedColumnIsSealedAgain(t *testing.T) {
	t.Parallel()
	known := sealedNames()

	// Every binary column of the schema is either sealed or known not to be.
	folder, err := fs.ReadDir(schemaFiles, "schema")
	if err != nil {
		t.Fatal(err)
	}
	table, binary := "", 0
	begins := regexp.MustCompile(`^create table (\w+)`)
	column := regexp.MustCompile(`^(?:alter table (\w+) add column|\s+)\s*(\w+)\s+\{\{bytes\}\}`)
	for _, f := range folder {
		text, err := fs.ReadFile(schemaFiles, path.Join("schema", f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if m := begins.FindStringSubmatch(line); m != nil {
				table = m[1]
			}
			m := column.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			of := table
			if m[1] != "" {
				of = m[1]
			}
			if !slices.Contains(ArchiveTables(""), of) && !slices.Contains(left, of) {
				continue // of no pool
			}
			binary++
			if name := of + "." + m[2]; slices.Contains(known, name) == slices.Contains(unsealed, name) {
				t.Errorf("%s: is %s sealed by the pool's data key? Then it belongs into sealedColumns, else into this test's list", f.Name(), name)
			}
		}
	}
	if binary < 10 {
		t.Errorf("only %d binary columns were found in the schema", binary)
	}

	// Every document that may hold secrets is known.
	for name, kind := range documents {
		if wire.SealsMembers(kind) && !slices.Contains(known, name) && name != "domains.settings" {
			t.Errorf("%s holds sealed members and is not in sealedColumns", name)
		}
	}

	// Every place to which something is bound in this package's code is known.
	packages, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	for _, f := range packages {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			var table ast.Expr
			switch f := call.Fun.(type) {
			case *ast.SelectorExpr: // p.Key.Seal(plain, p.ID, "table", ...)
				of, ok := f.X.(*ast.SelectorExpr)
				if !ok || of.Sel.Name != "Key" || f.Sel.Name != "Seal" {
					return true
				}
				if len(call.Args) > 2 {
					table = call.Args[2]
				}
			case *ast.Ident: // documentOf(p, "table", ...)
				if f.Name != "documentOf" || len(call.Args) < 2 {
					return true
				}
				table = call.Args[1]
			default:
				return true
			}
			name, ok := table.(*ast.BasicLit)
			if !ok {
				if f.Name() != "sealed_columns.go" {
					t.Errorf("%s: a place without a plain table name", f.Name())
				}
				return true
			}
			calls++
			if !slices.ContainsFunc(known, func(k string) bool { return strings.HasPrefix(k, strings.Trim(name.Value, `"`)+".") }) {
				t.Errorf("%s: nothing of %s is in sealedColumns", f.Name(), name.Value)
			}
			return true
		})
	}
	if calls < 10 {
		t.Errorf("only %d places were found in the code", calls)
	}
}

// fillSealed stores something in every sealed column of the pool, and returns the user and the client it belongs to.
func fillSealed(t *testing.T, s *Store, p *pool.Pool) (*user.User, *pool.Client) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Hour)
	u := user.New(p, "6f9b1d1e-0000-4000-8000-00000000000a", "ann", user.Confirmed, time.Unix(0, 0))
	u.Password = user.NewPassword(p, u.Username, "secret")
	u.Factors.TOTP = &user.TOTP{Secret: "seed"}
	c := &pool.Client{PoolID: p.ID, ID: strings.ToLower(p.NamePart()), Secrets: []pool.Secret{{ID: "1", Value: "client-secret-value"}}}
	provider := &pool.Provider{Name: "okta"}
	provider.Settings.ProviderDetails = map[string]string{"client_secret": "provider-client-secret"}
	device := user.NewDevice(p, u, "eu-west-1_device", "phone", credential.NewVerifier("g", "k", "x"), "", time.Now())
	err = s.Update(t.Context(), func(tx *Tx) error {
		_, failed := tx.InsertDevice(p, device)
		return errors.Join(failed,
			tx.InsertSigningKey(p, pool.SigningKey{ID: "k", Use: pool.SignsID, Private: key}),
			tx.SaveSAMLKey(p, &pool.SAMLKey{Use: pool.SignsSAML, Private: key, Certificate: []byte("public")}),
			tx.InsertClient(p, c), tx.InsertProvider(p, provider), tx.InsertUser(p, u),
			tx.SaveChallenge(p, u.ID, "challenge", []byte("state"), later),
			tx.InsertAuthorizationCode(p, AuthorizationCode{Hash: "hash", Grant: []byte("grant"), Expires: later}),
			tx.InsertBrowserSession(p, BrowserSession{Hash: "hash", UserID: u.ID, State: []byte("state"), Expires: later}),
			tx.AddProviderVisit(p, pool.ProviderVisit{ID: "visit", Provider: provider.Name, Time: time.Now()}),
		)
	})
	if err != nil {
		t.Fatal(err)
	}
	// Documents get every member that there is, whoever sets it.
	err = s.Update(t.Context(), func(tx *Tx) error {
		for _, col := range sealedColumns {
			if col.document == nil || !col.holdsSecrets() {
				continue
			}
			row := map[string]string{"clients": c.ID, "identity_providers": provider.Name, "pools": p.ID}[col.table]
			if row == "" {
				t.Errorf("the test has no row in %s", col.table)
				continue
			}
			v := reflect.New(reflect.TypeOf(col.document))
			setAll(v.Elem())
			text, err := documentOf(p, col.table, row, col.column).encode(v.Interface(), "")
			if err != nil {
				return err
			}
			if _, err := tx.exec(col.save(), p.ID, row, text); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return u, c
}

// sealedBy lists the columns in which a value of the pool is sealed by the key that made the sample.
func sealedBy(t *testing.T, s *Store, poolID string, sample []byte) (columns []string) {
	t.Helper()
	head := sample[:9] // version and key
	text := []byte(`"$sealed":"` + base64.StdEncoding.EncodeToString(head))
	err := s.View(t.Context(), func(tx *Tx) error {
		for _, table := range ArchiveTables(poolID) {
			var of []Column
			err := tx.Archive(table, poolID, s.master, func(c []Column) error { of = c; return nil }, func(row []any) error {
				for i, v := range row {
					b, _ := v.([]byte)
					if str, ok := v.(string); ok {
						b = []byte(str)
					}
					if name := table + "." + of[i].Name; (bytes.HasPrefix(b, head) || bytes.Contains(b, text)) && !slices.Contains(columns, name) {
						columns = append(columns, name)
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return columns
}

func TestRotateDataKey(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string, _ tokens) {
		now := time.Now().Truncate(time.Second)
		master := testMaster(t)
		s := openTest(t, Options{Database: database, Master: master, Now: func() time.Time { return now }})
		other := openTest(t, Options{Database: database, Master: master, Now: func() time.Time { return now }})
		p, users := fill(t, s, 250)
		bystander := &pool.Pool{ID: "eu-west-1_Bystander"}
		if err := s.Update(t.Context(), func(tx *Tx) error { return tx.InsertPool(bystander) }); err != nil {
			t.Fatal(err)
		}
		ann, c := fillSealed(t, s, p)
		fillSealed(t, s, bystander)
		held := p.Key.Seal([]byte("session"), "held by a client")
		group := user.DeviceGroupKey(p, "device")
		var want []string
		for _, col := range sealedColumns {
			if col.holdsSecrets() {
				want = append(want, col.table+"."+col.column)
			}
		}
		slices.Sort(want)
		if got := slices.Sorted(slices.Values(sealedBy(t, s, p.ID, held))); !slices.Equal(got, want) {
			t.Fatalf("before the change, the test has something sealed in %v, want %v", got, want)
		}

		// It is interrupted before the key seals, and again in the middle of the rows.
		ctx, interrupt := context.WithCancel(t.Context())
		interrupt()
		change := DataKeyChange{Overlap: time.Hour, Progress: func(int) {}}
		if _, _, err := s.RotateDataKey(ctx, p.ID, change); err == nil {
			t.Fatal("a cancelled change went through")
		}
		ctx, interrupt = context.WithCancel(t.Context())
		_, _, err := s.RotateDataKey(ctx, p.ID, DataKeyChange{Overlap: time.Hour, Progress: func(n int) {
			if n > 150 {
				interrupt()
			}
		}})
		if err == nil {
			t.Fatal("the change was not interrupted")
		}
		both := func() {
			t.Helper()
			for _, st := range []*Store{s, other} {
				err := st.View(t.Context(), func(tx *Tx) error {
					p, err := tx.Pool(p.ID)
					if err != nil {
						return err
					}
					for _, id := range []string{users[0].ID, users[249].ID, ann.ID} {
						if _, err := tx.UserByID(p, id); err != nil {
							return err
						}
					}
					got, err := tx.Client(p, c.ID)
					if err != nil || len(got.Secrets) == 0 {
						t.Errorf("client %+v, error %v", got, err)
					}
					_, err = p.Key.Open(held, "held by a client")
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		}
		both()
		if states := dataKeyStates(t, s); !states[p.ID].Resealing || len(states) != 1 {
			t.Errorf("in the middle the states are %+v", states)
		}

		sealed, until, err := s.RotateDataKey(t.Context(), p.ID, change)
		if err != nil || !until.Equal(now.Add(time.Hour)) || sealed == 0 {
			t.Fatalf("sealed %d, until %v, error %v", sealed, until, err)
		}
		both()
		if got := sealedBy(t, s, p.ID, held); len(got) > 0 {
			t.Errorf("still sealed by the earlier key: %v", got)
		}
		if state := dataKeyStates(t, s)[p.ID]; state.Resealing || len(state.Until) != 1 {
			t.Errorf("afterwards the state is %+v", state)
		}

		// A node that was late stores something under the earlier key; Sweep finds it before it drops the key.
		late := *p
		err = other.Update(t.Context(), func(tx *Tx) error {
			return tx.SaveChallenge(&late, ann.ID, "late", []byte("state"), now.Add(24*time.Hour))
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Sweep(t.Context(), now.Add(59*time.Minute)); err != nil {
			t.Fatal(err)
		}
		both()
		now = now.Add(time.Hour)
		if err := other.Sweep(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		err = s.View(t.Context(), func(tx *Tx) error {
			p, err := tx.Pool(p.ID)
			if err != nil {
				return err
			}
			if state, err := tx.Challenge(p, ann.ID, "late", now); string(state) != "state" || err != nil {
				t.Errorf("what was stored late is %q, error %v", state, err)
			}
			if _, err := p.Key.Open(held, "held by a client"); !errors.Is(err, seal.ErrWrongKey) {
				t.Errorf("the earlier key still opens: %v", err)
			}
			if got := user.DeviceGroupKey(p, "device"); got != group {
				t.Errorf("the group of devices changed from %s to %s", group, got)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if states := dataKeyStates(t, s); len(states) != 0 {
			t.Errorf("when all is over the states are %+v", states)
		}
		if got := sealedBy(t, s, bystander.ID, bystander.Key.Seal(nil)); !slices.Equal(slices.Sorted(slices.Values(got)), want) {
			t.Errorf("the change of one pool's key touched another pool: %v", got)
		}

		if _, _, err := s.RotateDataKey(t.Context(), "eu-west-1_Nowhere00", change); !fault.Is(err, fault.ResourceNotFound) {
			t.Errorf("a pool that does not exist: %v", err)
		}
		// A pool that is deleted in the meantime is forgotten.
		if _, _, err := s.RotateDataKey(t.Context(), bystander.ID, change); err != nil {
			t.Fatal(err)
		}
		if err := s.Update(t.Context(), func(tx *Tx) error { return tx.DeletePool(bystander.ID) }); err != nil {
			t.Fatal(err)
		}
		if err := s.Sweep(t.Context(), now.Add(2*time.Hour)); err != nil {
			t.Error(err)
		}
		err = s.View(t.Context(), func(tx *Tx) error {
			if names, err := tx.MetaNames(metaDataKey); len(names) != 0 || err != nil {
				t.Errorf("notes of %v are left, error %v", names, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func dataKeyStates(t *testing.T, s *Store) (states map[string]seal.KeyState) {
	t.Helper()
	if err := s.View(t.Context(), func(tx *Tx) (err error) { states, err = tx.DataKeyStates(); return err }); err != nil {
		t.Fatal(err)
	}
	return states
}
