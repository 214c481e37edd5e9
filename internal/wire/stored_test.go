package wire_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/wire"
)

// rot is a Sealer that hides nothing from a test that knows it, and binds values to their paths as a real one does.
type rot struct{ t *testing.T }

func (r rot) Seal(plain []byte, path string) []byte {
	return append([]byte(path+"\x00"), turn(plain)...)
}

func (r rot) Open(sealed []byte, path string) ([]byte, error) {
	at, value, _ := bytes.Cut(sealed, []byte{0})
	if string(at) != path {
		r.t.Errorf("what was sealed at %s is opened at %s", at, path)
	}
	return turn(value), nil
}

func turn(b []byte) []byte {
	out := bytes.Clone(b)
	for i := range out {
		out[i] ^= 0x55
	}
	return out
}

func TestAStoredDocumentSealsWhatTheModelMarksAsSensitive(t *testing.T) {
	t.Parallel()
	provider := wire.IdentityProviderType{
		ProviderName:    "example",
		ProviderDetails: map[string]string{"client_id": "app", "client_secret": "the-client-secret", "private_key": "the-private-key"},
	}
	client := wire.UserPoolClientType{ClientId: "visible-client", ClientSecret: "the-client-secret"}
	type nested struct {
		Keys []struct {
			Name  string
			Value string `store:"sealed"`
		}
		ByName map[string]wire.IdentityProviderType
	}
	own := nested{ByName: map[string]wire.IdentityProviderType{"x.y": provider}}
	own.Keys = append(own.Keys, struct {
		Name  string
		Value string `store:"sealed"`
	}{"visible-name", "the-private-key"})
	for _, v := range []any{&provider, &client, &own} {
		doc, err := wire.EncodeStored(v, nil, rot{t})
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"the-client-secret", "the-private-key"} {
			if bytes.Contains(doc, []byte(secret)) {
				t.Errorf("%T: %s is in the clear: %s", v, secret, doc)
			}
		}
		if !bytes.Contains(doc, []byte("visible")) && !bytes.Contains(doc, []byte("example")) {
			t.Errorf("%T: what is no secret is not in the clear: %s", v, doc)
		}
	}
	var back nested
	doc, _ := wire.EncodeStored(own, nil, rot{t})
	if err := wire.DecodeStored(doc, &back, rot{t}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(own, back); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	if _, err := wire.EncodeStored(provider, nil, nil); err == nil {
		t.Error("a document with secrets was stored without a key")
	}
}

// Documents of a time before a member became a secret are read, and sealed when they are written again.
func TestAStoredDocumentMayHaveItsSecretsInTheClear(t *testing.T) {
	t.Parallel()
	var p wire.IdentityProviderType
	old := []byte(`{"ProviderName":"example","ProviderDetails":{"client_secret":"s3cret"}}`)
	if err := wire.DecodeStored(old, &p, rot{t}); err != nil {
		t.Fatal(err)
	}
	if p.ProviderDetails["client_secret"] != "s3cret" {
		t.Errorf("got %q", p.ProviderDetails["client_secret"])
	}
	doc, err := wire.EncodeStored(p, old, rot{t})
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(doc, []byte("s3cret")) {
		t.Errorf("in the clear: %s", doc)
	}
}

// Each element of a list is looked for among those before. Allocations stand for the work: they are the same on every machine.
func TestAStoredListTakesWorkByItsLength(t *testing.T) {
	attributes := func(n int) float64 {
		p := wire.UserPoolType{}
		for i := range n {
			p.SchemaAttributes = append(p.SchemaAttributes, wire.SchemaAttributeType{Name: fmt.Sprint("custom:", i), AttributeDataType: "String"})
		}
		old, err := wire.EncodeStored(&p, nil, rot{t})
		if err != nil {
			t.Fatal(err)
		}
		return testing.AllocsPerRun(3, func() { _, _ = wire.EncodeStored(&p, old, rot{t}) })
	}
	if few, many := attributes(20), attributes(80); many > 6*few {
		t.Errorf("a list of 20 takes %.0f allocations, one of 80 %.0f", few, many)
	}
}

func TestAStoredDocumentKeepsWhatANewerVersionWrote(t *testing.T) {
	t.Parallel()
	type part struct {
		Name string
		Size int    `json:",omitzero"`
		Key  string `json:",omitzero" store:"sealed"`
	}
	type document struct {
		Name  string            `json:",omitzero"`
		Part  *part             `json:",omitzero"`
		Parts []part            `json:",omitzero"`
		Named map[string]part   `json:",omitzero"`
		Tags  map[string]string `json:",omitzero"`
		Made  wire.Time         `json:",omitzero"`
		Raw   wire.Document     `json:",omitzero"`
	}
	old := `{"Name":"a","Newer":{"$sealed":"AAAA"},"Part":{"Name":"p","New":[1,{"b":2}]},` +
		`"Parts":[{"New":1,"Name":"one"},{"Name":"two","New":2},{"Name":"three","New":3}],` +
		`"Named":{"k":{"Name":"n","New":4},"gone":{"Name":"n"}},"Tags":{"gone":"x"},"Made":1,"Raw":{"gone":1}}`
	for _, c := range []struct {
		name   string
		change func(d *document)
		want   string
	}{
		{
			"a change beside it",
			func(d *document) { d.Name = "b"; d.Tags = map[string]string{"k": "v"} },
			`{"Name":"b","Part":{"Name":"p","New":[1,{"b":2}]},"Parts":[{"Name":"one","New":1},{"Name":"two","New":2},{"Name":"three","New":3}],` +
				`"Named":{"gone":{"Name":"n"},"k":{"Name":"n","New":4}},"Tags":{"k":"v"},"Made":1,"Raw":{"gone":1},"Newer":{"$sealed":"AAAA"}}`,
		},
		{
			"a part that is replaced",
			func(d *document) { *d = document{Part: &part{Name: "q"}} },
			`{"Part":{"Name":"q","New":[1,{"b":2}]},"Newer":{"$sealed":"AAAA"}}`,
		},
		{
			"a part that is taken away, and elements that move",
			func(d *document) {
				*d = document{Parts: []part{{Name: "three"}, {Name: "new"}, {Name: "one", Size: 1}}, Raw: wire.Document(`{"a":1}`)}
			},
			`{"Parts":[{"Name":"three","New":3},{"Name":"new"},{"Name":"one","Size":1}],"Raw":{"a":1},"Newer":{"$sealed":"AAAA"}}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var d document
			if err := wire.DecodeStored([]byte(old), &d, rot{t}); err != nil {
				t.Fatal(err)
			}
			c.change(&d)
			got, err := wire.EncodeStored(d, []byte(old), rot{t})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	// Elements are told apart by what is no secret: the same secret sealed anew has another text.
	first, err := wire.EncodeStored(document{Parts: []part{{Name: "one", Key: "k"}}}, nil, rot{t})
	if err != nil {
		t.Fatal(err)
	}
	newer := strings.Replace(string(first), `{"Name":"one"`, `{"New":1,"Name":"one"`, 1)
	again, err := wire.EncodeStored(document{Parts: []part{{Name: "one", Key: "k"}}}, []byte(newer), rot{t})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(again), `"New":1`) {
		t.Errorf("an element with a secret lost a member: %s", again)
	}
}
