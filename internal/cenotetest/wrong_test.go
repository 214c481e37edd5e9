package cenotetest_test

import (
	"testing"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

func TestAWrongCodeIsNoneOfTheRightOnes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		right []string
		want  string
	}{
		{[]string{"123456"}, "000000"},
		{[]string{"000000"}, "111111"},
		{[]string{"12345678"}, "00000000"},
		{[]string{"111111", "000000", "333333"}, "222222"},
	} {
		if got := cenotetest.Wrong(tt.right...); got != tt.want {
			t.Errorf("where %q are right, %q is wrong, want %q", tt.right, got, tt.want)
		}
	}
}
