package userpools

import "github.com/cenote-id/cenote/internal/fault"

// withinQuota refuses something that was inserted when the pool now has more of its kind than it can have. It counts afterwards, so that of two
// requests at once one is refused.
func withinQuota(count func(poolID string) (int64, error), poolID string, most int64, kind string) error {
	n, err := count(poolID)
	if err == nil && n > most {
		err = fault.Newf(fault.LimitExceeded, "A user pool can have at most %d %s.", most, kind)
	}
	return err
}
