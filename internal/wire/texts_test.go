package wire

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

var textDocuments = []string{
	`{}`, `{"a":"b"}`, `{"a":"b","c":"d"}`, `{"":""}`, `{"a":"日本"}`, `{"a":"b\"c"}`, `{"a":"\u0041"}`, `{ "a" : "b" }`, `{"a":1}`, `{"a":null}`,
	`{"a":"b","a":"c"}`, `{"a":"b",}`, `{,"a":"b"}`, `{"a":"b"`, `{"a":"b"}x`, `{"a"}`, `{"a":}`, `{"a":"b""c":"d"}`, `{"a":{}}`, ``, `null`, `{"a":"` + "\n" + `"}`,
	`{"a":"` + "\xff" + `"}`, `{"a":","}`, `{"a":"}{"}`, `[]`,
}

// FuzzUnmarshalTexts compares with the library.
func FuzzUnmarshalTexts(f *testing.F) {
	for _, d := range textDocuments {
		f.Add(d)
	}
	f.Fuzz(func(t *testing.T, document string) {
		want := make(map[string]string)
		wantErr := Unmarshal([]byte(document), &want)
		got, err := UnmarshalTexts(document)
		if (err != nil) != (wantErr != nil) {
			t.Fatalf("%q: got %v, want %v", document, err, wantErr)
		}
		if err == nil && !cmp.Equal(want, got) {
			t.Errorf("%q: got %v, want %v", document, got, want)
		}
	})
}

func TestPlainTextsAreReadWithoutTheLibrary(t *testing.T) {
	t.Parallel()
	text, err := Encode(map[string]string{"sub": "1", "email": "ann@example.com", "name": "Ann"})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := plainTexts(string(text)); !ok {
		t.Errorf("%s is not plain", text)
	}
}

func BenchmarkUnmarshalTexts(b *testing.B) {
	document := `{"email":"ann@example.com","email_verified":"true","family_name":"Example","given_name":"Ann","sub":"5144609f-95fd-40c8-a4e0-475ca17eb63c"}`
	b.ReportAllocs()
	for b.Loop() {
		if _, err := UnmarshalTexts(document); err != nil {
			b.Fatal(err)
		}
	}
}
