package message_test

import (
	"testing"

	"github.com/cenote-id/cenote/internal/message"
)

func TestMask(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		medium message.Medium
		to     string
		want   string
	}{
		{"an address keeps the first letter of both parts", message.Email, "test@example.com", "t***@e***"},
		{"an address of one letter is no shorter", message.Email, "a@b", "a***@b***"},
		{"a first letter beyond ASCII stays whole", message.Email, "émile@ünna.de", "é***@ü***"},
		{"the last @ separates", message.Email, `"a@b"@example.com`, `"***@e***`},
		{"what is no address is masked all the same", message.Email, "nonsense", "n***"},
		{"nothing stays nothing but stars", message.Email, "", "***"},
		{"a phone number of 11 digits has 7 stars", message.SMS, "+12345671234", "+*******1234"},
		{"a phone number of 13 digits has 9 stars", message.SMS, "+4915112345678", "+*********5678"},
		{"a number too short to hide any is hidden whole", message.SMS, "+1234", "+****"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := message.Mask(c.medium, c.to); got != c.want {
				t.Errorf("Mask(%s, %q) = %q, want %q", c.medium, c.to, got, c.want)
			}
		})
	}
}
