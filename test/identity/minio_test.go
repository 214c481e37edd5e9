package identity_test

import (
	"os"
	"os/exec"
	"regexp"
	"testing"

	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// A real MinIO gives an identity the credentials of a role, for a token that it verifies by the server's discovery document and keys. The program
// is built by `make minio`, which names it by CENOTE_TEST_MINIO; it is too large to be built by every run.
func TestCredentialsComeFromMinIO(t *testing.T) {
	t.Parallel()
	program := os.Getenv("CENOTE_TEST_MINIO")
	if program == "" {
		t.Skip("CENOTE_TEST_MINIO names no MinIO")
	}
	address := cenotetest.FreeAddress(t)
	o := options("")
	o.Settings = map[string]string{"sts-endpoint": "http://" + address}
	s := newSite(t, o, nil)

	var out cenotetest.Output
	minio := exec.Command(program, "server", "--address", address, t.TempDir())
	minio.Env = append(os.Environ(), "MINIO_ROOT_USER=root", "MINIO_ROOT_PASSWORD=a-root-password", "MINIO_BROWSER=off",
		"MINIO_IDENTITY_OPENID_CONFIG_URL="+s.URL+"/.well-known/openid-configuration", "MINIO_IDENTITY_OPENID_CLIENT_ID="+s.pool,
		"MINIO_IDENTITY_OPENID_ROLE_POLICY=readonly")
	minio.Stdout, minio.Stderr = &out, &out
	must(t, minio.Start())
	t.Cleanup(func() {
		_ = minio.Process.Kill()
		_ = minio.Wait()
	})
	arn, ready := regexp.MustCompile(`arn:minio:iam:::role/\S+`), regexp.MustCompile(`API: http`)
	cenotetest.Eventually(t, "MinIO serves", func() bool { return arn.MatchString(out.String()) && ready.MatchString(out.String()) })
	role := arn.FindString(out.String())
	_, err := s.ids.SetIdentityPoolRoles(t.Context(), &ci.SetIdentityPoolRolesInput{
		IdentityPoolId: &s.pool, Roles: map[string]string{"authenticated": role, "unauthenticated": role},
	})
	must(t, err)

	got, err := s.credentials(t, s.getID(t, nil), nil)
	must(t, err)
	if *got.Credentials.AccessKeyId == "" || *got.Credentials.SessionToken == "" || !got.Credentials.Expiration.After(s.Now()) {
		t.Errorf("credentials: %+v", got.Credentials)
	}
	id, _ := s.signIn(t, "ann")
	logins := map[string]string{s.awsForm: id}
	user, err := s.credentials(t, s.getID(t, logins), logins)
	must(t, err)
	if *user.Credentials.AccessKeyId == *got.Credentials.AccessKeyId {
		t.Error("a user has the credentials of a guest")
	}
}
