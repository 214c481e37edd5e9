package cli

import (
	"fmt"
	"os"
	"syscall"
)

// inJournal reports whether systemd's journal keeps what the program prints. The variable tells the stream that systemd gave to the service, whose
// children inherit the variable even where their output goes elsewhere (systemd.exec(5)).
func inJournal(in *invocation) bool {
	out, ok := in.out.(*os.File)
	if !ok {
		return false
	}
	info, err := out.Stat()
	if err != nil {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	stream, _ := in.lookup("JOURNAL_STREAM")
	return ok && stream == fmt.Sprintf("%d:%d", stat.Dev, stat.Ino)
}
