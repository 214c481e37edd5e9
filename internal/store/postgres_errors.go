package store

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// sqlState returns the code of the server's error in err's chain, or "".
func sqlState(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

// isConflict reports a transaction that lost against another one and is right when it is run again.
func isConflict(err error) bool {
	state := sqlState(err)
	return state == "40001" || state == "40P01" // serialization failure, deadlock
}

// isReadOnly reports a write on a server that takes none: a primary that became a standby.
func isReadOnly(err error) bool { return sqlState(err) == "25006" }

// isTransient reports that the server or the way to it is gone for now: another connection may reach its successor.
func isTransient(err error) bool {
	if err == nil {
		return false
	}
	switch state := sqlState(err); {
	case state == "25006", // read-only: no longer the primary
		state == "0A000" && strings.Contains(err.Error(), "hot standby"), // "cannot use serializable mode in a hot standby"
		state == "25P03",                                     // idle in a transaction for too long
		state == "57P01", state == "57P02", state == "57P03", // going down, crashed, starting
		state == "53300",               // too many connections, while those of a dead node linger
		strings.HasPrefix(state, "08"): // connection exceptions
		return true
	case state != "":
		return false
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, errStandby) || pgconn.SafeToRetry(err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone)
}

// wasRefused reports that the server refused a commit and kept its connection, so nothing was kept. (40003 is how
// CockroachDB says that it does not know.)
func wasRefused(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.SeverityUnlocalized == "ERROR" && e.Code != "40003" && !isTransient(err)
}
