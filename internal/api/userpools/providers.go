package userpools

import (
	"context"
	"encoding/base64"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// completeProvider finds out what the details of a provider leave out, at the provider and among the pool's own keys. It calls out, so it
// runs outside of transactions.
func (s *Service) completeProvider(ctx context.Context, p *pool.Pool, v *pool.Provider) error {
	if err := s.Providers.Complete(ctx, v); err != nil {
		return err
	}
	const certificate = "ActiveEncryptionCertificate"
	delete(v.Settings.ProviderDetails, certificate)
	if !v.Flag("EncryptedResponses") {
		return nil
	}
	key, err := s.Keys.SAMLKey(ctx, s.Store, p, pool.EncryptsSAML)
	if err != nil {
		return err
	}
	v.Settings.ProviderDetails[certificate] = base64.StdEncoding.EncodeToString(key.Certificate)
	return nil
}

// showProvider shows a provider that load finds, with all its details, its client secret among them.
func (s *Service) showProvider(ctx context.Context, poolID string, load func(*store.Tx, *pool.Pool) (*pool.Provider, error)) (*wire.IdentityProviderType, error) {
	var shown wire.IdentityProviderType
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(poolID)
		if err != nil {
			return err
		}
		v, err := load(tx, p)
		if err != nil {
			return err
		}
		shown = v.Shown()
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &shown, nil
}

// echoProvider returns the provider as Create and Update show it: as Describe does, but with the identifiers only if the request had them
// (observed).
func echoProvider(v *pool.Provider, sent []string) *wire.IdentityProviderType {
	shown := v.Shown()
	if sent == nil {
		shown.IdpIdentifiers = nil
	}
	return &shown
}

// changeProvider changes a provider and saves it, in one transaction.
func (s *Service) changeProvider(ctx context.Context, poolID, name string, change func(*pool.Pool, *pool.Provider) error) error {
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(poolID)
		if err != nil {
			return err
		}
		v, err := tx.Provider(p, name)
		if err != nil {
			return err
		}
		if err := change(p, v); err != nil {
			return err
		}
		return tx.SaveProvider(p, v)
	})
}
