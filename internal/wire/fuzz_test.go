package wire_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// FuzzDecode holds that no body makes Decode panic, that a refusal is one of two faults, and that what is accepted survives being
// written and read again.
func FuzzDecode(f *testing.F) {
	operations := wire.Operations()
	for i, o := range operations {
		in := o.NewInput()
		fill(reflect.ValueOf(in).Elem())
		body, err := wire.Encode(in)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), body)
	}
	for _, body := range []string{
		``, `null`, `[]`, `{}`, `{"ClientId":"abc","Username":"ann","Password":"pw"}`, `{"UserPoolId":"us-east-1_Abc123XyZ","Username":"ann"}`,
		`{"AuthFlow":"USER_AUTH","ClientId":"c","AuthParameters":{"USERNAME":null}}`, `{"a":1,"a":2}`, `{"Limit":1e9}`, `{"Schema":[null,{}]}`,
		"{\"ClientId\":\"\xff\"}", `{"x":[[[[{"y":"\""}]]]]}`, `{"ClientId":"\ud83d\ude00"}`,
	} {
		for i := range 5 {
			f.Add(uint8(i*37), []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		o := operations[int(which)%len(operations)]
		in, err := o.Decode(body)
		if err != nil {
			var refusal *fault.Error
			if !errors.As(err, &refusal) || refusal.Code != fault.Serialization && refusal.Code != fault.InvalidParameter && refusal.Code != fault.Validation {
				t.Fatalf("%s: %v", o.Name, err)
			}
			return
		}
		data, err := wire.Encode(in)
		if err != nil {
			t.Fatal(err)
		}
		back := o.NewInput()
		if err := wire.Unmarshal(data, back); err != nil {
			t.Fatal(err)
		}
		again, err := wire.Encode(back)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(data), string(again)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// FuzzCheckExact holds that a document which passes means the same to a reader that ignores case and to one that does not.
func FuzzCheckExact(f *testing.F) {
	for _, seed := range []string{
		`{"type":"x","response":{"challenge":"y"}}`, `{"Type":"x"}`, "{\"re\u017fponse\":{}}", `{"a":[{"b":{"tYpe":1}}],"type":"z"}`, `[[{"x":[]}]]`,
	} {
		f.Add([]byte(seed))
	}
	type document struct {
		Type     string `json:"type"`
		Response *struct {
			Challenge string `json:"challenge"`
		} `json:"response"`
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var exact, folding document
		if wire.CheckExact(data, "type", "response", "challenge") != nil || wire.Unmarshal(data, &exact) != nil {
			return
		}
		if err := json.Unmarshal(data, &folding); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if diff := cmp.Diff(exact, folding); diff != "" {
			t.Fatal(diff)
		}
	})
}
