package caller

import (
	"strings"
	"testing"
)

func TestDevicesAreNamed(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, agent, browser, system string }{
		{"Chrome on Windows", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36", "Chrome 126", "Windows 10"},
		{"Edge pretends to be Chrome", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.2592.87", "Edge 126", "Windows 10"},
		{"Safari on a Mac", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15", "Safari 17", "macOS 10.15.7"},
		{"Safari on an iPhone", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1", "Safari 17", "iOS 17.5"},
		{"Chrome on Android", "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.6478.122 Mobile Safari/537.36", "Chrome 126", "Android 14"},
		{"Firefox on Linux", "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox 127", "Linux"},
		{"Opera", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 OPR/110.0.0.0", "Opera 110", "Linux"},
		{"an SDK", "aws-sdk-go-v2/1.47.6 ua/2.1 os/linux lang/go#1.26.8 md/GOOS#linux", "AWS SDK for Go 1", "Linux"},
		{"curl", "curl/8.5.0", "curl 8", ""},
		{"nothing", "", "", ""},
		{"a hostile one", `Chrome/<script>alert(1)</script> Windows NT "><img src=x>`, "Chrome", "Windows"},
		{"a long version", "Chrome/" + strings.Repeat("1", 500), "Chrome 111111111111", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			browser, system := User{UserAgent: tc.agent}.Device()
			if browser != tc.browser || system != tc.system {
				t.Errorf("got %q, %q; want %q, %q", browser, system, tc.browser, tc.system)
			}
		})
	}
}
