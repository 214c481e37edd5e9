package caller

import (
	"log/slog"
	"time"
)

// AccessKey is a pair of credentials for signed operations, and what they allow.
type AccessKey struct {
	ID           string    // 1 to 128 letters, digits, "_", "-" or "."
	Secret       string    // the secret access key
	SessionToken string    // accompanies temporary credentials; empty for lasting ones
	Expires      time.Time // when temporary credentials end; zero for never
	AccountID    string    // the account it belongs to: 12 digits
	ARN          string    // whose key it is, as told in a refusal: arn:aws:iam::000000000000:user/<name>
	Policy       Policy
}

// String hides the secrets.
func (AccessKey) String() string { return "[hidden]" }

// GoString hides the secrets.
func (AccessKey) GoString() string { return "[hidden]" }

// LogValue shows the id only.
func (k AccessKey) LogValue() slog.Value { return slog.StringValue(k.ID) }
