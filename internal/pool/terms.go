package pool

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// MaxTerms is how many terms documents a pool can have, as the service documents it.
const MaxTerms = 40

// Terms are one kind of document that people agree to when they sign up with a client: addresses by language.
type Terms struct {
	ID       string
	PoolID   string
	Settings wire.TermsType // as DescribeTerms shows it
}

// NewTerms makes a document from a request.
func NewTerms(in *wire.CreateTermsInput, now time.Time) (*Terms, error) {
	t := &Terms{ID: uuid.NewString(), PoolID: in.UserPoolId}
	t.Settings = wire.TermsType{
		TermsId: t.ID, UserPoolId: in.UserPoolId, ClientId: in.ClientId, TermsName: in.TermsName, TermsSource: in.TermsSource,
		Enforcement: in.Enforcement, CreationDate: wire.At(now), LastModifiedDate: wire.At(now),
	}
	return t, t.setLinks(in.Links)
}

// Update changes what a request names; what it leaves out stays as it is.
func (t *Terms) Update(in *wire.UpdateTermsInput, now time.Time) error {
	if in.Links != nil {
		if err := t.setLinks(in.Links); err != nil {
			return err
		}
	}
	if in.TermsName != "" {
		t.Settings.TermsName = in.TermsName
	}
	t.Settings.LastModifiedDate = wire.At(now)
	return nil
}

// setLinks replaces the addresses. People follow them from the pages, so that they must be addresses of the web.
func (t *Terms) setLinks(links map[string]string) error {
	for _, language := range slices.Sorted(maps.Keys(links)) {
		if !isWebAddress(links[language]) {
			return fault.Newf(fault.InvalidParameter, "The link for %s is not a valid URL.", language)
		}
	}
	t.Settings.Links = map[string]string{}
	maps.Copy(t.Settings.Links, links)
	return nil
}

// TermsExist is the answer for a second document of one kind for a client.
func TermsExist(clientID, name string) *fault.Error {
	return fault.Newf(fault.TermsExists, "Terms with name %s already exist for client %s", name, clientID)
}

// TermsNotFound is the answer for a document that does not exist.
func TermsNotFound() *fault.Error { return fault.New(fault.ResourceNotFound, "Terms do not exist.") }
