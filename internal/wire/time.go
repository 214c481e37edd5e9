package wire

import (
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Time is a timestamp, on the wire a number of seconds since 1970 with up to three decimals. The zero value is absence.
type Time struct{ time.Time }

// At returns the time in UTC and cut to the milliseconds that the wire carries.
func At(t time.Time) Time {
	if t.IsZero() {
		return Time{}
	}
	return Time{time.UnixMilli(t.UnixMilli()).UTC()}
}

// MarshalJSONTo writes the number of seconds.
func (t Time) MarshalJSONTo(enc *jsontext.Encoder) error {
	return enc.WriteValue(t.appendSeconds(make([]byte, 0, 20)))
}

// UnmarshalJSONFrom reads a number of seconds.
func (t *Time) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	value, err := dec.ReadValue()
	if err != nil {
		return err
	}
	parsed, ok := parseSeconds(string(value))
	if !ok {
		return errors.New("a time is a number of seconds")
	}
	*t = parsed
	return nil
}

func (t Time) appendSeconds(b []byte) []byte {
	ms := t.UnixMilli()
	if ms < 0 {
		b = append(b, '-')
		ms = -ms
	}
	b = strconv.AppendInt(b, ms/1000, 10)
	if ms%1000 == 0 {
		return b
	}
	b = append(b, '.')
	for unit := int64(100); ms%1000 != 0 && unit > 0; unit /= 10 {
		b = append(b, byte('0'+ms/unit%10))
		if ms%unit == 0 {
			break
		}
	}
	return b
}

// parseSeconds reads a number of seconds of the years 1 to 9999, to the millisecond.
func parseSeconds(text string) (Time, bool) {
	const first, last = -62135596800, 253402300799
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || !(seconds > first && seconds <= last) {
		return Time{}, false
	}
	return Time{time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()}, true
}
