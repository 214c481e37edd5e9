package wire

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Encode returns the JSON of an output or of a stored document. Absent members are left out; the same value always gives the same
// bytes. An output without members is {}.
func Encode(v any) ([]byte, error) {
	data, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return data, nil
}

// Unmarshal reads what Encode wrote into the pointer v. It checks no constraints: it is for our own documents, Decode is for
// what callers send. Members that the type does not have are ignored, so that an older node reads a newer document.
func Unmarshal(data []byte, v any) error {
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("decode %T: %w", v, err)
	}
	return nil
}

// UnmarshalExact is Unmarshal for values of any shape: a number within an any becomes a Document, which keeps all its digits, where a float64
// would lose those beyond 2^53.
func UnmarshalExact(data []byte, v any) error {
	if err := json.Unmarshal(data, v, json.WithUnmarshalers(exactNumbers)); err != nil {
		return fmt.Errorf("decode %T: %w", v, err)
	}
	return nil
}

var exactNumbers = json.UnmarshalFromFunc(func(dec *jsontext.Decoder, v *any) error {
	if dec.PeekKind() == '0' { // a number
		*v = Document(nil)
	}
	return errors.ErrUnsupported // to this function: the type above, or the default, takes the value
})

// WithoutLoneSurrogates returns JSON in which every \uXXXX that is half of a pair and stands alone is U+FFFD. Programs that count in UTF-16, such as
// those in JavaScript, make such texts when they cut one inside an emoji.
func WithoutLoneSurrogates(data []byte) ([]byte, error) {
	if !bytes.Contains(data, []byte(`\u`)) {
		return data, nil
	}
	out, err := jsontext.AppendFormat(nil, data, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	return out, nil
}

// UnknownMember returns the path of a member that the type of the pointer v does not have, such as "Policies/PaswordPolicy", or "". It is for
// files that people write, where such a member is a slip.
func UnknownMember(data []byte, v any) string {
	err := json.Unmarshal(data, v, json.RejectUnknownMembers(true))
	var at *json.SemanticError
	if !errors.Is(err, json.ErrUnknownName) || !errors.As(err, &at) {
		return ""
	}
	return strings.TrimPrefix(string(at.JSONPointer), "/")
}

// Ptr returns a pointer to the value, for an optional number or boolean.
func Ptr[T any](value T) *T { return &value }

// Value returns what the pointer points to, or absent when it is nil.
func Value[T any](p *T, absent T) T {
	if p == nil {
		return absent
	}
	return *p
}
