package importer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// outcome is what became of a line, spelled as the service's logs do.
type outcome string

const (
	succeeded outcome = "SUCCEEDED"
	skipped   outcome = "SKIPPED"
	failed    outcome = "FAILED"
	blank     outcome = ""
)

// readHeader returns the columns of a file, or why none of its rows can be imported.
func readHeader(p *pool.Pool, header line, hashes bool) (columns []string, flaw string) {
	if len(p.Settings.AutoVerifiedAttributes) == 0 {
		return nil, "The user pool has no auto verified attributes."
	}
	if header.flaw != "" {
		return nil, "The header of the file cannot be read: " + header.flaw
	}
	if strings.TrimSpace(header.text) == "" {
		return nil, "The file has no header."
	}
	if strings.HasPrefix(header.text, "\ufeff") {
		return nil, "The file begins with a byte order mark."
	}
	want := p.ImportColumns()
	columns = cells(header.text)
	for i, name := range columns {
		if slices.Contains(columns[:i], name) {
			return nil, fmt.Sprintf("The header of the file has the column %q twice.", name)
		}
		if !slices.Contains(want, name) && !(hashes && name == pool.ImportHash) {
			return nil, fmt.Sprintf("The header of the file has an unknown column %q.", name)
		}
	}
	for _, name := range want {
		if !slices.Contains(columns, name) {
			return nil, fmt.Sprintf("The header of the file lacks the column %q.", name)
		}
	}
	return columns, ""
}

// sheet is what the rows of a file have in common.
type sheet struct {
	pool      *pool.Pool
	columns   []string
	algorithm string // of the password hashes; empty when there are none
	size      int64  // of the file, in bytes
}

// row is a line of the file and the user that it makes.
type row struct {
	line     int64
	username string     // as the line has it
	user     *user.User // nil when there is none
	flaw     string     // why; "" for a blank line
}

// row makes a user of a line.
func (s *sheet) row(from line, n int64, now time.Time) row {
	r := row{line: n, flaw: from.flaw}
	if r.flaw != "" || strings.TrimSpace(from.text) == "" {
		return r
	}
	values := cells(from.text)
	if len(values) != len(s.columns) {
		r.flaw = fmt.Sprintf("The row has %d values, the header has %d columns.", len(values), len(s.columns))
		return r
	}
	fields := map[string]string{}
	for i, name := range s.columns {
		if values[i] != "" {
			fields[name] = values[i]
		}
	}
	r.username = fields[pool.ImportUsername]
	var err error
	if r.user, err = s.user(spreadID(from.place, s.size), fields, now); err != nil {
		r.user, r.flaw = nil, oneLine(err.Error())
		var f *fault.Error
		if errors.As(err, &f) {
			r.flaw = oneLine(f.Message)
		}
	}
	return r
}

// user makes a user of the fields of a row.
func (s *sheet) user(id string, fields map[string]string, now time.Time) (*user.User, error) {
	p := s.pool
	name, mfa, hash := fields[pool.ImportUsername], strings.ToLower(fields[pool.ImportMFA]), fields[pool.ImportHash] // spreadsheets write TRUE
	delete(fields, pool.ImportUsername)
	delete(fields, pool.ImportMFA)
	delete(fields, pool.ImportHash)
	if name == "" {
		return nil, refusal("The User Record does not set cognito:username.")
	}
	if err := checkMFA(p, mfa); err != nil {
		return nil, err
	}
	if err := wire.CheckUsername(name); err != nil {
		return nil, err
	}
	if err := user.CheckUsername(p, name, fields); err != nil {
		return nil, err
	}
	if date := fields["birthdate"]; date != "" {
		if _, err := time.Parse("01/02/2006", date); err != nil {
			return nil, refusal("birthdate: the format is mm/dd/yyyy.")
		}
	}
	if err := user.CheckNew(p, fields, true); err != nil {
		return nil, err
	}
	verified := false
	for _, contact := range p.Settings.AutoVerifiedAttributes {
		verified = verified || fields[contact] != "" && fields[user.VerifiedName(contact)] == "true"
	}
	if !verified {
		return nil, refusal("The User Record does not set any of the auto verified attributes to true. (Example: email_verified to true)") // documented
	}
	u := user.New(p, id, name, user.ResetRequired, now)
	for name, value := range fields {
		u.Attributes.Set(name, value)
	}
	u.Factors.UsesSMS = mfa == "true" && p.OffersMFA(pool.SMSMFA) && fields[pool.Phone] != ""
	if hash != "" {
		if err := credential.CheckHash(credential.HashAlgorithm(s.algorithm), hash); err != nil {
			return nil, refusal("cognito:password_hash: " + err.Error() + ".")
		}
		u.Password, u.Status = user.NewHash(hash), user.Confirmed
	}
	return u, nil
}

// refusal is why a row makes no user, as the log tells it.
func refusal(text string) error { return fault.New(fault.InvalidParameter, text) }

// checkMFA holds the column to the pool's setting (documented).
func checkMFA(p *pool.Pool, mfa string) error {
	switch {
	case mfa != "true" && mfa != "false":
		return refusal("cognito:mfa_enabled must be true or false.")
	case mfa == "false" && p.MFA() == pool.MFARequired:
		return refusal("cognito:mfa_enabled must be true, since the user pool requires MFA.")
	case mfa == "true" && p.MFA() == pool.MFAOff:
		return refusal("cognito:mfa_enabled must be false, since the user pool has no MFA.")
	}
	return nil
}

// insert stores the user of the row and returns what became of it.
func (r row) insert(tx *store.Tx, p *pool.Pool) (outcome, string, error) {
	if r.flaw != "" {
		return failed, r.flaw, nil
	}
	if r.user == nil {
		return blank, "", nil
	}
	err := tx.WithAliases(p, r.user, false, func(p *pool.Pool, u *user.User) error {
		err := tx.InsertUser(p, u)
		if taken, ok := errors.AsType[*store.NameTaken](err); ok && taken.Name.Value == p.Fold(r.username) {
			return errExists // whichever attribute the username went to
		}
		return err
	})
	if err == nil {
		return succeeded, "The import succeeded.", nil
	}
	if what, text, ok := asOutcome(err); ok {
		return what, text, nil
	}
	return failed, "", err
}
