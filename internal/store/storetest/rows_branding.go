package storetest

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

func looks(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	one, two := b.newClient(t, p, "secret"), b.newClient(t, p, "secret")
	look := &pool.UICustomization{PoolID: p.ID, ClientID: one.ID, Image: []byte{1, 2}, ImageType: "image/png", Settings: wire.UICustomizationType{CSS: "x"}}
	style := &pool.Branding{ID: "b1" + p.ID, PoolID: p.ID, ClientID: one.ID, Settings: wire.ManagedLoginBrandingType{
		Settings: wire.Document(`{"a":1}`), Assets: []wire.AssetType{{Category: "FORM_LOGO", ColorMode: "LIGHT", Extension: "PNG", Bytes: []byte{3}}},
	}}
	terms := func(id, client, name string) *pool.Terms {
		return &pool.Terms{ID: id + p.ID, PoolID: p.ID, Settings: wire.TermsType{TermsId: id, ClientId: client, TermsName: name, Links: map[string]string{}}}
	}
	first := terms("t1", one.ID, "terms-of-use")
	b.update(t, func(tx *store.Tx) error {
		return errors.Join(tx.SaveUICustomization(p, look), tx.InsertBranding(p, style), tx.InsertTerms(p, first),
			tx.InsertTerms(p, terms("t2", two.ID, "terms-of-use")), tx.InsertTerms(p, terms("t3", two.ID, "privacy-policy")))
	})
	check := func() {
		t.Helper()
		b.view(t, func(tx *store.Tx) error {
			gotLook, err := tx.UICustomization(p, one.ID)
			gotStyle, err2 := tx.BrandingOf(p, one.ID)
			gotTerms, err3 := tx.Terms(p, first.ID)
			if err := errors.Join(err, err2, err3); err != nil {
				return err
			}
			for _, diff := range []string{cmp.Diff(look, gotLook), cmp.Diff(style, gotStyle), cmp.Diff(first, gotTerms)} {
				if diff != "" {
					t.Errorf("stored (-want +got):\n%s", diff)
				}
			}
			return nil
		})
	}
	check()
	look.Image, look.ImageType, style.Settings.Assets, first.Settings.Links = nil, "", nil, map[string]string{"a": "b"}
	b.update(t, func(tx *store.Tx) error {
		return errors.Join(tx.SaveUICustomization(p, look), tx.SaveBranding(p, style), tx.SaveTerms(p, first))
	})
	check()
	for name, use := range map[string]func(tx *store.Tx) error{
		"a second style": func(tx *store.Tx) error {
			return tx.InsertBranding(p, &pool.Branding{ID: "b2" + p.ID, PoolID: p.ID, ClientID: one.ID})
		},
		"second terms": func(tx *store.Tx) error { return tx.InsertTerms(p, terms("t4", one.ID, "terms-of-use")) },
		"a name of other terms": func(tx *store.Tx) error {
			t3, err := tx.Terms(p, "t3"+p.ID)
			if err != nil {
				return err
			}
			t3.Settings.TermsName = "terms-of-use"
			return tx.SaveTerms(p, t3)
		},
	} {
		err := b.Update(t.Context(), use)
		if code := fault.CodeOf(err); code != fault.ManagedLoginBrandingExists && code != fault.TermsExists {
			t.Errorf("%s: got %v", name, err)
		}
	}
	b.update(t, func(tx *store.Tx) error { return tx.DeleteClient(p, one.ID) })
	b.view(t, func(tx *store.Tx) error {
		gone, err := tx.UICustomization(p, one.ID)
		_, err2 := tx.Branding(p, style.ID)
		left, err3 := tx.PoolTerms(p, "", 0)
		if gone != nil || !fault.Is(err2, fault.ResourceNotFound) || len(left) != 2 {
			t.Errorf("left of a deleted client: %v, %v, %v", gone, err2, left)
		}
		return errors.Join(err, err3)
	})
}
