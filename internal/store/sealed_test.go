package store

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
)

// Whoever gets the files, and not the master key, gets no secret.
func TestSecretsAreNotReadableInTheFiles(t *testing.T) {
	t.Parallel()
	path := testFile(t)
	s := openRows(t, path)
	p, _ := fill(t, s, 0)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	u := user.New(p, "6f9b1d1e-0000-4000-8000-000000000000", "visible-username", user.Confirmed, time.Unix(0, 0))
	u.Password = user.NewPassword(p, u.Username, "secret")
	c := &pool.Client{ID: "visibleclient", Secrets: []pool.Secret{{ID: "1", Value: "client-secret-value"}}}
	provider := &pool.Provider{Name: "visible-provider"}
	provider.Settings.ProviderDetails = map[string]string{"client_secret": "provider-client-secret", "private_key": "provider-private-key"}
	err = s.Update(t.Context(), func(tx *Tx) error {
		for _, write := range []error{
			tx.InsertSigningKey(p, pool.SigningKey{ID: "k", Use: pool.SignsID, Private: key}),
			tx.SaveSAMLKey(p, &pool.SAMLKey{Use: pool.SignsSAML, Private: key, Certificate: []byte("public")}),
			tx.InsertClient(p, c),
			tx.InsertProvider(p, provider),
			tx.InsertUser(p, u),
			tx.InsertAccessKey(AccessKey{ID: "AKVISIBLE", Secret: "access-key-secret"}),
		} {
			if write != nil {
				return write
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var files []byte
	names, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, data...)
	}
	for _, visible := range []string{"visible-username", "visibleclient", "visible-provider", "AKVISIBLE"} {
		if !bytes.Contains(files, []byte(visible)) {
			t.Errorf("%s is not in the files: the test looks in the wrong place", visible)
		}
	}
	part := func(secret []byte) []byte { return secret[len(secret)/2:][:24] } // long texts are spread over pages
	for name, secret := range map[string][]byte{
		"client secret":     []byte("client-secret-value"),
		"provider's secret": []byte("provider-client-secret"),
		"provider's key":    []byte("provider-private-key"),
		"access key secret": []byte("access-key-secret"),
		"password verifier": part(u.Password.Verifier.V),
		"password salt":     u.Password.Verifier.Salt,
		"signing key":       part(key.D.Bytes()),
		"prime":             part(key.Primes[0].Bytes()),
	} {
		for form, text := range map[string][]byte{
			"raw": secret, "hex": []byte(hex.EncodeToString(secret)), "base64": []byte(base64.StdEncoding.EncodeToString(secret)[2:20]),
		} {
			if bytes.Contains(files, text) {
				t.Errorf("the %s is in the files (%s)", name, form)
			}
		}
	}
}

// A sealed value opens only where it belongs.
func TestASecretCopiedToAnotherRowDoesNotOpen(t *testing.T) {
	t.Parallel()
	s := openRows(t, testFile(t))
	p, users := fill(t, s, 2)
	err := s.Update(t.Context(), func(tx *Tx) error {
		_, err := tx.exec(`update users set password = (select password from users where user_id = $1) where user_id = $2`, users[0].ID, users[1].ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.View(t.Context(), func(tx *Tx) error {
		if _, err := tx.UserByID(p, users[0].ID); err != nil {
			return err
		}
		if _, err := tx.UserByID(p, users[1].ID); err == nil {
			t.Error("a user was loaded with the password of another")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
