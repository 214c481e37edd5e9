package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// sealedColumn is a column of the pool's rows in which the pool's data key has sealed something.
type sealedColumn struct {
	table  string
	keys   []string // columns that tell the rows of one pool apart
	column string

	// place is what the value is bound to beside the pool, the table and the keys. A document is bound to its own place.
	place []string

	// document is a value of the type that a document holds; nil for a column that is sealed as a whole.
	document any
}

// sealedColumns are all of them. What is missing here would be lost when a data key is dropped, so tests compare this table with the schema.
var sealedColumns = []sealedColumn{
	{table: "signing_keys", keys: []string{"key_id"}, column: "private_key", place: []string{"private_key"}},
	{table: "saml_keys", keys: []string{"key_use"}, column: "private_key", place: []string{"private_key"}},
	{table: "clients", keys: []string{"client_id"}, column: "secrets", place: []string{"secrets"}},
	{table: "users", keys: []string{"user_id"}, column: "password", place: []string{"password"}},
	{table: "users", keys: []string{"user_id"}, column: "factors", place: []string{"factors"}},
	{table: "devices", keys: []string{"user_id", "device_key"}, column: "verifier"},
	{table: "challenges", keys: []string{"user_id", "id"}, column: "state"},
	{table: "authorization_codes", keys: []string{"hash"}, column: "grant_data"},
	{table: "browser_sessions", keys: []string{"hash"}, column: "state"},
	{table: "provider_visits", keys: []string{"visit_id"}, column: "detail"},

	{table: "pools", keys: []string{"pool_id"}, column: "settings", document: wire.UserPoolType{}},
	{table: "pools", keys: []string{"pool_id"}, column: "mfa", document: pool.MfaSettings{}},
	{table: "pools", keys: []string{"pool_id"}, column: "sessions", document: pool.SessionSettings{}},
	{table: "pools", keys: []string{"pool_id"}, column: "risk", document: wire.RiskConfigurationType{}},
	{table: "pools", keys: []string{"pool_id"}, column: "logs", document: wire.LogDeliveryConfigurationType{}},
	{table: "clients", keys: []string{"client_id"}, column: "settings", document: wire.UserPoolClientType{}},
	{table: "clients", keys: []string{"client_id"}, column: "sessions", document: pool.ClientSessionSettings{}},
	{table: "clients", keys: []string{"client_id"}, column: "risk", document: wire.RiskConfigurationType{}},
	{table: "identity_providers", keys: []string{"name"}, column: "settings", document: wire.IdentityProviderType{}},
	{table: "resource_servers", keys: []string{"identifier"}, column: "settings", document: wire.ResourceServerType{}},
	{table: "ui_customizations", keys: []string{"client_id"}, column: "settings", document: wire.UICustomizationType{}},
	{table: "login_brandings", keys: []string{"branding_id"}, column: "settings", document: wire.ManagedLoginBrandingType{}},
	{table: "terms", keys: []string{"terms_id"}, column: "settings", document: wire.TermsType{}},
}

// holdsSecrets reports whether anything in the column is sealed: of a document, whether its type has sealed members.
func (c *sealedColumn) holdsSecrets() bool { return c.document == nil || wire.SealsMembers(c.document) }

// page selects rows of a pool behind the row with the given keys, at most so many. Its parameters are the pool, the keys and the number.
func (c *sealedColumn) page() string {
	return fmt.Sprintf("select %s, %s from %s where pool_id = $1 and (%s) > (%s) and %s is not null order by %s limit cast($%d as bigint)",
		strings.Join(c.keys, ", "), c.column, c.table, strings.Join(c.keys, ", "), c.parameters(2), c.column, strings.Join(c.keys, ", "), len(c.keys)+2)
}

// save stores a value. Its parameters are the pool, the keys and the value.
func (c *sealedColumn) save() string {
	return fmt.Sprintf("update %s set %s = $%d where pool_id = $1 and (%s) = (%s)", c.table, c.column, len(c.keys)+2, strings.Join(c.keys, ", "), c.parameters(2))
}

func (c *sealedColumn) parameters(from int) string {
	var names []string
	for i := range c.keys {
		names = append(names, "$"+strconv.Itoa(from+i))
	}
	return strings.Join(names, ", ")
}

// sealedRow is a value and the keys of its row.
type sealedRow struct {
	keys  []string
	value []byte
}

func (c *sealedColumn) scan(r scanner) (row sealedRow, err error) {
	row.keys = make([]string, len(c.keys))
	var fields []any
	for i := range row.keys {
		fields = append(fields, &row.keys[i])
	}
	return row, r.Scan(append(fields, &row.value)...)
}

// reseal returns the value sealed by the pool's present key, and whether it was sealed by another one.
func (c *sealedColumn) reseal(p *pool.Pool, row sealedRow) (value any, changed bool, err error) {
	if c.document == nil {
		return p.Key.Reseal(row.value, slices.Concat([]string{p.ID, c.table}, row.keys, c.place)...)
	}
	if len(row.value) == 0 { // a document that is absent
		return nil, false, nil
	}
	d := documentOf(p, c.table, row.keys[len(row.keys)-1], c.column)
	text, err := wire.ResealStored(row.value, c.document, func(sealed []byte, path string) ([]byte, error) {
		again, one, err := p.Key.Reseal(sealed, d.at(path)...)
		changed = changed || one
		return again, err
	})
	return string(text), changed, err
}
