package server

import (
	"context"

	"github.com/cenote-id/cenote/internal/door/dev"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
)

// providerLogs returns the last sign-ins by the providers of all pools.
func (s *Server) providerLogs(ctx context.Context) ([]dev.ProviderLog, error) {
	var pools []*pool.Pool
	err := s.data.View(ctx, func(tx *store.Tx) (err error) {
		pools, err = tx.Pools("", 0)
		return err
	})
	if err != nil {
		return nil, err
	}
	all := []dev.ProviderLog{}
	for _, p := range pools {
		logs, err := s.data.ProviderLog(ctx, p.ID, "")
		if err != nil {
			return nil, err
		}
		for _, l := range logs {
			one := dev.ProviderLog{PoolID: p.ID, Provider: l.Provider, Type: l.Type, Fetched: l.Fetched, Fault: l.Fault, SignIns: []dev.ProviderVisit{}}
			for _, v := range l.Visits {
				one.SignIns = append(one.SignIns, dev.ProviderVisit{
					Time: v.Time.UTC(), Client: v.Client, Outcome: v.Outcome, Text: v.Text, Cause: v.Cause, Request: v.Request, Subject: v.Subject, User: v.User,
					Attributes: v.Attributes,
				})
			}
			all = append(all, one)
		}
	}
	return all, nil
}
