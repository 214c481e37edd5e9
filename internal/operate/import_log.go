package operate

import (
	"context"
	"io"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
)

// ImportLog writes what became of each line of a user import so far.
func (d *Data) ImportLog(ctx context.Context, poolID, jobID string, to io.Writer) error {
	var job *pool.ImportJob
	err := d.View(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(poolID)
		if err != nil {
			return err
		}
		job, err = tx.ImportJob(p, jobID)
		return err
	})
	for line := int64(0); err == nil; line++ {
		var content string
		err = d.View(ctx, func(tx *store.Tx) (err error) {
			line, content, err = tx.ImportLog(job, line)
			return err
		})
		if err != nil || content == "" {
			break
		}
		_, err = io.WriteString(to, content)
	}
	return told(err)
}
