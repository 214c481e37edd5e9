package server_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
	"github.com/cenote-id/cenote/internal/operate"
)

func TestNodesOfOneDatabaseSeeEachOthersChanges(t *testing.T) {
	t.Parallel()
	db := pgtest.Start(t)
	one := cenotetest.Start(t, cenotetest.Options{Serve: true, Database: db})
	two := cenotetest.Start(t, cenotetest.Options{Serve: true, Database: db, DataDir: one.DataDir})
	made, err := one.SDK().CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: new("p")})
	must(t, err)
	_, err = two.SDK().DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: made.UserPool.Id})
	must(t, err)

	d := cenotetest.OpenData(t, cenotetest.Settings(t, "data-dir="+one.DataDir, "database="+db))
	k, err := d.CreateKey(t.Context(), operate.KeyRequest{Name: "ci"})
	must(t, err)
	for _, node := range []*cenotetest.Server{one, two} {
		list := func() string {
			_, err := cenotetest.Dial(node.URL, k.ID, k.Secret).ListUserPools(t.Context(), &idp.ListUserPoolsInput{MaxResults: new(int32(1))})
			return cenotetest.CodeOf(t, err)
		}
		if got := list(); got != "" {
			t.Errorf("a new key is answered %s", got)
		}
		defer cenotetest.Eventually(t, "a deleted key is refused", func() bool { return list() == "UnrecognizedClientException" })
	}
	must(t, d.DeleteKey(t.Context(), k.ID))
}

func TestANodeWithoutTheMasterKeyOfItsDatabaseMakesNone(t *testing.T) {
	t.Parallel()
	db := pgtest.Start(t)
	d, err := operate.OpenData(t.Context(), cenotetest.Settings(t, "database="+db), quiet)
	must(t, err)
	must(t, d.Close())
	dir := t.TempDir()
	_, err = operate.OpenData(t.Context(), cenotetest.Settings(t, "database="+db, "data-dir="+dir), quiet)
	if err == nil || !strings.HasPrefix(err.Error(), "--master-key-file: the master key of this database is missing") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "master.key")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a key was made: %v", err)
	}
}
