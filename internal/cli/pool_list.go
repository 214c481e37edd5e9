package cli

import (
	"context"
	"flag"

	"github.com/cenote-id/cenote/internal/operate"
	"github.com/cenote-id/cenote/internal/wire"
)

func poolList(in *invocation, own *flag.FlagSet) func(context.Context) error {
	f := &apiFlags{}
	f.define(own)
	return func(ctx context.Context) error {
		c, err := f.server(in)
		if err != nil {
			return err
		}
		if c != nil {
			pools, err := poolsOfServer(ctx, c)
			if err != nil {
				return err
			}
			return c.showPools(pools)
		}
		return in.withData(ctx, func(d *operate.Data) error {
			pools, err := poolsOfData(ctx, d)
			if err != nil {
				return err
			}
			return (&apiCall{invocation: in, flags: f}).showPools(pools)
		})
	}
}

// poolsOfServer lists the pools of a server over the API.
func poolsOfServer(ctx context.Context, c *apiCall) (pools []wire.UserPoolDescriptionType, err error) {
	err = each(func(token string) (string, error) {
		out, err := call[wire.ListUserPoolsOutput](ctx, c, "ListUserPools", paged(map[string]any{"MaxResults": 60}, "NextToken", token))
		if err != nil {
			return "", err
		}
		pools = append(pools, out.UserPools...)
		return out.NextToken, nil
	})
	return pools, err
}

// poolsOfData lists the pools in the database, of all accounts and regions.
func poolsOfData(ctx context.Context, d *operate.Data) ([]wire.UserPoolDescriptionType, error) {
	stored, err := d.UserPools(ctx)
	if err != nil {
		return nil, err
	}
	var pools []wire.UserPoolDescriptionType
	for _, p := range stored {
		pools = append(pools, wire.UserPoolDescriptionType{
			Id: p.ID, Name: p.Settings.Name, LambdaConfig: p.Settings.LambdaConfig,
			CreationDate: p.Settings.CreationDate, LastModifiedDate: p.Settings.LastModifiedDate,
		})
	}
	return pools, nil
}

func (c *apiCall) showPools(pools []wire.UserPoolDescriptionType) error {
	rows := [][]string{{"ID", "NAME", "CREATED"}}
	for _, p := range pools {
		rows = append(rows, []string{p.Id, p.Name, stamp(p.CreationDate.Time)})
	}
	if pools == nil {
		pools = []wire.UserPoolDescriptionType{}
	}
	return c.show(&wire.ListUserPoolsOutput{UserPools: pools}, table(rows))
}
