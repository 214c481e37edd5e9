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
	terms, next, err := poolPage(ctx, s, in.UserPoolId, in.NextToken, scope, pageSize(in.MaxResults, maxTerms),
		(*store.Tx).PoolTerms, func(t *pool.Terms) string { return t.ID })
	if err != nil {
		return nil, err
	}
	out := &wire.ListTermsOutput{NextToken: next, Terms: []wire.TermsDescriptionType{}}
	for _, t := range terms {
		out.Terms = append(out.Terms, wire.TermsDescriptionType{
			TermsId: t.ID, TermsName: t.Settings.TermsName, Enforcement: t.Settings.Enforcement,
			CreationDate: t.Settings.CreationDate, LastModifiedDate: t.Settings.LastModifiedDate,
		})
	}
	return out, nil
}
