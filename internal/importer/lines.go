package importer

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// maxLine is how many characters a line has at most (documented).
const maxLine = 16_000

// lines reads the lines of a file. One that is too long is read and not kept.
type lines struct {
	from  *bufio.Reader
	count int64 // of the lines that were read
	bytes int64 // that they had
}

func newLines(from io.Reader) *lines { return &lines{from: bufio.NewReaderSize(from, 64<<10)} }

// line is a line without its end.
type line struct {
	text  string
	flaw  string // why it cannot be read; "" for a good line
	place span
}

// span is a part of the file: the bytes from the first to before the other one.
type span struct{ from, to int64 }

// next returns the next line; io.EOF behind the last one.
func (l *lines) next() (line, error) {
	var kept []byte
	long, any, begin := false, false, l.bytes
	for {
		piece, err := l.from.ReadSlice('\n')
		any, l.bytes = any || len(piece) > 0, l.bytes+int64(len(piece))
		if long = long || len(kept)+len(piece) > maxLine*utf8.UTFMax+2; !long {
			kept = append(kept, piece...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if errors.Is(err, io.EOF) && any {
			break
		}
		if err != nil {
			return line{}, err
		}
		break
	}
	l.count++
	place := span{begin, l.bytes}
	text := strings.TrimSuffix(strings.TrimSuffix(string(kept), "\n"), "\r")
	switch {
	case long || utf8.RuneCountInString(text) > maxLine:
		return line{flaw: "The row has more than 16000 characters."}, nil
	case !utf8.ValidString(text):
		return line{flaw: "The row is not valid UTF-8."}, nil
	case strings.ContainsRune(text, 0):
		return line{flaw: "The row has a null character."}, nil
	}
	return line{text: text, place: place}, nil
}

// cells splits a line at its commas, but for those behind a backslash. There is no quoting (documented).
func cells(text string) []string {
	var all []string
	var cell strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && text[i+1] == ',':
			cell.WriteByte(',')
			i++
		case text[i] == ',':
			all = append(all, strings.TrimSpace(cell.String()))
			cell.Reset()
		default:
			cell.WriteByte(text[i])
		}
	}
	return append(all, strings.TrimSpace(cell.String()))
}
