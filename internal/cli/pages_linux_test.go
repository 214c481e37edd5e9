package cli

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestTheStartLeavesTheMemory(t *testing.T) {
	before := residentProgram(t)
	dropStartPages()
	after := residentProgram(t)
	if after > before*3/4 {
		t.Errorf("%d KiB of the program are resident, of %d before", after, before)
	}
}

// residentProgram returns how much of the program's file is in memory for this process, in KiB.
func residentProgram(t *testing.T) (kib int) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Skip("only /proc tells what is resident:", err)
	}
	var own bool
	for line := range strings.Lines(string(maps)) {
		fields := strings.Fields(line)
		switch {
		case strings.Contains(fields[0], "-"): // of a mapping
			own = fields[len(fields)-1] == program
		case own && fields[0] == "Rss:":
			n, err := strconv.Atoi(fields[1])
			if err != nil {
				t.Fatal(err)
			}
			kib += n
		}
	}
	if kib == 0 {
		t.Fatal("nothing of the program is resident")
	}
	return kib
}
