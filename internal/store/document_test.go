package store

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/credential/passkey"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// A newer node stores members that this one does not know. A change by this one must not destroy them.
func TestDocumentsKeepWhatANewerNodeStored(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string, _ tokens) {
		s := openRows(t, database)
		p, users := fill(t, s, 1)
		u := users[0]
		u.Factors = user.Factors{TOTP: &user.TOTP{Secret: "JBSWY3DPEHPK3PXP"}}
		c := &pool.Client{ID: "app", Secrets: []pool.Secret{{ID: "app--1", Value: "secret"}}, Risk: &wire.RiskConfigurationType{}}
		p.Risk = &wire.RiskConfigurationType{UserPoolId: p.ID}
		k := &user.Passkey{PoolID: p.ID, UserID: u.ID, Credential: passkey.Credential{ID: []byte("id"), PublicKey: []byte("key")}}
		update := func(fn func(tx *Tx) error) {
			t.Helper()
			if err := s.Update(t.Context(), fn); err != nil {
				t.Fatal(err)
			}
		}
		inAll := func(each func(table, column string, open func([]byte) ([]byte, error), seal func([]byte) any)) {
			plain := func(b []byte) ([]byte, error) { return b, nil }
			text := func(b []byte) any { return string(b) }
			for _, column := range []string{"settings", "mfa", "sessions", "risk"} {
				each("pools", column, plain, text)
			}
			for _, column := range []string{"settings", "sessions", "risk"} {
				each("clients", column, plain, text)
			}
			each("passkeys", "credential", plain, text)
			for _, sealed := range [][]string{{"clients", c.ID, "secrets"}, {"users", u.ID, "password"}, {"users", u.ID, "factors"}} {
				context := append([]string{p.ID}, sealed...)
				each(sealed[0], sealed[2],
					func(b []byte) ([]byte, error) { return p.Key.Open(b, context...) },
					func(b []byte) any { return p.Key.Seal(b, context...) })
			}
		}
		const newer = `"Newer":{"Deep":[1,"x"]}`
		update(func(tx *Tx) error {
			if err := tx.InsertClient(p, c); err != nil {
				return err
			}
			if _, err := tx.InsertPasskey(p, k); err != nil {
				return err
			}
			if err := tx.SavePool(p); err != nil {
				return err
			}
			return tx.SaveUser(p, u)
		})
		update(func(tx *Tx) error {
			inAll(func(table, column string, open func([]byte) ([]byte, error), seal func([]byte) any) {
				var stored []byte
				if err := tx.queryRow(`select ` + column + ` from ` + table).Scan(&stored); err != nil {
					t.Errorf("%s.%s: %v", table, column, err)
					return
				}
				doc, err := open(stored)
				if err != nil {
					t.Errorf("%s.%s: %v", table, column, err)
					return
				}
				i := bytes.IndexByte(doc, '{') + 1
				with := string(doc[:i]) + newer
				if doc[i] != '}' {
					with += ","
				}
				with += string(doc[i:])
				if _, err := tx.exec(`update `+table+` set `+column+` = $1`, seal([]byte(with))); err != nil {
					t.Errorf("%s.%s: %v", table, column, err)
				}
			})
			return nil
		})
		update(func(tx *Tx) error {
			p, err := tx.Pool(p.ID)
			if err != nil {
				return err
			}
			c, err := tx.Client(p, c.ID)
			if err != nil {
				return err
			}
			u, err := tx.UserByID(p, u.ID)
			if err != nil {
				return err
			}
			p.Settings.Name, p.Mfa.Set, p.Sessions.MaxPerUser, p.Risk.ClientId = "renamed", true, 7, "x"
			c.Settings.ClientName, c.Sessions.SSOMinutes, c.Risk.ClientId = "renamed", wire.Ptr[int64](7), "x"
			c.Secrets = append(c.Secrets, pool.Secret{ID: "app--2", Value: "second"})
			u.Attributes["name"], u.Factors.UsesTOTP = "Renamed", true
			k.Credential.SignCount = 7
			for _, err := range []error{tx.SavePool(p), tx.SaveClient(p, c), tx.SaveUser(p, u), tx.SavePasskey(p, k)} {
				if err != nil {
					return err
				}
			}
			return nil
		})
		var password []byte
		update(func(tx *Tx) error {
			inAll(func(table, column string, open func([]byte) ([]byte, error), _ func([]byte) any) {
				var stored []byte
				if err := tx.queryRow(`select ` + column + ` from ` + table).Scan(&stored); err != nil {
					t.Errorf("%s.%s: %v", table, column, err)
					return
				}
				doc, err := open(stored)
				if err != nil || !strings.Contains(string(doc), newer) {
					t.Errorf("%s.%s lost what a newer node stored: %s, %v", table, column, doc, err)
				}
				if column == "settings" && !strings.Contains(string(doc), "renamed") {
					t.Errorf("%s.%s lost the change: %s", table, column, doc)
				}
				if column == "password" {
					password = doc
				}
			})
			return nil
		})

		// What a newer node knows of a password says nothing about the next one.
		update(func(tx *Tx) error {
			u, err := tx.UserByID(p, u.ID)
			if err != nil {
				return err
			}
			u.Password = &user.Password{Verifier: u.Password.Verifier, Expires: time.Unix(1, 0)}
			return tx.SaveUser(p, u)
		})
		update(func(tx *Tx) error {
			var stored []byte
			if err := tx.queryRow(`select password from users`).Scan(&stored); err != nil {
				return err
			}
			doc, err := p.Key.Open(stored, p.ID, "users", u.ID, "password")
			if bytes.Equal(doc, password) || bytes.Contains(doc, []byte("Newer")) {
				t.Errorf("another password has what belonged to the one before: %s", doc)
			}
			return err
		})
	})
}
