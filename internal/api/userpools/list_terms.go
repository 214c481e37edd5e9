package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// maxTerms is the size of a page of terms documents when the caller names none, and the largest that can be asked for.
const maxTerms = 60

// ListTerms shows the terms documents of a user pool, a page at a time, without their links.
func (s *Service) ListTerms(ctx context.Context, in *wire.ListTermsInput) (*wire.ListTermsOutput, error) {
	scope := []string{"ListTerms", in.UserPoolId}
	limit := pageSize(in.MaxResults, maxTerms)
	var terms []*pool.Terms
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		cursor, err := s.readPageToken(in.NextToken, scope, 1)
		if err != nil {
			return err
		}
		terms, err = tx.PoolTerms(p, cursor[0], limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &wire.ListTermsOutput{Terms: []wire.TermsDescriptionType{}}
	if len(terms) > limit {
		terms = terms[:limit]
		if out.NextToken, err = s.pageToken(scope, terms[limit-1].ID); err != nil {
			return nil, err
		}
	}
	for _, t := range terms {
		out.Terms = append(out.Terms, wire.TermsDescriptionType{
			TermsId: t.ID, TermsName: t.Settings.TermsName, Enforcement: t.Settings.Enforcement,
			CreationDate: t.Settings.CreationDate, LastModifiedDate: t.Settings.LastModifiedDate,
		})
	}
	return out, nil
}
