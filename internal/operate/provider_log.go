package operate

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
)

// ProviderLog is what an identity provider has lately been to its pool.
type ProviderLog struct {
	Provider string               `json:"provider"`
	Type     string               `json:"type"`
	Fetched  *time.Time           `json:"metadataFetched,omitempty"` // nil for metadata that was given, and for providers without
	Fault    string               `json:"metadataFault,omitempty"`   // why it could not be fetched since
	Visits   []pool.ProviderVisit `json:"signIns"`                   // newest first
}

// ProviderLog returns the logs of a pool's identity providers, or that of one.
func (d *Data) ProviderLog(ctx context.Context, poolID, name string) (logs []ProviderLog, err error) {
	err = d.View(ctx, func(tx *store.Tx) error {
		logs = nil
		p, err := tx.Pool(poolID)
		if err != nil {
			return err
		}
		var providers []*pool.Provider
		if name == "" {
			providers, err = tx.Providers(p, "", 0)
		} else {
			var v *pool.Provider
			v, err = tx.Provider(p, name)
			providers = append(providers, v)
		}
		if err != nil {
			return err
		}
		for _, v := range providers {
			l := ProviderLog{Provider: v.Name, Type: v.Settings.ProviderType, Fault: v.Fault}
			if !v.Fetched.IsZero() {
				l.Fetched = &v.Fetched
			}
			if l.Visits, err = tx.ProviderVisits(p, v.Name); err != nil {
				return err
			}
			logs = append(logs, l)
		}
		return nil
	})
	return logs, told(err)
}
