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
	"github.com/cenote-id/cenote/internal/server"
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

	d := openData(t, settings(t, "data-dir="+one.DataDir, "database="+db))
	k, err := d.CreateKey(t.Context(), server.KeyRequest{Name: "ci"})
	must(t, err)
	for _, node := range []*cenotetest.Server{one, two} {
		list := func() string {
			_, err := dial(node.URL, k.ID, k.Secret).ListUserPools(t.Context(), &idp.ListUserPoolsInput{MaxResults: new(int32(1))})
			return codeOf(t, err)
		}
		if got := list(); got != "" {
			t.Errorf("a new key is answered %s", got)
		}
		defer eventually(t, "a deleted key is refused", func() bool { return list() == "UnrecognizedClientException" })
	}
	must(t, d.DeleteKey(t.Context(), k.ID))
}

func TestANodeWithoutTheMasterKeyOfItsDatabaseMakesNone(t *testing.T) {
	t.Parallel()
	db := pgtest.Start(t)
	d, err := server.OpenData(t.Context(), settings(t, "database="+db), quiet)
	must(t, err)
	must(t, d.Close())
	dir := t.TempDir()
	_, err = server.OpenData(t.Context(), settings(t, "database="+db, "data-dir="+dir), quiet)
	if err == nil || !strings.HasPrefix(err.Error(), "--master-key-file: the master key of this database is missing") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "master.key")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a key was made: %v", err)
	}
}
