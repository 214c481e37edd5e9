package cenotetest

import (
	"errors"
	"fmt"
	"net"
	"testing"

	"github.com/aws/smithy-go"
)

func TestRetriesOnlyWhereTheClientClosedTheConnection(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		err   error
		again bool
	}{
		{fmt.Errorf("deserialization failed: %w", net.ErrClosed), true},
		{errors.New("read tcp 127.0.0.1:1->127.0.0.1:2: use of closed network connection"), true},
		{&smithy.GenericAPIError{Code: "TooManyRequestsException"}, false},
		{&smithy.GenericAPIError{Code: "InternalErrorException", Fault: smithy.FaultServer}, false},
		{errors.New("connection refused"), false},
		{nil, false},
	} {
		if got := (Retries{}).IsErrorRetryable(tc.err); got != tc.again {
			t.Errorf("%v: again %v, want %v", tc.err, got, tc.again)
		}
	}
}
