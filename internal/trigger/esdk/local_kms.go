package esdk

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/cenote-id/cenote/internal/wire"
)

// maxKMSRequest bounds what is read of a request; a wrapped key and its context are much smaller.
const maxKMSRequest = 64 << 10

// ServeHTTP answers GenerateDataKey and Decrypt of the KMS API (JSON 1.1). Credentials are not looked at: whoever reaches the
// handler may use the keys, so it belongs on a loopback address of a development server and nowhere else.
func (k *LocalKeys) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct {
		KeyID             string `json:"KeyId"`
		CiphertextBlob    []byte
		EncryptionContext map[string]string
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxKMSRequest))
	if err != nil || wire.Unmarshal(body, &in) != nil {
		refuse(w, "SerializationException", "the body is not JSON of the expected form")
		return
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "TrentService.")
	switch operation {
	case "GenerateDataKey":
		key, err := k.GenerateDataKey(r.Context(), in.KeyID, in.EncryptionContext)
		if err != nil {
			refuse(w, "NotFoundException", err.Error())
			return
		}
		answer(w, http.StatusOK, map[string]any{"KeyId": key.KeyARN, "Plaintext": key.Plain, "CiphertextBlob": key.Sealed})
	case "Decrypt":
		plain, arn, err := k.unwrap(in.CiphertextBlob, in.EncryptionContext)
		if err != nil {
			refuse(w, "InvalidCiphertextException", "")
			return
		}
		if in.KeyID != "" && in.KeyID != arn {
			refuse(w, "IncorrectKeyException", "the data key is wrapped under another key")
			return
		}
		answer(w, http.StatusOK, map[string]any{"KeyId": arn, "Plaintext": plain, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"})
	default:
		refuse(w, "UnknownOperationException", "only GenerateDataKey and Decrypt are known here")
	}
}

func refuse(w http.ResponseWriter, name, message string) {
	w.Header().Set("X-Amzn-ErrorType", name)
	answer(w, http.StatusBadRequest, map[string]string{"__type": name, "message": message})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
