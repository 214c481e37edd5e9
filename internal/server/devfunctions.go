package server

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/wire"
)

// DevFunction is a function that runs on this machine.
type DevFunction struct {
	Name   string
	ARN    string          // what LambdaConfig takes
	Folder string          // with the handler
	Asked  trigger.Trigger // of the ready pool; empty when it is attached to none
}

// functionARN is the ARN of a function on this machine.
func (s *Server) functionARN(name string) string {
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	return "arn:aws:lambda:" + s.options.Config.Region + ":" + s.options.Config.AccountID + ":function:" + name
}

// attach has the ready pool ask the functions that are named like triggers, and no longer those of an earlier start.
func (s *Server) attach(ctx context.Context) error {
	functions := s.options.Config.Functions
	for _, name := range slices.Sorted(maps.Keys(functions)) {
		f := DevFunction{Name: name, ARN: s.functionARN(name), Folder: functions[name]}
		if slices.Contains(s.options.Attach, trigger.Trigger(name)) {
			f.Asked = trigger.Trigger(name)
		}
		s.Dev.Functions = append(s.Dev.Functions, f)
	}
	return s.data.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(s.Dev.PoolID)
		if err != nil {
			return err
		}
		var before wire.LambdaConfigType
		if p.Settings.LambdaConfig != nil {
			before = *p.Settings.LambdaConfig
		}
		next := before
		for _, t := range trigger.All() {
			arn := s.functionARN(string(t))
			switch {
			case slices.Contains(s.options.Attach, t):
				trigger.SetFunction(&next, t, arn, s.kmsKeyARN())
			case trigger.Function(&next, t) == arn:
				trigger.SetFunction(&next, t, "", "")
			}
		}
		if reflect.DeepEqual(next, before) {
			return nil
		}
		p.Settings.LambdaConfig = &next
		return tx.SavePool(p)
	})
}

// kmsKeyARN names the key under which codes reach custom senders; on a development server any name leads to the same key.
func (s *Server) kmsKeyARN() string {
	return "arn:aws:kms:" + s.options.Config.Region + ":" + s.options.Config.AccountID + ":key/00000000-0000-0000-0000-000000000000"
}
