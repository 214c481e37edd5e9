package transfer

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

// reseal lets a function change the lines of an archive that the identity opens, and encrypts it again.
func reseal(t *testing.T, file, recipient, key string, change func(lines []string) []string) string {
	t.Helper()
	secret, err := os.Open(key)
	must(t, err)
	defer secret.Close()
	identities, err := age.ParseIdentities(secret)
	must(t, err)
	sealed, err := os.Open(file)
	must(t, err)
	defer sealed.Close()
	plain, err := age.Decrypt(sealed, identities...)
	must(t, err)
	text, err := io.ReadAll(plain)
	must(t, err)
	lines := change(strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"))
	return encrypt(t, recipient, strings.Join(lines, "\n")+"\n")
}

func encrypt(t *testing.T, recipient, text string) string {
	t.Helper()
	to, err := age.ParseX25519Recipient(recipient)
	must(t, err)
	out, err := os.Create(filepath.Join(t.TempDir(), "archive.age"))
	must(t, err)
	w, err := age.Encrypt(out, to)
	must(t, err)
	_, err = io.WriteString(w, text)
	must(t, err)
	must(t, w.Close())
	must(t, out.Close())
	return out.Name()
}

func write(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "archive.age")
	must(t, os.WriteFile(path, content, 0o600))
	return path
}

func TestAnArchiveThatIsNotWholeIsRefusedAndLeavesNothing(t *testing.T) {
	t.Parallel()
	old := start(t, "")
	poolID, _ := furnish(t, old.SDK())
	recipient, key := identity(t)
	_, otherKey := identity(t)
	file := filepath.Join(t.TempDir(), "people.age")
	ok(t, old.args("export", "--all", "--to", file, "--recipient", recipient)...)
	text, err := os.ReadFile(file)
	must(t, err)
	altered := append([]byte{}, text...)
	altered[len(altered)-100] ^= 1
	edit := func(old, new string) func([]string) []string {
		return func(lines []string) []string {
			for i, line := range lines {
				lines[i] = strings.Replace(line, old, new, 1)
			}
			return lines
		}
	}
	for _, tc := range []struct{ name, file, key, want string }{
		{"cut at the end", write(t, text[:len(text)-20]), key, "the archive is damaged or cut"},
		{"cut in the middle", write(t, text[:len(text)/2]), key, "the archive is damaged or cut"},
		{"cut in the header", write(t, text[:40]), key, "the archive is damaged or cut"},
		{"altered", write(t, altered), key, "the archive is damaged or cut"},
		{"with something behind it", write(t, append(append([]byte{}, text...), 'x')), key, "the archive is damaged or cut"},
		{"empty", write(t, nil), key, "this is not an archive of cenote"},
		{"another file", write(t, []byte("Dear Ada, this is a letter.")), key, "this is not an archive of cenote"},
		{"another encrypted file", encrypt(t, recipient, "Dear Ada, this is a letter."), key, "this is not an archive of cenote"},
		{"for another key", file, otherKey, "the archive is for another key or passphrase"},
		{"of a newer version", reseal(t, file, recipient, key, edit(`"version":1`, `"version":3`)), key, "the archive was written by a newer cenote: it has version 3"},
		{"of a newer schema", reseal(t, file, recipient, key, edit(`"schema":`, `"schema":9`)), key, "the archive was written by a newer cenote: its rows have schema 9"},
		{"with a line less", reseal(t, file, recipient, key, func(lines []string) []string {
			return append(lines[:len(lines)-3:len(lines)-3], lines[len(lines)-2:]...)
		}), key, "the archive is damaged or cut"},
		{"without its end", reseal(t, file, recipient, key, func(lines []string) []string { return lines[:len(lines)-1] }), key, "the archive is damaged or cut"},
		{"with a table that is none of a pool", reseal(t, file, recipient, key, edit(`"name":"users"`, `"name":"access_keys"`)), key, `the archive is damaged or cut: there is no table "access_keys"`},
		{"with a column that is none", reseal(t, file, recipient, key, edit(`"name":"signed_out"`, `"name":"x) values (1); --"`)), key, "there is no column"},
		{"with a value of another type", reseal(t, file, recipient, key, edit(`"CONFIRMED",1,`, `"CONFIRMED","yes",`)), key, "the archive is damaged or cut"},
		{"a file that is not there", filepath.Join(t.TempDir(), "none"), key, "none"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			next := start(t, "")
			refused(t, tc.want, next.args("import", "--from", tc.file, "--identity", tc.key)...)
			ok(t, next.args("import", "--from", file, "--identity", key)...) // nothing is in the way
			if _, err := next.SDK().DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &poolID}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAnImportRefusesWhatExistsElsewhere(t *testing.T) {
	t.Parallel()
	for _, database := range []struct {
		name string
		url  func(testing.TB) string
	}{{"SQLite", embedded}, {"PostgreSQL", pgtest.Start}} {
		t.Run(database.name, func(t *testing.T) {
			t.Parallel()
			old, next := start(t, ""), start(t, database.url(t))
			poolID, _ := furnish(t, old.SDK())
			secret := passphraseFile(t, "a passphrase of some length")
			file := filepath.Join(t.TempDir(), "people.age")
			ok(t, old.args("export", "--pool", poolID, "--to", file, "--passphrase-file", secret)...)
			refused(t, "exists; --force replaces it", old.args("export", "--pool", poolID, "--to", file, "--passphrase-file", secret)...)
			refused(t, "for another key or passphrase", next.args("import", "--from", file, "--passphrase-file", passphraseFile(t, "another passphrase"))...)
			refused(t, "fewer than 12 characters", next.args("import", "--from", file, "--passphrase-file", passphraseFile(t, "short"))...)

			other := addPool(t, next.SDK(), "other")
			domain := &idp.CreateUserPoolDomainInput{UserPoolId: &other, Domain: aws.String("people")}
			_, err := next.SDK().CreateUserPoolDomain(t.Context(), domain)
			must(t, err)
			refused(t, "pool "+poolID+" has a domain that exists in another pool: people", next.args("import", "--from", file, "--passphrase-file", secret)...)
			_, err = next.SDK().DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &poolID})
			if code := cenotetest.CodeOf(t, err); code != "ResourceNotFoundException" {
				t.Errorf("after the refusal, the pool is answered %q", code)
			}
			_, err = next.SDK().DeleteUserPoolDomain(t.Context(), &idp.DeleteUserPoolDomainInput{UserPoolId: &other, Domain: aws.String("people")})
			must(t, err)
			ok(t, next.args("import", "--from", file, "--passphrase-file", secret)...)
		})
	}
}

func TestAnExportOfAPoolThatIsNotThereIsRefused(t *testing.T) {
	t.Parallel()
	srv := start(t, "")
	recipient, _ := identity(t)
	file := filepath.Join(t.TempDir(), "people.age")
	refused(t, "User pool us-east-1_AAAAAAAAA does not exist.", srv.args("export", "--pool", "us-east-1_AAAAAAAAA", "--to", file, "--recipient", recipient)...)
	refused(t, "want a public key of age", srv.args("export", "--all", "--to", file, "--recipient", "age1none")...)
	if _, err := os.Stat(file); err == nil {
		t.Error("a file was written")
	}
}
