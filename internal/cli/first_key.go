package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/operate"
)

// firstKeyFile is the name of the file in the data folder that gets the first access key where standard output is kept.
const firstKeyFile = "first-access-key"

// keyForm is a key as the environment that AWS clients read.
const keyForm = "AWS_ACCESS_KEY_ID=%s\nAWS_SECRET_ACCESS_KEY=%s"

// tellFirstKey tells the operator the access key of the first start. systemd's journal would keep it where others of this machine may read it, so
// there a file for this user alone gets it.
func tellFirstKey(in *invocation, c *config.Config, k *operate.AccessKey) {
	if inJournal(in) {
		path := filepath.Join(c.DataDir, firstKeyFile)
		err := writePrivate(path, fmt.Sprintf(keyForm+"\n", k.ID, k.Secret))
		if err == nil {
			in.remark("First start: the root access key, which allows everything, is in %s. Move it to a safe place.", path)
			return
		}
		in.remark("cenote: warning: the root access key is printed here, because it cannot be written to a file: %v", err)
	}
	in.remark("First start. This is the root access key, which allows everything; it is shown only once:")
	printKey(in, k)
}

// writePrivate writes a file that only this user can read, in place of one that is there.
func writePrivate(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-") // 0600
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// printKey prints a key.
func printKey(in *invocation, k *operate.AccessKey) { say(in.out, keyForm, k.ID, k.Secret) }
