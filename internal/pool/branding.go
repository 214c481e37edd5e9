package pool

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// MaxBrandings is how many styles of managed login a pool can have, and maxAssets how many images one can have, as the service documents.
const (
	MaxBrandings = 20
	maxAssets    = 40
)

// Branding is a style of managed login: the one of a client.
type Branding struct {
	ID       string
	PoolID   string
	ClientID string
	Settings wire.ManagedLoginBrandingType // as DescribeManagedLoginBranding shows it, unmerged
}

// NewBranding makes a style from a request.
func NewBranding(in *wire.CreateManagedLoginBrandingInput, now time.Time) (*Branding, error) {
	provided := wire.Value(in.UseCognitoProvidedValues, false)
	if provided == (in.Settings != nil) || provided && len(in.Assets) > 0 {
		return nil, eitherStyle()
	}
	b := &Branding{ID: uuid.NewString(), PoolID: in.UserPoolId, ClientID: in.ClientId}
	b.Settings = wire.ManagedLoginBrandingType{
		ManagedLoginBrandingId: b.ID, UserPoolId: in.UserPoolId, UseCognitoProvidedValues: &provided,
		CreationDate: wire.At(now), LastModifiedDate: wire.At(now),
	}
	return b, b.add(in.Settings, in.Assets)
}

// Update changes what a request names. Settings are merged with those that are there, images replace those of the same category and colour
// mode. The default style drops both.
func (b *Branding) Update(in *wire.UpdateManagedLoginBrandingInput, now time.Time) error {
	if wire.Value(in.UseCognitoProvidedValues, false) {
		if in.Settings != nil || len(in.Assets) > 0 {
			return eitherStyle()
		}
		b.Settings.UseCognitoProvidedValues, b.Settings.Settings, b.Settings.Assets = wire.Ptr(true), nil, []wire.AssetType{}
	}
	if in.Settings != nil || len(in.Assets) > 0 {
		b.Settings.UseCognitoProvidedValues = wire.Ptr(false)
	}
	b.Settings.LastModifiedDate = wire.At(now)
	return b.add(in.Settings, in.Assets)
}

// add merges settings and images with those that are there.
func (b *Branding) add(settings wire.Document, assets []wire.AssetType) error {
	if settings != nil {
		merged, err := mergeStyle(b.Settings.Settings, settings)
		if err != nil {
			return err
		}
		b.Settings.Settings = merged
	}
	all := append([]wire.AssetType{}, b.Settings.Assets...)
	for _, asset := range assets {
		if len(asset.Bytes) == 0 {
			return fault.Newf(fault.InvalidParameter, "The asset %s for color mode %s has no bytes.", asset.Category, asset.ColorMode)
		}
		same := func(other wire.AssetType) bool {
			return other.Category == asset.Category && other.ColorMode == asset.ColorMode
		}
		if i := slices.IndexFunc(all, same); i >= 0 {
			all[i] = asset
		} else {
			all = append(all, asset)
		}
	}
	if len(all) > maxAssets {
		return fault.Newf(fault.InvalidParameter, "A managed login branding can have at most %d assets.", maxAssets)
	}
	b.Settings.Assets = all
	return nil
}

// Shown returns the style as it is, or merged with the default one.
func (b *Branding) Shown(merged bool) (wire.ManagedLoginBrandingType, error) {
	shown := b.Settings
	if !merged {
		return shown, nil
	}
	var err error
	if shown.Settings, err = overDefaults(shown.Settings); err != nil {
		return shown, fmt.Errorf("merge branding %s: %w", b.ID, err)
	}
	return shown, nil
}

// eitherStyle is the answer to a request for the default style and an own one, or for neither (observed).
func eitherStyle() *fault.Error {
	return fault.New(fault.InvalidParameter, "useCognitoProvidedValues or settings should be specified (but not both)")
}

// BrandingExists is the answer for a second style of a client (observed).
func BrandingExists(clientID string) *fault.Error {
	return fault.Newf(fault.ManagedLoginBrandingExists, "A ManagedLoginBranding already exists for client %s", clientID)
}

// BrandingNotFound is the answer for a style that does not exist (observed).
func BrandingNotFound() *fault.Error {
	return fault.New(fault.ResourceNotFound, "ManagedLoginBranding does not exist.")
}

// ClientWithoutBranding is the answer for a client that has no style (observed).
func ClientWithoutBranding(clientID string) *fault.Error {
	return fault.Newf(fault.ResourceNotFound, "ManagedLoginBranding for client %s does not exist.", clientID)
}
