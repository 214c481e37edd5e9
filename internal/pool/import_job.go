package pool

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// ImportStatus is where an import of users stands, spelled as the API does.
type ImportStatus string

// The statuses, in the order in which a job goes through them.
const (
	ImportCreated    ImportStatus = "Created"
	ImportPending    ImportStatus = "Pending"
	ImportInProgress ImportStatus = "InProgress"
	ImportStopping   ImportStatus = "Stopping"
	ImportExpired    ImportStatus = "Expired"
	ImportStopped    ImportStatus = "Stopped"
	ImportFailed     ImportStatus = "Failed"
	ImportSucceeded  ImportStatus = "Succeeded"
)

const (
	uploadLife = 15 * time.Minute // documented: how long a file can be uploaded
	importLife = 24 * time.Hour   // documented as 24 to 48 hours: how long a job waits for its start
)

// ImportJob is an import of users from a file.
type ImportJob struct {
	PoolID, ID, AccountID, Name, Role string

	Algorithm                   string // of the hashes in the file; "" when there are none
	Status                      ImportStatus
	Message                     string
	Created, Started, Completed time.Time
	Imported, Skipped, Failed   int64
	Lines                       int64  // of the file that are done, the header included
	Upload                      string // the file; "" for none
	Lease                       string // of the node that works on it
	Leased                      time.Time
}

// NewImportJob makes a job that waits for its file.
func NewImportJob(p *Pool, in *wire.CreateUserImportJobInput, now time.Time) *ImportJob {
	return &ImportJob{
		PoolID: p.ID, ID: "import-" + random(10, digits+uppers+lowers), AccountID: p.AccountID(), Name: in.JobName, Role: in.CloudWatchLogsRoleArn,
		Algorithm: in.PasswordHashingAlgorithm, Status: ImportCreated, Created: now,
	}
}

// Active reports whether the job runs, or is about to.
func (j *ImportJob) Active() bool {
	return j.Status == ImportPending || j.Status == ImportInProgress || j.Status == ImportStopping
}

// Start has the nodes run the job. It needs its file.
func (j *ImportJob) Start(now time.Time) error {
	if j.Status != ImportCreated {
		return fault.Newf(fault.PreconditionNotMet, "The user import job %s cannot be started in the status %s.", j.ID, j.Status)
	}
	if j.Upload == "" {
		return fault.Newf(fault.PreconditionNotMet, "No csv file was uploaded for %s", j.ID) // observed
	}
	j.Status, j.Started = ImportPending, now
	return nil
}

// Stop has the node that runs the job end it.
func (j *ImportJob) Stop(now time.Time) error {
	switch j.Status {
	case ImportPending:
		j.End(ImportStopped, importStopped, now)
	case ImportInProgress:
		j.Status = ImportStopping
	default:
		return fault.Newf(fault.PreconditionNotMet, "The user import job %s cannot be stopped in the status %s.", j.ID, j.Status)
	}
	return nil
}

const (
	importStopped = "The Import Job was stopped by the developer." // observed
	importExpired = "The user import job has expired."
)

// End ends the job. A job that was stopped is Stopped, however far it came.
func (j *ImportJob) End(status ImportStatus, message string, now time.Time) {
	if j.Status == ImportStopping {
		status, message = ImportStopped, importStopped
	}
	j.Status, j.Message, j.Completed, j.Upload, j.Lease = status, message, now, "", ""
}

// Overdue reports whether the job has waited too long for its start.
func (j *ImportJob) Overdue(now time.Time) bool {
	return j.Status == ImportCreated && !now.Before(j.Created.Add(importLife))
}

// Expire ends a job that has waited too long.
func (j *ImportJob) Expire(now time.Time) { j.End(ImportExpired, importExpired, now) }

// UploadURL is the address to which the file is sent by PUT. It holds for a while, for this job alone.
func (j *ImportJob) UploadURL(p *Pool, base string) string {
	return fmt.Sprintf("%s/imports/%s/%s?expires=%d&signature=%s", base, p.ID, j.ID, j.uploadEnd().Unix(), j.signature(p.Key.Derive(uploadPurpose)))
}

// CheckUpload reports whether an address is one that UploadURL made and that still holds.
func (j *ImportJob) CheckUpload(p *Pool, expires, signature string, now time.Time) bool {
	right := slices.ContainsFunc(p.Key.DeriveAll(uploadPurpose), func(key []byte) bool { return hmac.Equal([]byte(signature), []byte(j.signature(key))) })
	return right && expires == strconv.FormatInt(j.uploadEnd().Unix(), 10) && now.Before(j.uploadEnd())
}

func (j *ImportJob) uploadEnd() time.Time { return j.Created.Add(uploadLife) }

// uploadPurpose is what upload addresses need of the pool's data key.
const uploadPurpose = "user import upload"

func (j *ImportJob) signature(key []byte) string {
	mac := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(mac, "%s|%s|%d", j.PoolID, j.ID, j.uploadEnd().Unix()) // never fails
	return hex.EncodeToString(mac.Sum(nil))
}

// Show returns the job as the API shows it.
func (j *ImportJob) Show(p *Pool, base string) *wire.UserImportJobType {
	return &wire.UserImportJobType{
		JobName: j.Name, JobId: j.ID, UserPoolId: j.PoolID, PreSignedUrl: j.UploadURL(p, base), CreationDate: wire.At(j.Created),
		StartDate: wire.At(j.Started), CompletionDate: wire.At(j.Completed), Status: string(j.Status), CloudWatchLogsRoleArn: j.Role,
		ImportedUsers: &j.Imported, SkippedUsers: &j.Skipped, FailedUsers: &j.Failed, CompletionMessage: j.Message,
		PasswordHashingAlgorithm: j.Algorithm,
	}
}

// importColumns are the standard attributes of an import file, in the service's order (observed).
var importColumns = []string{
	"name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture", "website", Email, "email_verified",
	"gender", "birthdate", "zoneinfo", "locale", Phone, "phone_number_verified", "address", "updated_at",
}

// Columns of an import file that are no attributes.
const (
	ImportUsername = "cognito:username"
	ImportMFA      = "cognito:mfa_enabled"
	ImportHash     = "cognito:password_hash" // only in jobs that say how hashes were made
)

// ImportColumns are the columns of an import file without hashes.
func (p *Pool) ImportColumns() []string {
	var columns []string
	for _, name := range importColumns {
		if p.Attribute(name) != nil {
			columns = append(columns, name)
		}
	}
	for _, a := range p.Settings.SchemaAttributes {
		if IsCustom(a.Name) {
			columns = append(columns, a.Name)
		}
	}
	return append(columns, ImportMFA, ImportUsername)
}
