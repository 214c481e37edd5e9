package transfer

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
	"github.com/cenote-id/cenote/internal/wire"
)

// addImportPool makes a pool to which users can be imported.
func addImportPool(t *testing.T, api *idp.Client) (poolID, clientID string) {
	t.Helper()
	made, err := api.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{
		PoolName: aws.String("people"), AutoVerifiedAttributes: []types.VerifiedAttributeType{types.VerifiedAttributeTypeEmail},
		AliasAttributes:       []types.AliasAttributeType{types.AliasAttributeTypeEmail},
		UsernameConfiguration: &types.UsernameConfigurationType{CaseSensitive: aws.Bool(false)},
		Schema:                []types.SchemaAttributeType{{Name: aws.String("tier"), AttributeDataType: types.AttributeDataTypeString, Mutable: aws.Bool(true)}},
	})
	must(t, err)
	return *made.UserPool.Id, addClient(t, api, *made.UserPool.Id)
}

// createJob makes a job. The algorithm of hashes is too new for the official client, so the request is made by hand.
func createJob(t *testing.T, srv *cenotetest.Server, poolID, algorithm string) *wire.UserImportJobType {
	t.Helper()
	in := wire.CreateUserImportJobInput{UserPoolId: poolID, JobName: "people", CloudWatchLogsRoleArn: "arn:aws:iam::000000000000:role/logs", PasswordHashingAlgorithm: algorithm}
	text, err := wire.Encode(in)
	must(t, err)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL, bytes.NewReader(text))
	must(t, err)
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService.CreateUserImportJob")
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=0")
	res, err := http.DefaultClient.Do(r)
	must(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(t, err)
	var out wire.CreateUserImportJobOutput
	if res.StatusCode != http.StatusOK {
		t.Fatalf("CreateUserImportJob answers %s", body)
	}
	must(t, wire.Unmarshal(body, &out))
	return out.UserImportJob
}

// put uploads a file and returns the status.
func put(t *testing.T, url, content string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url, strings.NewReader(content))
	must(t, err)
	r.Header.Set("X-Amz-Server-Side-Encryption", "aws:kms")
	res, err := http.DefaultClient.Do(r)
	must(t, err)
	defer res.Body.Close()
	return res.StatusCode
}

// row writes a row of the columns.
func row(columns []string, values map[string]string) string {
	var all []string
	for _, c := range columns {
		all = append(all, strings.ReplaceAll(values[c], ",", `\,`))
	}
	return strings.Join(all, ",") + "\n"
}

// finished waits until a job has ended.
func finished(t *testing.T, api *idp.Client, poolID, jobID string) *types.UserImportJobType {
	t.Helper()
	var job *types.UserImportJobType
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		out, err := api.DescribeUserImportJob(t.Context(), &idp.DescribeUserImportJobInput{UserPoolId: &poolID, JobId: &jobID})
		must(t, err)
		job = out.UserImportJob
		if job.CompletionDate != nil {
			return job
		}
	}
	t.Fatalf("the job does not end: %+v", job)
	return nil
}

var header = []string{
	"name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture", "website", "email", "email_verified", "gender",
	"birthdate", "zoneinfo", "locale", "phone_number", "phone_number_verified", "address", "updated_at", "custom:tier", "cognito:mfa_enabled", "cognito:username",
}

func both(t *testing.T, test func(t *testing.T, srv node)) {
	t.Parallel()
	for _, database := range []struct {
		name string
		url  func(testing.TB) string
	}{{"SQLite", embedded}, {"PostgreSQL", pgtest.Start}} {
		t.Run(database.name, func(t *testing.T) {
			t.Parallel()
			url := database.url(t)
			srv := cenotetest.Start(t, cenotetest.Options{Database: url})
			flags := []string{"--data-dir", srv.DataDir}
			if url != "" {
				flags = append(flags, "--database", url)
			}
			test(t, node{srv, flags})
		})
	}
}

func TestUsersAreImportedLineByLine(t *testing.T) {
	both(t, func(t *testing.T, srv node) {
		api := srv.SDK()
		poolID, clientID := addImportPool(t, api)
		columns, err := api.GetCSVHeader(t.Context(), &idp.GetCSVHeaderInput{UserPoolId: &poolID})
		must(t, err)
		if diff := cmp.Diff(header, columns.CSVHeader); diff != "" {
			t.Errorf("header (-want +got):\n%s", diff)
		}
		job := createJob(t, srv.Server, poolID, "")
		start := &idp.StartUserImportJobInput{UserPoolId: &poolID, JobId: &job.JobId}
		_, err = api.StartUserImportJob(t.Context(), start)
		if err == nil || cenotetest.CodeOf(t, err) != "PreconditionNotMetException" || !strings.Contains(err.Error(), "No csv file was uploaded for "+job.JobId) {
			t.Errorf("a start without a file is answered %v", err)
		}
		for name, url := range map[string]string{
			"an altered signature": job.PreSignedUrl[:len(job.PreSignedUrl)-1] + "x", "another expiry": strings.Replace(job.PreSignedUrl, "expires=", "expires=9", 1),
			"another job": strings.Replace(job.PreSignedUrl, job.JobId, "import-other", 1), "no signature": strings.Split(job.PreSignedUrl, "?")[0],
		} {
			if status := put(t, url, "x"); status != http.StatusForbidden {
				t.Errorf("%s is answered %d", name, status)
			}
		}
		user := func(name string, more ...string) map[string]string {
			v := map[string]string{"cognito:username": name, "cognito:mfa_enabled": "false", "email": name + "@example.com", "email_verified": "true"}
			for i := 0; i < len(more); i += 2 {
				v[more[i]] = more[i+1]
			}
			return v
		}
		shuffled := append(append([]string{}, header[5:]...), header[:5]...) // the order is free
		file := row(shuffled, func() map[string]string {
			names := map[string]string{}
			for _, c := range shuffled {
				names[c] = c
			}
			return names
		}())
		file += row(shuffled, user("ada", "cognito:mfa_enabled", "FALSE", "name", "Lovelace, Ada", "custom:tier", `=HYPERLINK("http://evil")`, "birthdate", "12/10/1815"))
		file += row(shuffled, user("bob", "email_verified", "false"))
		file += row(shuffled, user("ADA", "email", "other@example.com"))
		file += row(shuffled, user("cy", "email", "ada@example.com"))
		file += row(shuffled, user("dan", "birthdate", "1815-12-10"))
		file += row(shuffled, user("eve", "cognito:mfa_enabled", "true"))
		file += row(shuffled, user("fay", "name", "\xff\xfe"))
		file += row(shuffled, user("gus", "name", strings.Repeat("x", 200_000)))
		file += "\n"
		file += "a,b,c\n"
		file += row(shuffled, user("", "email", "nobody@example.com"))
		file += strings.TrimSuffix(row(shuffled, user("zoe")), "\n")
		if status := put(t, job.PreSignedUrl, "an earlier file"); status != http.StatusOK {
			t.Fatalf("the upload is answered %d", status)
		}
		if status := put(t, job.PreSignedUrl, file); status != http.StatusOK {
			t.Fatalf("the second upload is answered %d", status)
		}
		started, err := api.StartUserImportJob(t.Context(), start)
		must(t, err)
		if started.UserImportJob.Status != types.UserImportJobStatusTypePending {
			t.Errorf("started: %s", started.UserImportJob.Status)
		}
		done := finished(t, api, poolID, job.JobId)
		if done.Status != types.UserImportJobStatusTypeSucceeded || done.ImportedUsers != 2 || done.SkippedUsers != 1 || done.FailedUsers != 8 {
			t.Errorf("the job ends as %+v", done)
		}
		log, _, code := run(t, srv.args("import-log", job.JobId, "--pool", poolID)...)
		want := `[SUCCEEDED] Line Number 2 - The import succeeded.
[FAILED] Line Number 3 - The User Record does not set any of the auto verified attributes to true. (Example: email_verified to true)
[SKIPPED] Line Number 4 - The user already exists.
[FAILED] Line Number 5 - An account with the given email already exists.
[FAILED] Line Number 6 - birthdate: the format is mm/dd/yyyy.
[FAILED] Line Number 7 - cognito:mfa_enabled must be false, since the user pool has no MFA.
[FAILED] Line Number 8 - The row is not valid UTF-8.
[FAILED] Line Number 9 - The row has more than 16000 characters.
[FAILED] Line Number 11 - The row has 3 values, the header has 22 columns.
[FAILED] Line Number 12 - The User Record does not set cognito:username.
[SUCCEEDED] Line Number 13 - The import succeeded.
`
		if diff := cmp.Diff(want, log); diff != "" || code != 0 {
			t.Errorf("log (-want +got):\n%s", diff)
		}
		got, err := api.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &poolID, Username: aws.String("ada")})
		must(t, err)
		values := map[string]string{}
		for _, a := range got.UserAttributes {
			values[*a.Name] = *a.Value
		}
		if got.UserStatus != types.UserStatusTypeResetRequired || values["name"] != "Lovelace, Ada" || values["custom:tier"] != `=HYPERLINK("http://evil")` {
			t.Errorf("the user is %s %v", got.UserStatus, values)
		}
		if _, err := signIn(t, api, clientID, "ada", password); cenotetest.CodeOf(t, err) != "PasswordResetRequiredException" && cenotetest.CodeOf(t, err) != "NotAuthorizedException" {
			t.Errorf("a sign-in without a password is answered %v", err)
		}
		for name, call := range map[string]func() error{
			"start": func() error { _, err := api.StartUserImportJob(t.Context(), start); return err },
			"stop": func() error {
				_, err := api.StopUserImportJob(t.Context(), &idp.StopUserImportJobInput{UserPoolId: &poolID, JobId: &job.JobId})
				return err
			},
		} {
			if code := cenotetest.CodeOf(t, call()); code != "PreconditionNotMetException" {
				t.Errorf("%s of a job that has ended is answered %s", name, code)
			}
		}
		if status := put(t, job.PreSignedUrl, file); status != http.StatusConflict {
			t.Errorf("an upload for a job that has ended is answered %d", status)
		}
	})
}

// Where an address is the username, one that somebody has is a user who exists already.
func TestImportedAddressesThatAreTakenAreSkipped(t *testing.T) {
	both(t, func(t *testing.T, srv node) {
		api := srv.SDK()
		made, err := api.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{
			PoolName: aws.String("people"), AutoVerifiedAttributes: []types.VerifiedAttributeType{"email"},
			UsernameAttributes: []types.UsernameAttributeType{"email", "phone_number"}, UsernameConfiguration: &types.UsernameConfigurationType{CaseSensitive: aws.Bool(false)},
		})
		must(t, err)
		poolID := *made.UserPool.Id
		out, err := api.GetCSVHeader(t.Context(), &idp.GetCSVHeaderInput{UserPoolId: &poolID})
		must(t, err)
		job := createJob(t, srv.Server, poolID, "")
		file := strings.Join(out.CSVHeader, ",") + "\n"
		for _, names := range [][2]string{{"ada@example.com", "+15550001111"}, {"ADA@example.com", ""}, {"bob@example.com", "+15550001111"}} {
			file += row(out.CSVHeader, map[string]string{"cognito:username": names[0], "email_verified": "true", "cognito:mfa_enabled": "false", "phone_number": names[1]})
		}
		if status := put(t, job.PreSignedUrl, file); status != http.StatusOK {
			t.Fatalf("the upload is answered %d", status)
		}
		_, err = api.StartUserImportJob(t.Context(), &idp.StartUserImportJobInput{UserPoolId: &poolID, JobId: &job.JobId})
		must(t, err)
		if done := finished(t, api, poolID, job.JobId); done.ImportedUsers != 1 || done.SkippedUsers != 1 || done.FailedUsers != 1 {
			t.Errorf("imported %d, skipped %d, failed %d", done.ImportedUsers, done.SkippedUsers, done.FailedUsers)
		}
		log, _, _ := run(t, srv.args("import-log", job.JobId, "--pool", poolID)...)
		want := `[SUCCEEDED] Line Number 2 - The import succeeded.
[SKIPPED] Line Number 3 - The user already exists.
[FAILED] Line Number 4 - An account with the given phone_number already exists.
`
		if diff := cmp.Diff(want, log); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
	})
}

// The upload that ends last is the file of its job, also when another one came and went while it was under way.
func TestOfTwoUploadsAtOnceTheLastOneIsWhole(t *testing.T) {
	both(t, func(t *testing.T, srv node) {
		api := srv.SDK()
		poolID, _ := addImportPool(t, api)
		job := createJob(t, srv.Server, poolID, "")
		file := func(names ...string) string {
			text := strings.Join(header, ",") + "\n"
			for _, name := range names {
				text += row(header, map[string]string{
					"cognito:username": name, "cognito:mfa_enabled": "false", "email": name + "@example.com", "email_verified": "true", "profile": strings.Repeat("p", 2000),
				})
			}
			return text
		}
		var many []string
		for n := range 1000 { // two megabytes: several parts
			many = append(many, fmt.Sprint("u", n))
		}
		slow := file(many...)
		body, send := io.Pipe()
		status := make(chan int)
		go func() {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, job.PreSignedUrl, body)
			if err != nil {
				t.Error(err)
			}
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Error(err)
				close(status)
				return
			}
			_ = res.Body.Close()
			status <- res.StatusCode
		}()
		_, err := io.WriteString(send, slow[:len(slow)/2]) // what is read has reached the server's hands but for a buffer
		must(t, err)
		if status := put(t, job.PreSignedUrl, file("quick")); status != http.StatusOK {
			t.Fatalf("the quick upload is answered %d", status)
		}
		_, err = io.WriteString(send, slow[len(slow)/2:])
		must(t, err)
		must(t, send.Close())
		if got := <-status; got != http.StatusOK {
			t.Fatalf("the slow upload is answered %d", got)
		}
		_, err = api.StartUserImportJob(t.Context(), &idp.StartUserImportJobInput{UserPoolId: &poolID, JobId: &job.JobId})
		must(t, err)
		if done := finished(t, api, poolID, job.JobId); done.Status != types.UserImportJobStatusTypeSucceeded || done.ImportedUsers != 1000 {
			t.Errorf("the job ends as %s with %d users: %s", done.Status, done.ImportedUsers, aws.ToString(done.CompletionMessage))
		}
	})
}

// Hashes of "Sesame-2026!".
var hashes = map[string]string{
	"BCRYPT":        bcryptHash,
	"PBKDF2_SHA256": pbkdf2Hash,
	"SCRYPT":        scryptHash,
	"ARGON2ID":      argonHash,
}

func TestImportedHashesSignUsersInAndAreReplacedByVerifiers(t *testing.T) {
	both(t, func(t *testing.T, srv node) {
		api := srv.SDK()
		poolID, clientID := addImportPool(t, api)
		for algorithm, hash := range hashes {
			name := strings.ToLower(algorithm)
			job := createJob(t, srv.Server, poolID, algorithm)
			columns := append([]string{"cognito:password_hash"}, header...)
			names := map[string]string{}
			for _, c := range columns {
				names[c] = c
			}
			base := map[string]string{"cognito:username": name, "cognito:mfa_enabled": "false", "email": name + "@example.com", "email_verified": "true", "cognito:password_hash": hash}
			file := row(columns, names) + row(columns, base)
			base["cognito:username"], base["cognito:password_hash"], base["email"] = name+"-bad", "$5$unknown", "bad"+name+"@example.com"
			file += row(columns, base)
			if status := put(t, job.PreSignedUrl, file); status != http.StatusOK {
				t.Fatalf("the upload is answered %d", status)
			}
			_, err := api.StartUserImportJob(t.Context(), &idp.StartUserImportJobInput{UserPoolId: &poolID, JobId: &job.JobId})
			must(t, err)
			if done := finished(t, api, poolID, job.JobId); done.ImportedUsers != 1 || done.FailedUsers != 1 {
				t.Fatalf("%s: %s %s, imported %d, failed %d", algorithm, done.Status, aws.ToString(done.CompletionMessage), done.ImportedUsers, done.FailedUsers)
			}
			if _, err := signIn(t, api, clientID, name, "another password"); cenotetest.CodeOf(t, err) != "NotAuthorizedException" {
				t.Errorf("%s: another password: %v", algorithm, err)
			}
			for _, storage := range []string{"first", "second"} {
				if _, err := signIn(t, api, clientID, name, password); err != nil {
					t.Errorf("%s: the %s sign-in: %v", algorithm, storage, err)
				}
			}
			answer(t, userOf(t, srv.Server, poolID, clientID, nil, name), "") // SRP needs the verifier
		}
	})
}

func TestAFileThatCannotBeImportedFailsItsJob(t *testing.T) {
	both(t, func(t *testing.T, srv node) {
		api := srv.SDK()
		poolID, _ := addImportPool(t, api)
		first := strings.Join(header, ",")
		for _, tc := range []struct{ name, file, want string }{
			{"nothing", "", "The file has no header."},
			{"UTF-16", "\xff\xfen\x00a\x00m\x00e\x00", "The header of the file cannot be read: The row is not valid UTF-8."},
			{"a byte order mark", "\ufeff" + first + "\n", "The file begins with a byte order mark."},
			{"a column less", strings.TrimSuffix(first, ",cognito:username") + "\n", `The header of the file lacks the column "cognito:username".`},
			{"a column twice", first + ",email\n", `The header of the file has the column "email" twice.`},
			{"hashes in a job without them", first + ",cognito:password_hash\n", `The header of the file has an unknown column "cognito:password_hash".`},
		} {
			job := createJob(t, srv.Server, poolID, "")
			if status := put(t, job.PreSignedUrl, tc.file); status != http.StatusOK {
				t.Fatalf("%s: the upload is answered %d", tc.name, status)
			}
			_, err := api.StartUserImportJob(t.Context(), &idp.StartUserImportJobInput{UserPoolId: &poolID, JobId: &job.JobId})
			if tc.file == "" {
				if err != nil {
					t.Errorf("%s: %v", tc.name, err)
					continue
				}
			}
			must(t, err)
			done := finished(t, api, poolID, job.JobId)
			if done.Status != types.UserImportJobStatusTypeFailed || aws.ToString(done.CompletionMessage) != tc.want || done.ImportedUsers+done.FailedUsers+done.SkippedUsers != 0 {
				t.Errorf("%s: the job ends as %s: %s", tc.name, done.Status, aws.ToString(done.CompletionMessage))
			}
		}
		seen := map[string]bool{}
		var token *string
		for {
			page, err := api.ListUserImportJobs(t.Context(), &idp.ListUserImportJobsInput{UserPoolId: &poolID, MaxResults: aws.Int32(4), PaginationToken: token})
			must(t, err)
			for _, j := range page.UserImportJobs {
				seen[*j.JobId] = true
			}
			if token = page.PaginationToken; token == nil {
				break
			}
		}
		if len(seen) != 6 {
			t.Errorf("the list shows %d jobs", len(seen))
		}
		late := createJob(t, srv.Server, poolID, "")
		srv.Advance(t, 16*time.Minute)
		if status := put(t, late.PreSignedUrl, first); status != http.StatusForbidden {
			t.Errorf("an upload after 16 minutes is answered %d", status)
		}
		srv.Advance(t, 24*time.Hour)
		out, err := api.DescribeUserImportJob(t.Context(), &idp.DescribeUserImportJobInput{UserPoolId: &poolID, JobId: &late.JobId})
		must(t, err)
		if out.UserImportJob.Status != types.UserImportJobStatusTypeExpired {
			t.Errorf("after a day the job is %s", out.UserImportJob.Status)
		}
	})
}

func TestAnImportIsStoppedAndTheRestOfThePoolIsHeldMeanwhile(t *testing.T) {
	both(t, func(t *testing.T, srv node) {
		api := srv.SDK()
		poolID, _ := addImportPool(t, api)
		job := createJob(t, srv.Server, poolID, "")
		var file strings.Builder
		file.WriteString(strings.Join(header, ",") + "\n")
		for i := range 60_000 {
			file.WriteString(row(header, map[string]string{"cognito:username": fmt.Sprintf("u%d", i), "cognito:mfa_enabled": "false", "email": fmt.Sprintf("u%d@example.com", i), "email_verified": "true"}))
		}
		if status := put(t, job.PreSignedUrl, file.String()); status != http.StatusOK {
			t.Fatalf("the upload is answered %d", status)
		}
		_, err := api.StartUserImportJob(t.Context(), &idp.StartUserImportJobInput{UserPoolId: &poolID, JobId: &job.JobId})
		must(t, err)
		_, err = api.DeleteUserPool(t.Context(), &idp.DeleteUserPoolInput{UserPoolId: &poolID})
		if code := cenotetest.CodeOf(t, err); code != "UserImportInProgressException" {
			t.Errorf("the deletion of the pool is answered %q", code)
		}
		stopped, err := api.StopUserImportJob(t.Context(), &idp.StopUserImportJobInput{UserPoolId: &poolID, JobId: &job.JobId})
		must(t, err)
		if s := stopped.UserImportJob.Status; s != types.UserImportJobStatusTypeStopping && s != types.UserImportJobStatusTypeStopped {
			t.Errorf("after the stop: %s", s)
		}
		done := finished(t, api, poolID, job.JobId)
		if done.Status != types.UserImportJobStatusTypeStopped || aws.ToString(done.CompletionMessage) != "The Import Job was stopped by the developer." || done.ImportedUsers >= 60_000 {
			t.Errorf("the job ends as %+v", done)
		}
	})
}
