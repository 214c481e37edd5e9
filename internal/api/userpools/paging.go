package userpools

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// pageLife is how long a paging token works; the service documents it for ListUsers.
const pageLife = time.Hour

// errPage is the answer for a paging token that is not ours, too old, or from a list with other parameters.
var errPage = fault.New(fault.InvalidParameter, "Invalid pagination token given.")

// page is what a paging token seals.
type page struct {
	Scope   []string  `json:"s"`
	Cursor  []string  `json:"c"`
	Expires time.Time `json:"x"`
}

// pageToken returns a token for the page that begins after the cursor. The scope is the operation and every parameter that must
// stay the same from page to page; a caller can neither read nor change the token.
func (s *Service) pageToken(scope []string, cursor ...string) (string, error) {
	plain, err := json.Marshal(page{scope, cursor, s.Now().Add(pageLife)})
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(s.Master.Seal(plain, "page")), nil
}

// readPageToken returns the n members of the cursor that a token holds; for the empty token, n empty ones.
func (s *Service) readPageToken(token string, scope []string, n int) ([]string, error) {
	if token == "" {
		return make([]string, n), nil
	}
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, errPage.Because(err)
	}
	plain, err := s.Master.Open(sealed, "page")
	if err != nil {
		return nil, errPage.Because(err)
	}
	var p page
	if err := wire.Unmarshal(plain, &p); err != nil {
		return nil, errPage.Because(err)
	}
	if len(p.Cursor) != n || !slices.Equal(p.Scope, scope) || !s.Now().Before(p.Expires) {
		return nil, errPage
	}
	return p.Cursor, nil
}

// maxUsers is the size of a page of users when the caller names none, and the largest that can be asked for.
const maxUsers = 60

// pageSize returns how many items a page has: the limit that was asked for, or most when it is absent or 0.
func pageSize(limit *int64, most int) int {
	if limit == nil || *limit == 0 {
		return most
	}
	return int(*limit)
}
