package userpools

import "github.com/cenote-id/cenote/internal/api"

func (s *Service) paging() api.Paging { return api.Paging{Master: s.Master, Now: s.Now} }

// pageToken returns a token for the page that begins after the cursor.
func (s *Service) pageToken(scope []string, cursor ...string) (string, error) {
	return s.paging().Token(scope, cursor...)
}

// readPageToken returns the n members of the cursor that a token holds; for the empty token, n empty ones.
func (s *Service) readPageToken(token string, scope []string, n int) ([]string, error) {
	return s.paging().Read(token, scope, n)
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

// errPage is the answer for a paging token that is not ours, too old, or from a list with other parameters.
var errPage = api.ErrPage
