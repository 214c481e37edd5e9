package wire_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/wire"
)

func TestEncode(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		value any
		want  string
	}{
		"an output without members": {&wire.AdminDeleteUserOutput{}, `{}`},
		"what is absent is left out, false is not": {
			&wire.UserType{Username: "ann", Enabled: wire.Ptr(false)},
			`{"Username":"ann","Enabled":false}`,
		},
		"an empty list is there": {&wire.ListUsersOutput{Users: []wire.UserType{}}, `{"Users":[]}`},
		"the value of an attribute is there though empty": {
			&wire.GetUserOutput{Username: "ann", UserAttributes: []wire.AttributeType{{Name: "name"}}},
			`{"Username":"ann","UserAttributes":[{"Name":"name","Value":""}]}`,
		},
		"times are seconds": {
			&wire.UserType{UserCreateDate: wire.At(time.UnixMilli(1713437104123)), UserLastModifiedDate: wire.At(time.Unix(1713437104, 0))},
			`{"UserCreateDate":1713437104.123,"UserLastModifiedDate":1713437104}`,
		},
		"maps are written in order": {
			&wire.InitiateAuthOutput{ChallengeParameters: map[string]string{"b": "2", "a": "1"}},
			`{"ChallengeParameters":{"a":"1","b":"2"}}`,
		},
		"documents are written as they are": {
			&wire.StartWebAuthnRegistrationOutput{CredentialCreationOptions: wire.Document(`{"a":1}`)},
			`{"CredentialCreationOptions":{"a":1}}`,
		},
		"text is not escaped for HTML": {&wire.UserType{Username: "<&>\u2028"}, "{\"Username\":\"<&>\u2028\"}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := wire.Encode(c.value)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestTimesAreWrittenToTheMillisecond(t *testing.T) {
	t.Parallel()
	for ms, want := range map[int64]string{
		1:             "0.001",
		10:            "0.01",
		100:           "0.1",
		101:           "0.101",
		110:           "0.11",
		1000:          "1",
		1713437104120: "1713437104.12",
		-1500:         "-1.5",
		-1:            "-0.001",
	} {
		at := wire.At(time.UnixMilli(ms))
		got, err := wire.Encode(at)
		if err != nil || string(got) != want {
			t.Errorf("%d ms: got %s (%v), want %s", ms, got, err, want)
		}
		var back wire.Time
		if err := wire.Unmarshal(got, &back); err != nil || !back.Equal(at.Time) {
			t.Errorf("%s came back as %v (%v)", got, back, err)
		}
	}
	var back wire.Time
	if err := wire.Unmarshal([]byte("1.713437104123E9"), &back); err != nil || back.UnixMilli() != 1713437104123 {
		t.Errorf("the exponent form came back as %v (%v)", back, err)
	}
	if err := wire.Unmarshal([]byte(`"2024-04-18T10:45:04Z"`), &back); err == nil {
		t.Error("a text was taken for a time")
	}
	if !wire.At(time.Time{}).IsZero() {
		t.Error("the zero time is not absent")
	}
}

func TestEveryShapeComesBackFromItsJSON(t *testing.T) {
	t.Parallel()
	for _, o := range wire.Operations() {
		for _, value := range []any{o.NewInput(), o.NewOutput()} {
			full := reflect.ValueOf(value).Elem()
			fill(full)
			data, err := wire.Encode(value)
			if err != nil {
				t.Fatal(err)
			}
			back := reflect.New(full.Type())
			if err := wire.Unmarshal(data, back.Interface()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(value, back.Interface()); diff != "" {
				t.Errorf("%s: %s", full.Type(), diff)
			}
		}
	}
}

func TestSensitiveStructuresAreNotPrinted(t *testing.T) {
	t.Parallel()
	in := wire.SignUpInput{Username: "ann", Password: "correct-horse"}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("call", "in", in, "pointer", &in)
	slog.New(slog.NewTextHandler(&log, nil)).Info("call", "in", in, "pointer", &in)
	fmt.Fprintf(&log, "%v %+v %s %v", in, in, in, &in)
	if strings.Contains(log.String(), "correct-horse") || !strings.Contains(log.String(), "[hidden]") {
		t.Error(log.String())
	}
}

// fill gives every member, at every depth, a value that is not zero.
func fill(v reflect.Value) {
	switch into := v.Addr().Interface().(type) {
	case *wire.Time:
		*into = wire.At(time.UnixMilli(1713437104123))
		return
	case *wire.Document:
		*into = wire.Document(`{"a":[1,"b"]}`)
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("text é")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int64:
		v.SetInt(42)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			if v.Type().Elem().Kind() == reflect.Uint8 {
				v.Index(i).SetUint(7)
				continue
			}
			fill(v.Index(i))
		}
	case reflect.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("key"), value)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	default:
		panic("no value for " + v.Type().String())
	}
}
