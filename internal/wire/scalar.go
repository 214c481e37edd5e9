package wire

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/cenote-id/cenote/internal/fault"
)

// scalar reads a value without parts. It returns the text to judge and to repeat, and the number or the length to judge.
func (d *decoder) scalar(s *Shape, into reflect.Value) (text string, size int64, err error) {
	if s.Kind == Documents {
		raw, err := d.raw()
		into.SetBytes(bytes.Clone(raw))
		return "", 0, err
	}
	kind := d.json.PeekKind()
	if kind != s.jsonKind() && !(kind == 'f' && s.Kind == Boolean) {
		return "", 0, d.mismatch(s)
	}
	token, err := d.json.ReadToken()
	if err != nil {
		return "", 0, d.malformed()
	}
	switch s.Kind {
	case String:
		text = token.String()
		optional(into).SetString(text)
		if s.HasMin || s.HasMax {
			size = utf16Length(text)
		}
		return text, size, nil
	case Boolean:
		optional(into).SetBool(token.Bool())
		return "", 0, nil
	}
	text = token.String()
	switch s.Kind {
	case Integer, Long:
		var ok bool
		if size, ok = integer(text, s.Kind); !ok {
			return "", 0, notConvertible(kind, s)
		}
		optional(into).SetInt(size)
		return strconv.FormatInt(size, 10), size, nil
	case Timestamp:
		t, ok := parseSeconds(text)
		if !ok {
			return "", 0, notConvertible(kind, s)
		}
		into.Set(reflect.ValueOf(t))
		return text, 0, nil
	default: // Blob
		data, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return "", 0, notConvertible(kind, s)
		}
		into.SetBytes(data)
		n := int64(len(data))
		return fmt.Sprintf("java.nio.HeapByteBuffer[pos=0 lim=%d cap=%d]", n, n), n, nil // as services of AWS show a blob (observed of KMS)
	}
}

// optional returns the place of a scalar, which is behind a pointer when its absence is told from zero.
func optional(into reflect.Value) reflect.Value {
	if into.Kind() != reflect.Pointer {
		return into
	}
	into.Set(reflect.New(into.Type().Elem()))
	return into.Elem()
}

// integer reads a whole number, also when it is written with a fraction of zeros or an exponent.
func integer(text string, kind Kind) (int64, bool) {
	bits := 64
	if kind == Integer {
		bits = 32
	}
	if n, err := strconv.ParseInt(text, 10, bits); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > math.MaxInt32 {
		return 0, false
	}
	return int64(f), true
}

// utf16Length returns the length of a text as Java counts it.
func utf16Length(text string) int64 {
	n := 0
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			n++
			continue
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		i += size
		n++
		if size == utf8.UTFMax {
			n++
		}
	}
	return int64(n)
}

func notConvertible(kind jsontext.Kind, s *Shape) error {
	from := map[jsontext.Kind]string{'"': "STRING", '0': "NUMBER", 't': "TRUE", 'f': "FALSE"}[kind]
	to := map[Kind]string{String: "a String", Integer: "an Integer", Long: "a Long", Boolean: "a Boolean", Timestamp: "a Date", Blob: "a Blob"}[s.Kind]
	return fault.Newf(fault.Serialization, "%s_VALUE can not be converted to %s", from, to)
}

// jsonKind returns the kind of JSON value that a scalar is written as.
func (s *Shape) jsonKind() jsontext.Kind {
	switch s.Kind {
	case Integer, Long, Timestamp:
		return '0'
	case Boolean:
		return 't'
	default:
		return '"'
	}
}
