package operate_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/client"
	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/operate"
	"github.com/cenote-id/cenote/internal/store"
)

// Codes that were sent, devices that are remembered, and the answers for unknown users outlive the data key of their pool.
func TestCodesAndDevicesOutliveADataKey(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{})
	api := srv.SDK()
	const password = "Corr3ct-horse!"
	made, err := api.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{
		PoolName: aws.String("people"), AutoVerifiedAttributes: []types.VerifiedAttributeType{"email"},
		DeviceConfiguration: &types.DeviceConfigurationType{ChallengeRequiredOnNewDevice: true},
	})
	must(t, err)
	id := made.UserPool.Id
	app, err := api.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
		UserPoolId: id, ClientName: aws.String("app"), PreventUserExistenceErrors: "ENABLED",
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
	})
	must(t, err)
	people, err := client.NewPool(client.Config{PoolID: *id, ClientID: *app.UserPoolClient.ClientId, Endpoint: srv.URL})
	must(t, err)
	signUp := func(name string) *client.User {
		out, err := people.SignUp(t.Context(), client.SignUp{Username: name, Password: password, Attributes: []client.Attribute{{Name: "email", Value: name + "@example.com"}}})
		must(t, err)
		return out.User
	}
	ann, bob := signUp("ann"), signUp("bob")
	must(t, ann.ConfirmRegistration(t.Context(), srv.Code(t, "ann@example.com"), false))
	forBob := srv.Code(t, "bob@example.com")
	_, err = ann.SignIn(t.Context(), client.SignIn{Password: password})
	must(t, err)
	device := func() string {
		t.Helper()
		page, err := ann.ListDevices(t.Context(), 10, "")
		must(t, err)
		if len(page.Devices) != 1 {
			t.Fatalf("ann has %d devices, want the one", len(page.Devices))
		}
		return page.Devices[0].Key
	}
	phantom := func() string {
		t.Helper()
		out, err := api.ForgotPassword(t.Context(), &idp.ForgotPasswordInput{ClientId: app.UserPoolClient.ClientId, Username: aws.String("nobody")})
		must(t, err)
		return *out.CodeDeliveryDetails.Destination
	}
	phone, nobody := device(), phantom()

	data := cenotetest.OpenData(t, cenotetest.Settings(t, "data-dir="+srv.DataDir))
	_, until, err := data.Store.RotateDataKey(t.Context(), *id, store.DataKeyChange{Overlap: time.Hour, Settle: 2 * time.Second, Progress: func(int) {}})
	must(t, err)
	must(t, bob.ConfirmRegistration(t.Context(), forBob, false))
	signsInAgain := func() {
		t.Helper()
		must(t, ann.SignOut(t.Context()))
		if _, err := ann.SignIn(t.Context(), client.SignIn{Password: password}); err != nil {
			t.Fatal(err)
		}
		if got := device(); got != phone {
			t.Errorf("ann has the device %s, want %s", got, phone)
		}
		if got := phantom(); got != nobody {
			t.Errorf("a code for an unknown user goes to %s, and went to %s", got, nobody)
		}
	}
	signsInAgain()

	// An archive takes both keys along, and the earlier one is dropped where it is restored, too.
	key, err := age.GenerateX25519Identity()
	must(t, err)
	file := filepath.Join(t.TempDir(), "people.cenote")
	_, err = data.Export(t.Context(), []string{*id}, file, false, []age.Recipient{key.Recipient()}, func(float64) {})
	must(t, err)
	elsewhere, err := operate.OpenData(t.Context(), cenotetest.Settings(t, "data-dir="+t.TempDir()), operate.DataOptions{Log: quiet})
	must(t, err)
	t.Cleanup(func() { must(t, elsewhere.Close()) })
	_, err = elsewhere.Import(t.Context(), file, []age.Identity{key}, false, func(float64) {})
	must(t, err)
	keys := func() (earlier int) {
		must(t, elsewhere.View(t.Context(), func(tx *store.Tx) error {
			states, err := tx.DataKeyStates()
			earlier = len(states[*id].Until)
			return err
		}))
		return earlier
	}
	if n := keys(); n != 1 {
		t.Errorf("the restored pool has %d earlier keys, want 1", n)
	}
	must(t, elsewhere.Sweep(t.Context(), until))
	if n := keys(); n != 0 {
		t.Errorf("the restored pool has %d earlier keys at the end, want none", n)
	}

	must(t, data.Sweep(t.Context(), until))
	srv.Restart(t)
	signsInAgain()

	if _, _, err := data.RotateDataKey(t.Context(), *id, time.Second, nil); err == nil || !strings.Contains(err.Error(), "1m0s at least") {
		t.Errorf("an overlap of a second: %v", err)
	}
}
