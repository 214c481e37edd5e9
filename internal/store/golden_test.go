package store

import (
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/credential/passkey"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

var golden = flag.Bool("golden", false, "write golden documents of the present schema, which a release does")

// documents are the columns that hold documents, and what is read from them.
var documents = map[string]any{
	"pools.settings":              wire.UserPoolType{},
	"pools.mfa":                   pool.MfaSettings{},
	"pools.sessions":              pool.SessionSettings{},
	"pools.risk":                  wire.RiskConfigurationType{},
	"pools.logs":                  wire.LogDeliveryConfigurationType{},
	"clients.settings":            wire.UserPoolClientType{},
	"clients.sessions":            pool.ClientSessionSettings{},
	"clients.risk":                wire.RiskConfigurationType{},
	"clients.secrets":             []pool.Secret{},
	"resource_servers.settings":   wire.ResourceServerType{},
	"identity_providers.settings": wire.IdentityProviderType{},
	"ui_customizations.settings":  wire.UICustomizationType{},
	"login_brandings.settings":    wire.ManagedLoginBrandingType{},
	"terms.settings":              wire.TermsType{},
	"users.identities":            []user.Identity{},
	"domains.settings":            wire.DomainDescriptionType{},
	"users.password":              user.Password{},
	"users.factors":               user.Factors{},
	"passkeys.credential":         passkey.Credential{},
	"auth_events.detail":          user.Event{},
	"auth_events.feedback":        user.Feedback{},
}

// fixedKeyFile holds the data key that golden documents are sealed under, wrapped by the master key of openRows.
const fixedKeyFile = "data_key"

// TestGoldenDocuments reads the documents of every released schema: each member is still known under its name and type. A document that
// fails here is one that users have: mend the type, never the file.
func TestGoldenDocuments(t *testing.T) {
	t.Parallel()
	if *golden {
		writeGolden(t)
	}
	folders, err := filepath.Glob("testdata/documents/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("golden documents: %v, %v", folders, err)
	}
	for _, folder := range folders {
		p := goldenPool(t, folder)
		files, err := filepath.Glob(filepath.Join(folder, "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %v", folder, files, err)
		}
		for _, file := range files {
			column := strings.TrimSuffix(filepath.Base(file), ".json")
			if documents[column] == nil {
				t.Errorf("%s: nothing reads this document any more", file)
				continue
			}
			stored, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			d := documentOf(p, column, "row", "column")
			read := reflect.New(reflect.TypeOf(documents[column]))
			if err := d.decode(stored, read.Interface()); err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			plain, err := wire.Encode(read.Interface())
			if err != nil {
				t.Fatal(err)
			}
			var want, got any
			if err := wire.Unmarshal(stored, &want); err != nil {
				t.Fatal(err)
			}
			if err := wire.Unmarshal(plain, &got); err != nil {
				t.Fatal(err)
			}
			for _, lost := range missing(want, got, "") {
				t.Errorf("%s: %s is not read", file, lost)
			}
		}
	}
}

// missing returns the places in want that got does not have, or has with another plain value.
func missing(want, got any, place string) (lost []string) {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if _, sealed := w["$sealed"]; sealed && got != nil {
			return nil
		}
		if !ok {
			return []string{place}
		}
		for name := range w {
			lost = append(lost, missing(w[name], g[name], place+"."+name)...)
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return []string{place}
		}
		for i := range w {
			lost = append(lost, missing(w[i], g[i], place+"[]")...)
		}
	default:
		if want != got {
			return []string{place}
		}
	}
	return lost
}

func goldenPool(t *testing.T, folder string) *pool.Pool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, fixedKeyFile))
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	key, err := goldenMaster(t).OpenKey(wrapped)
	if err != nil {
		t.Fatal(err)
	}
	return &pool.Pool{ID: "eu-west-1_Abcdefghi", Key: key}
}

func goldenMaster(t *testing.T) *seal.Master {
	t.Helper()
	master, err := seal.NewMaster([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	return master
}

// writeGolden writes a document of each kind in which every member is set.
func writeGolden(t *testing.T) {
	t.Helper()
	schemas, err := filepath.Glob("schema/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join("testdata", "documents", strconv.Itoa(len(schemas)))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	key, wrapped, err := goldenMaster(t).NewKey()
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(fixedKeyFile, hex.EncodeToString(wrapped))
	p := &pool.Pool{ID: "eu-west-1_Abcdefghi", Key: key}
	for column, kind := range documents {
		v := reflect.New(reflect.TypeOf(kind))
		setAll(v.Elem())
		text, err := documentOf(p, column, "row", "column").encode(v.Interface(), "")
		if err != nil {
			t.Fatal(err)
		}
		write(column+".json", text)
	}
}

// setAll gives every member of a value a value.
func setAll(v reflect.Value) {
	switch at := v.Addr().Interface().(type) {
	case *wire.Time:
		*at = wire.At(time.UnixMilli(1_800_000_000_125))
		return
	case *time.Time:
		*at = time.UnixMilli(1_800_000_000_125).UTC()
		return
	case *wire.Document:
		*at = wire.Document(`{"any":["value"]}`)
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint8, reflect.Uint32:
		v.SetUint(7)
	case reflect.Float64:
		v.SetFloat(0.5)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		setAll(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		setAll(v.Index(0))
	case reflect.Map:
		elem := reflect.New(v.Type().Elem()).Elem()
		setAll(elem)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("key").Convert(v.Type().Key()), elem)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				setAll(v.Field(i))
			}
		}
	default:
		panic("a document holds a " + v.Type().String())
	}
}
