package message_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/message"
)

// secrets of the values below; none may be printed.
var secrets = []string{"493817", "the words", "alice", "hunter2", "/hooks/key"}

func TestNothingPrintsASecret(t *testing.T) {
	t.Parallel()
	m := message.Message{
		ID: "id", Medium: message.Email, To: "alice@example.com", Body: "the words 493817", Code: "493817", Reason: message.SignUp,
	}
	smtp, err := message.ParseSMTP("smtp://alice:hunter2@mail.example.com")
	if err != nil {
		t.Fatal(err)
	}
	sms, err := message.ParseSMS("https://:hunter2@sms.example.com/hooks/key")
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "a", m, "c", sms, "d", smtp.Password)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "a", m, "b", smtp, "c", sms)
	encoded, err := json.Marshal(smtp.Password)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"a log":         log.String(),
		"an encoding":   string(encoded),
		"a message":     fmt.Sprintf("%v %+v %#v %s", m, m, m, m),
		"SMTP settings": fmt.Sprintf("%v %+v %#v %s", smtp, smtp, smtp, smtp),
		"SMS settings":  fmt.Sprintf("%v %+v %#v %s", sms, sms, sms, sms),
		"a password":    fmt.Sprintf("%v %+v %#v %s %q", smtp.Password, smtp.Password, smtp.Password, smtp.Password, smtp.Password),
	} {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s prints %q: %s", name, secret, text)
			}
		}
	}
	if !strings.Contains(log.String(), "a***@e***") {
		t.Errorf("a log does not show the masked destination: %s", log.String())
	}
}
