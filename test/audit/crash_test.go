package audit_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

// TestNothingAcknowledgedIsMissingAfterAKill kills a server under load. Every user that is there has a line that tells of it, and every line
// a user; what was acknowledged is in the stream as well.
func TestNothingAcknowledgedIsMissingAfterAKill(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			o := cenotetest.BinaryOptions{}
			stream := filepath.Join(t.TempDir(), "audit.jsonl")
			o.Args = []string{"--audit-stream", stream}
			if engine == "postgres" {
				o.Database = pgtest.Start(t)
			}
			p := cenotetest.StartBinary(t, o)
			s := &site{Server: &cenotetest.Server{URL: p.URL, AccessKeyID: p.AccessKeyID, SecretAccessKey: p.SecretAccessKey, DataDir: p.DataDir}, api: p.SDK(), database: o.Database, stream: stream}
			pool := s.pool(t)
			var mu sync.Mutex
			acknowledged := map[string]bool{}
			var writers sync.WaitGroup
			enough := make(chan struct{})
			var once sync.Once
			for w := range 4 {
				writers.Go(func() {
					for i := 0; ; i++ {
						name := fmt.Sprintf("u%d-%d", w, i)
						_, err := s.api.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &pool, Username: &name, MessageAction: types.MessageActionTypeSuppress})
						if err != nil {
							return
						}
						mu.Lock()
						acknowledged[name] = true
						if len(acknowledged) > 60 {
							once.Do(func() { close(enough) })
						}
						mu.Unlock()
					}
				})
			}
			select {
			case <-enough:
			case <-time.After(time.Minute):
				t.Error("60 users take more than a minute")
			}
			p.Kill()
			writers.Wait()
			p.Start(t)

			acts, _ := s.acts(t, "--operation", "AdminCreateUser")
			logged := map[string]bool{}
			for _, a := range acts {
				logged[a.User] = a.Outcome == "OK"
			}
			streamed := map[string]bool{}
			for _, a := range decode(t, s.streamed(t)) {
				streamed[a.User] = true
			}
			for name := range acknowledged {
				if !logged[name] || !streamed[name] {
					t.Errorf("%s was acknowledged; in the log: %t, in the stream: %t", name, logged[name], streamed[name])
				}
			}
			there := map[string]bool{}
			pages := idp.NewListUsersPaginator(s.api, &idp.ListUsersInput{UserPoolId: &pool})
			for pages.HasMorePages() {
				page, err := pages.NextPage(t.Context())
				must(t, err)
				for _, u := range page.Users {
					there[*u.Username] = true
				}
			}
			for name := range there {
				if !logged[name] {
					t.Errorf("%s is there and not in the log", name)
				}
			}
			for name := range logged {
				if !there[name] {
					t.Errorf("%s is in the log and not there", name)
				}
			}
		})
	}
}

func TestAStreamThatIsRotatedGoesOnInTheNewFile(t *testing.T) {
	t.Parallel()
	onBoth(t, nil, func(t *testing.T, s *site) {
		first := s.pool(t)
		must(t, os.Rename(s.stream, s.stream+".1"))
		second := s.pool(t)
		if acts := decode(t, s.streamed(t)); len(acts) != 1 || acts[0].Pool != second {
			t.Errorf("the new file has %+v, want the pool %s", acts, second)
		}
		old, err := os.ReadFile(s.stream + ".1")
		must(t, err)
		if acts := decode(t, string(old)); acts[len(acts)-1].Pool != first {
			t.Errorf("the old file ends in %+v, want the pool %s", acts[len(acts)-1], first)
		}
	})
}

// TestAnActThatCannotBeRecordedIsRefused takes the table away from a running server.
func TestAnActThatCannotBeRecordedIsRefused(t *testing.T) {
	t.Parallel()
	s := &site{database: pgtest.Start(t)}
	s.Server = cenotetest.Start(t, cenotetest.Options{Serve: true, Database: s.database})
	s.api = s.SDK()
	pool := s.pool(t)
	pgtest.Exec(t, s.database, "drop table acts")
	_, err := s.api.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &pool, Username: aws.String("ana"), MessageAction: "SUPPRESS"})
	var internal *types.InternalErrorException
	if !errors.As(err, &internal) {
		t.Errorf("answered %v", err)
	}
	_, err = s.api.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &pool, Username: aws.String("ana")})
	wantCode(t, err, "UserNotFoundException")
}
