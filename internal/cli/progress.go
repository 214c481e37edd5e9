package cli

import (
	"fmt"
	"strings"
)

// progress tells how far long work is, on a terminal only. Each call replaces the line before.
func (in *invocation) progress(format string, args ...any) {
	if !isTerminal(in.err) {
		return
	}
	in.underWay = true
	_, _ = fmt.Fprintf(in.err, "\r\x1b[K"+format, args...)
}

// bar shows how much of the work is done.
func (in *invocation) bar(done, all int) {
	const width = 30
	full := done * width / max(all, 1)
	in.progress("[%s%s] %d of %d", strings.Repeat("#", full), strings.Repeat(" ", width-full), done, all)
}

// progressEnds takes the line of progress away, before other lines are written.
func (in *invocation) progressEnds() {
	if in.underWay {
		_, _ = fmt.Fprint(in.err, "\r\x1b[K")
		in.underWay = false
	}
}

// barWidth is the number of cells of a progress bar.
const barWidth = 30

// part returns the function that shows how much of long work is done, from 0 to 1, as a bar.
func (in *invocation) part(word string) func(float64) {
	return func(done float64) {
		full := int(done * barWidth)
		in.progress("[%s%s] %3d%% %s", strings.Repeat("#", full), strings.Repeat(".", barWidth-full), int(done*100), word)
	}
}
