package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
)

const selectImport = `select pool_id, job_id, account_id, name, role, algorithm, status, message, created, started, completed, imported, skipped, failed,
	lines, upload, lease, leased from user_imports `

// InsertImportJob stores a new job.
func (tx *Tx) InsertImportJob(j *pool.ImportJob) error {
	_, err := tx.exec(`insert into user_imports (pool_id, job_id, account_id, name, role, algorithm, status, message, created, started, completed, imported,
		skipped, failed, lines, upload, lease, leased) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		j.PoolID, j.ID, j.AccountID, j.Name, j.Role, j.Algorithm, string(j.Status), j.Message, micros(j.Created), micros(j.Started), micros(j.Completed),
		j.Imported, j.Skipped, j.Failed, j.Lines, j.Upload, j.Lease, micros(j.Leased))
	if err != nil {
		return fmt.Errorf("insert import job %s: %w", j.ID, err)
	}
	tx.makes("JobId", j.ID)
	return nil
}

// SaveImportJob stores a job that was loaded in this transaction. One that has ended loses its file.
func (tx *Tx) SaveImportJob(j *pool.ImportJob) error {
	_, err := tx.exec(`update user_imports set status = $3, message = $4, started = $5, completed = $6, imported = $7, skipped = $8, failed = $9, lines = $10,
		upload = $11, lease = $12, leased = $13 where pool_id = $1 and job_id = $2`, j.PoolID, j.ID, string(j.Status), j.Message, micros(j.Started),
		micros(j.Completed), j.Imported, j.Skipped, j.Failed, j.Lines, j.Upload, j.Lease, micros(j.Leased))
	if err == nil && j.Status != pool.ImportCreated && !j.Active() {
		_, err = tx.exec(`delete from user_import_parts where pool_id = $1 and job_id = $2`, j.PoolID, j.ID)
	}
	if err != nil {
		return fmt.Errorf("save import job %s: %w", j.ID, err)
	}
	return nil
}

// ImportJob loads a job of the pool; a fault when there is none.
func (tx *Tx) ImportJob(p *pool.Pool, id string) (*pool.ImportJob, error) {
	j, err := scanImport(tx.queryRow(selectImport+`where pool_id = $1 and job_id = $2`, p.ID, id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.Newf(fault.ResourceNotFound, "User import job %s does not exist.", id)
	}
	return j, err
}

// ImportJobs lists the jobs of a pool, the newest first: those made before the given one (the zero time for the first page), at most limit.
func (tx *Tx) ImportJobs(p *pool.Pool, before time.Time, id string, limit int) ([]*pool.ImportJob, error) {
	from := int64(1<<63 - 1)
	if !before.IsZero() {
		from = micros(before)
	}
	return collect(tx.query(selectImport+`where pool_id = $1 and (created, job_id) < ($2, $3) order by created desc, job_id desc limit cast($4 as bigint)`,
		p.ID, from, id, limit), scanImport)
}

// CountImportJobs counts the jobs of a pool.
func (tx *Tx) CountImportJobs(p *pool.Pool) (n int, err error) {
	return n, tx.queryRow(`select count(*) from user_imports where pool_id = $1`, p.ID).Scan(&n)
}

// activeImports are the statuses of jobs that run.
const activeImports = `status in ('Pending', 'InProgress', 'Stopping')`

// ImportRuns reports whether a job of the pool runs.
func (tx *Tx) ImportRuns(poolID string) (bool, error) {
	return tx.exists(`select 1 from user_imports where pool_id = $1 and `+activeImports, poolID)
}

// AccountImports reports whether a job of the account runs.
func (tx *Tx) AccountImports(accountID string) (bool, error) {
	return tx.exists(`select 1 from user_imports where account_id = $1 and `+activeImports, accountID)
}

// ImportJobsDue lists jobs that no node works on at the time, and those that wait for their start since before the other time; those first that
// were started first.
func (tx *Tx) ImportJobsDue(now, since time.Time) ([]*pool.ImportJob, error) {
	return collect(tx.query(selectImport+`where `+activeImports+` and leased <= $1 or status = 'Created' and created <= $2
		order by started, pool_id, job_id limit 100`, micros(now), micros(since)), scanImport)
}

func scanImport(r scanner) (*pool.ImportJob, error) {
	j := &pool.ImportJob{}
	var created, started, completed, leased int64
	var status string
	err := r.Scan(&j.PoolID, &j.ID, &j.AccountID, &j.Name, &j.Role, &j.Algorithm, &status, &j.Message, &created, &started, &completed, &j.Imported, &j.Skipped,
		&j.Failed, &j.Lines, &j.Upload, &j.Lease, &leased)
	j.Status = pool.ImportStatus(status)
	j.Created, j.Started, j.Completed, j.Leased = fromMicros(created), fromMicros(started), fromMicros(completed), fromMicros(leased)
	return j, err
}

// AddImportPart stores a part of an uploaded file.
func (tx *Tx) AddImportPart(j *pool.ImportJob, upload string, part int, content []byte) error {
	_, err := tx.exec(`insert into user_import_parts (pool_id, job_id, upload, part, content) values ($1, $2, $3, $4, $5)`, j.PoolID, j.ID, upload, part, content)
	return err
}

// ImportPart loads a part of the job's file, nil behind the last one.
func (tx *Tx) ImportPart(j *pool.ImportJob, part int) (content []byte, err error) {
	err = tx.queryRow(`select content from user_import_parts where pool_id = $1 and job_id = $2 and upload = $3 and part = $4`, j.PoolID, j.ID, j.Upload, part).
		Scan(&content)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return content, err
}

// ImportSize is how many bytes the job's file has.
func (tx *Tx) ImportSize(j *pool.ImportJob) (n int64, err error) {
	return n, tx.queryRow(`select coalesce(sum(octet_length(content)), 0) from user_import_parts where pool_id = $1 and job_id = $2 and upload = $3`,
		j.PoolID, j.ID, j.Upload).Scan(&n)
}

// DropUpload removes the parts of an upload that was given up or replaced.
func (tx *Tx) DropUpload(j *pool.ImportJob, upload string) error {
	_, err := tx.exec(`delete from user_import_parts where pool_id = $1 and job_id = $2 and upload = $3`, j.PoolID, j.ID, upload)
	return err
}

// AddImportLog stores what became of some lines.
func (tx *Tx) AddImportLog(j *pool.ImportJob, line int64, content string) error {
	_, err := tx.exec(`insert into user_import_logs (pool_id, job_id, line, content) values ($1, $2, $3, $4)`, j.PoolID, j.ID, line, content)
	return err
}

// ImportLog returns what became of the lines of a job, from the given line on, some of them, and the line with which it begins.
func (tx *Tx) ImportLog(j *pool.ImportJob, from int64) (line int64, content string, err error) {
	err = tx.queryRow(`select line, content from user_import_logs where pool_id = $1 and job_id = $2 and line >= $3 order by line limit 1`, j.PoolID, j.ID, from).
		Scan(&line, &content)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", nil
	}
	return line, content, err
}
