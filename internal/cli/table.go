package cli

import (
	"io"
	"strings"
	"text/tabwriter"
)

// table lays out rows in columns that are as wide as they have to be, three spaces apart.
func table(rows [][]string) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
	for _, row := range rows {
		_, _ = io.WriteString(w, strings.Join(row, "\t")+"\n") // a Builder takes everything
	}
	_ = w.Flush()
	return b.String()
}
