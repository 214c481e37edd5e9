package wire_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/document"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// TestTheGoSDKAgreesOnEveryShape sends a full input of every operation through the official client and answers with a full
// output of ours. What the client writes must have the types that Decode expects, and both sides must see the same values.
func TestTheGoSDKAgreesOnEveryShape(t *testing.T) {
	t.Parallel()
	known := 0
	for _, o := range wire.Operations() {
		method := reflect.ValueOf(sdk.New(sdk.Options{})).MethodByName(o.Name)
		if o.Service != wire.UserPools || !method.IsValid() {
			continue
		}
		known++
		t.Run(o.Name, func(t *testing.T) {
			t.Parallel()
			theirInput := reflect.New(method.Type().In(1).Elem())
			fillSDK(theirInput.Elem())
			ourOutput := o.NewOutput()
			fill(reflect.ValueOf(ourOutput).Elem())
			theirOutput, body := exchange(t, o, theirInput, ourOutput)

			if _, err := o.Decode(body); fault.Is(err, fault.Serialization) {
				t.Errorf("the client's input: %v\n%s", err, body)
			}
			ourInput := o.NewInput()
			if err := wire.Unmarshal(body, ourInput); err != nil {
				t.Error(err)
			}
			same(t, "input", reflect.ValueOf(ourInput).Elem(), theirInput.Elem())
			same(t, "output", reflect.ValueOf(ourOutput).Elem(), theirOutput.Elem())
		})
	}
	if known < 126 {
		t.Errorf("the client knows only %d operations", known)
	}
}

// doer stands for the network.
type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

// exchange calls the operation on the official client. It returns what the client made of our output, and the body that it sent.
func exchange(t *testing.T, o *wire.Operation, input reflect.Value, output any) (theirs reflect.Value, body []byte) {
	t.Helper()
	answer, err := wire.Encode(output)
	if err != nil {
		t.Fatal(err)
	}
	client := sdk.New(sdk.Options{
		Region:  "us-east-1",
		Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil
		}),
		HTTPClient: doer(func(r *http.Request) (*http.Response, error) {
			if target := r.Header.Get("X-Amz-Target"); target != o.Target() {
				t.Errorf("got target %s, want %s", target, o.Target())
			}
			if signed := r.Header.Get("Authorization") != ""; signed != (o.Auth == wire.SigV4) {
				t.Errorf("the client signs: %v, but the operation wants: %v", signed, o.Auth)
			}
			body, err = io.ReadAll(r.Body)
			header := http.Header{"Content-Type": {"application/x-amz-json-1.1"}}
			return &http.Response{StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(bytes.NewReader(answer)), Request: r}, err
		}),
	})
	results := reflect.ValueOf(client).MethodByName(o.Name).Call([]reflect.Value{reflect.ValueOf(t.Context()), input})
	if err, _ := results[1].Interface().(error); err != nil {
		t.Fatal(err)
	}
	return results[0], body
}

// fillSDK is fill for the structs of the client.
func fillSDK(v reflect.Value) {
	switch into := v.Addr().Interface().(type) {
	case *time.Time:
		*into = time.UnixMilli(1713437104123)
		return
	case *document.Interface:
		*into = document.NewLazyDocument(map[string]any{"a": []any{1, "b"}})
		return
	case *[]byte:
		*into = []byte{7, 7}
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("text é")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(42)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillSDK(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fillSDK(v.Index(0))
		fillSDK(v.Index(1))
	case reflect.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		fillSDK(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("key"), value)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillSDK(v.Field(i))
			}
		}
	default:
		panic("no value for " + v.Type().String())
	}
}

// same reports where our value and the client's differ. Members that only the newer model has are ignored.
func same(t *testing.T, path string, ours, theirs reflect.Value) {
	t.Helper()
	if theirs.Kind() == reflect.Pointer {
		theirs = theirs.Elem()
	}
	if ours.Kind() == reflect.Pointer {
		ours = ours.Elem()
	}
	if !ours.IsValid() || !theirs.IsValid() {
		t.Errorf("%s: absent on one side", path)
		return
	}
	switch our := ours.Interface().(type) {
	case wire.Time:
		if their, ok := theirs.Interface().(time.Time); !ok || !their.Equal(our.Time) {
			t.Errorf("%s: %v, the client has %v", path, our, theirs)
		}
		return
	case wire.Document:
		theirText, err := theirs.Interface().(document.Interface).MarshalSmithyDocument()
		var a, b any
		if err != nil || json.Unmarshal(theirText, &a) != nil || json.Unmarshal(our, &b) != nil || !cmp.Equal(a, b) {
			t.Errorf("%s: %s, the client has %s", path, our, theirText)
		}
		return
	}
	switch ours.Kind() {
	case reflect.Struct:
		for i := range theirs.NumField() {
			field := theirs.Type().Field(i)
			if !field.IsExported() || field.Name == "ResultMetadata" {
				continue
			}
			if !ours.FieldByName(field.Name).IsValid() {
				t.Errorf("%s has no %s", path, field.Name)
				continue
			}
			same(t, path+"."+field.Name, ours.FieldByName(field.Name), theirs.Field(i))
		}
	case reflect.Slice:
		if ours.Len() != theirs.Len() {
			t.Errorf("%s: %d elements, the client has %d", path, ours.Len(), theirs.Len())
			return
		}
		for i := range ours.Len() {
			same(t, path, ours.Index(i), theirs.Index(i))
		}
	case reflect.Map:
		if ours.Len() != theirs.Len() {
			t.Errorf("%s: %d entries, the client has %d", path, ours.Len(), theirs.Len())
		}
		for _, key := range ours.MapKeys() {
			same(t, path+"."+key.String(), ours.MapIndex(key), theirs.MapIndex(key))
		}
	default:
		if a, b := plain(ours), plain(theirs); a != b {
			t.Errorf("%s: %s, the client has %s", path, a, b)
		}
	}
}

// plain returns a scalar without its type: 42 is an int64 here and an int32 there.
func plain(v reflect.Value) string {
	text, err := json.Marshal(v.Interface())
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(text))
}
