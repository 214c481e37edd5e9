package cli

import (
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"golang.org/x/term"
)

// table lays out rows in columns that are as wide as they have to be, three spaces apart. Each row is one line, whatever is in it.
func table(rows [][]string) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = printable(cell)
		}
		_, _ = io.WriteString(w, strings.Join(cells, "\t")+"\n") // a Builder takes everything
	}
	_ = w.Flush()
	return b.String()
}

// list lays out rows whose last column is text, which is wrapped. Where little room is left beside the other columns, the text goes
// below them.
func list(rows [][]string, width int) string {
	heads := make([][]string, len(rows))
	for i, row := range rows {
		heads[i] = append(append([]string{}, row[:len(row)-1]...), "") // tabwriter pads the columns before the last
	}
	lines := strings.Split(strings.TrimSuffix(table(heads), "\n"), "\n")
	const deep = 8
	var b strings.Builder
	for i, row := range rows {
		head, text := lines[i], printable(row[len(row)-1])
		if column := utf8.RuneCountInString(head); column <= width/2 {
			b.WriteString(wrap(head+text, width, column) + "\n")
			continue
		}
		b.WriteString(strings.TrimRight(head, " ") + "\n" + wrap(strings.Repeat(" ", deep)+text, width, deep) + "\n")
	}
	return b.String()
}

// wrap breaks a text at blanks into lines of at most width characters, if its words allow it. The first indent characters stay as they
// are; further lines begin with as many blanks.
func wrap(text string, width, indent int) string {
	runes := []rune(text)
	line := string(runes[:indent])
	used := indent
	var b strings.Builder
	for i, word := range strings.Fields(string(runes[indent:])) {
		n := utf8.RuneCountInString(word)
		if i > 0 {
			if used+1+n > width {
				b.WriteString(line + "\n")
				line, used = strings.Repeat(" ", indent), indent
			} else {
				line += " "
				used++
			}
		}
		line += word
		used += n
	}
	return b.String() + line
}

// columns is the width of a terminal.
func columns(w io.Writer) (n int, ok bool) {
	f, ok := w.(*os.File)
	if !ok {
		return 0, false
	}
	n, _, err := term.GetSize(int(f.Fd()))
	return n, err == nil && n > 0
}

// width is how many characters a line of output may have: those of the terminal, else 100.
func (in *invocation) width() int {
	const least, usual, most = 40, 100, 120
	columns, ok := columns(in.out)
	if !ok {
		columns = usual
	}
	if text, ok := in.lookup("COLUMNS"); ok {
		if n, err := strconv.Atoi(text); err == nil && n > 0 {
			columns = n
		}
	}
	return max(least, min(columns, most))
}
