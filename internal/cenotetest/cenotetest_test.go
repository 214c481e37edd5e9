package cenotetest_test

import (
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

func TestAServerKeepsDataAddressMessagesAndClockOverARestart(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{})
	url := srv.URL
	srv.Advance(t, 24*time.Hour)
	_, err := srv.SDK().AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
		UserPoolId: &srv.PoolID, Username: new("ann@example.com"),
		DesiredDeliveryMediums: []types.DeliveryMediumType{"EMAIL"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if code := srv.Code(t, "ann@example.com"); code == "" {
		t.Error("the invitation has no temporary password")
	}
	srv.Restart(t)
	if srv.URL != url {
		t.Errorf("address %s, was %s", srv.URL, url)
	}
	u, err := srv.SDK().AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &srv.PoolID, Username: new("ann@example.com")})
	if err != nil {
		t.Fatal(err)
	}
	if ahead := time.Until(*u.UserCreateDate); ahead < 23*time.Hour {
		t.Errorf("the user was made %s from now, want a day", ahead)
	}
	if found := srv.Messages(t, "ann@example.com"); len(found) != 1 {
		t.Errorf("the inbox holds %d messages, want the invitation", len(found))
	}
}

func TestAProcessComesBackAfterAKill(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the command")
	}
	p := cenotetest.StartBinary(t, cenotetest.BinaryOptions{})
	made, err := p.SDK().CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: new("p")})
	if err != nil {
		t.Fatal(err)
	}
	url := p.URL
	p.Kill()
	p.Start(t)
	if p.URL != url {
		t.Errorf("address %s, was %s", p.URL, url)
	}
	if _, err := p.SDK().DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: made.UserPool.Id}); err != nil {
		t.Errorf("an acknowledged pool is lost: %v", err)
	}
	if code := p.Stop(t); code != 0 {
		t.Errorf("exit code %d\n%s", code, p.Log())
	}
}
