package storetest

import (
	"errors"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// A copy of a pool has what the pool publishes, under the names of the copy; the domains stay with the pool.
func contentsPublished(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	c := b.newClient(t, p, "secret")
	ann := draftUser(p, "ann", nil)
	ann.SetIdentities([]user.Identity{identityOf("Okta", pool.SubjectAttribute, "1")})
	url := "http://localhost/" + p.ID + "/ui/" + c.ID + "/x.png"
	b.update(t, func(tx *store.Tx) error {
		return errors.Join(
			tx.InsertDomain(&pool.Domain{Name: strings.ToLower(p.NamePart()), PoolID: p.ID, Kind: pool.PrefixDomain}),
			tx.InsertProvider(p, newProvider(p, "Okta", "okta.example")),
			tx.SaveSAMLKey(p, &pool.SAMLKey{Use: pool.EncryptsSAML, Private: b.keys[0], Certificate: []byte{1}, Created: noon}),
			tx.SaveUICustomization(p, &pool.UICustomization{PoolID: p.ID, ClientID: c.ID, Settings: wire.UICustomizationType{ImageUrl: url}}),
			tx.InsertBranding(p, &pool.Branding{ID: "b", PoolID: p.ID, ClientID: c.ID}),
			tx.InsertTerms(p, &pool.Terms{ID: "t", PoolID: p.ID, Settings: wire.TermsType{ClientId: c.ID, TermsName: "privacy-policy"}}),
			tx.InsertUser(p, ann),
		)
	})
	copyID, copyClient := "eu-west-1_"+letters(9), strings.ToLower(letters(26))
	b.update(t, func(tx *store.Tx) error {
		all, err := tx.Contents(p.ID, 10)
		if err != nil {
			return err
		}
		all.Rename(copyID, func(string) string { return copyClient })
		return tx.Write(all)
	})
	b.view(t, func(tx *store.Tx) error {
		q, err := tx.Pool(copyID)
		if err != nil {
			return err
		}
		v, err := tx.ProviderByIdentifier(q, "okta.example")
		key, err2 := tx.SAMLKey(q, pool.EncryptsSAML)
		look, err3 := tx.UICustomization(q, copyClient)
		_, err4 := tx.BrandingOf(q, copyClient)
		_, err5 := tx.TermsOf(q, copyClient, "privacy-policy")
		_, err6 := tx.UserByIdentity(q, "Okta", pool.SubjectAttribute, "1")
		domains, err7 := tx.PoolDomains(copyID)
		if err := errors.Join(err, err2, err3, err4, err5, err6, err7); err != nil {
			return err
		}
		if v.Settings.UserPoolId != copyID || key == nil || len(domains) != 0 || look.Settings.ImageUrl != "http://localhost/"+copyID+"/ui/"+copyClient+"/x.png" {
			t.Errorf("the copy has provider %v, key %v, domains %v, image %s", v.Settings.UserPoolId, key != nil, domains, look.Settings.ImageUrl)
		}
		return nil
	})
}
