package api

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/wire"
)

// pageLife is how long a paging token works; the service documents it for ListUsers.
const pageLife = time.Hour

// ErrPage is the answer for a paging token that is not ours, too old, or from a list with other parameters.
var ErrPage = fault.New(fault.InvalidParameter, "Invalid pagination token given.")

// page is what a paging token seals.
type page struct {
	Scope   []string  `json:"s"`
	Cursor  []string  `json:"c"`
	Expires time.Time `json:"x"`
}

// Paging makes and reads paging tokens.
type Paging struct {
	Master *seal.Master // seals them
	Now    func() time.Time
}

// Token returns a token for the page that begins after the cursor. The scope is the operation and every parameter that must stay the same
// from page to page; a caller can neither read nor change the token.
func (g Paging) Token(scope []string, cursor ...string) (string, error) {
	plain, err := json.Marshal(page{scope, cursor, g.Now().Add(pageLife)})
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(g.Master.Seal(plain, "page")), nil
}

// Read returns the n members of the cursor that a token holds; for the empty token, n empty ones.
func (g Paging) Read(token string, scope []string, n int) ([]string, error) {
	if token == "" {
		return make([]string, n), nil
	}
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, ErrPage.Because(err)
	}
	plain, err := g.Master.Open(sealed, "page")
	if err != nil {
		return nil, ErrPage.Because(err)
	}
	var p page
	if err := wire.Unmarshal(plain, &p); err != nil {
		return nil, ErrPage.Because(err)
	}
	if len(p.Cursor) != n || !slices.Equal(p.Scope, scope) || !g.Now().Before(p.Expires) {
		return nil, ErrPage
	}
	return p.Cursor, nil
}
