package wire

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// Document is any JSON value, kept as its text. Nil is absence.
type Document []byte

// MarshalJSONTo writes the value as it is.
func (d Document) MarshalJSONTo(enc *jsontext.Encoder) error {
	if d == nil {
		return enc.WriteToken(jsontext.Null)
	}
	return enc.WriteValue(jsontext.Value(d))
}

// UnmarshalJSONFrom takes the next value as it is.
func (d *Document) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	value, err := dec.ReadValue()
	if err != nil {
		return err
	}
	*d = bytes.Clone(value)
	return nil
}
