// Command hello lists the user pools of the account.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cenote-id/cenote/examples/scenarios/go/scenario"
)

func main() { scenario.Main(run) }

func run(ctx context.Context, s *scenario.Server) error {
	pages := idp.NewListUserPoolsPaginator(s, &idp.ListUserPoolsInput{MaxResults: aws.Int32(10)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, p := range page.UserPools {
			fmt.Fprintf(os.Stdout, "%s: %s\n", *p.Name, *p.Id)
		}
	}
	return nil
}
