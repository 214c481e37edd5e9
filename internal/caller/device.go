package caller

import "strings"

// Device names the browser and the operating system that a User-Agent header tells of, each with its version where it has one:
// "Chrome 126", "Windows 10". What is not known is "". Headers are hostile: the names are ours, and a version is digits and dots.
func (u User) Device() (browser, system string) {
	return browserOf(u.UserAgent), systemOf(u.UserAgent)
}

// products are the browsers and programs by the word before their version. Browsers pretend to be older ones, so the order decides.
var products = []struct{ word, name string }{
	{"Edg/", "Edge"},
	{"EdgA/", "Edge"},
	{"EdgiOS/", "Edge"},
	{"OPR/", "Opera"},
	{"SamsungBrowser/", "Samsung Internet"},
	{"YaBrowser/", "Yandex"},
	{"Vivaldi/", "Vivaldi"},
	{"FxiOS/", "Firefox"},
	{"Firefox/", "Firefox"},
	{"CriOS/", "Chrome"},
	{"Chrome/", "Chrome"},
	{"aws-sdk-js/", "AWS SDK for JavaScript"},
	{"aws-sdk-go-v2/", "AWS SDK for Go"},
	{"aws-sdk-java/", "AWS SDK for Java"},
	{"Boto3/", "Boto3"},
	{"aws-cli/", "AWS CLI"},
	{"aws-amplify/", "Amplify"},
	{"okhttp/", "OkHttp"},
	{"Dart/", "Dart"},
	{"CFNetwork/", "CFNetwork"},
	{"python-requests/", "Python Requests"},
	{"node-fetch/", "Node.js"},
	{"Go-http-client/", "Go"},
	{"curl/", "curl"},
}

func browserOf(agent string) string {
	if v, ok := version(agent, "Version/"); ok && strings.Contains(agent, "Safari/") && !strings.Contains(agent, "Chrome/") &&
		!strings.Contains(agent, "Android") {
		return named("Safari", major(v))
	}
	for _, p := range products {
		if v, ok := version(agent, p.word); ok {
			return named(p.name, major(v))
		}
	}
	return ""
}

func systemOf(agent string) string {
	underscored := strings.ReplaceAll(agent, "_", ".")
	for _, s := range []struct{ word, name string }{
		{"Windows NT ", "Windows"}, {"iPhone OS ", "iOS"}, {"CPU OS ", "iPadOS"}, {"Android ", "Android"}, {"Mac OS X ", "macOS"}, {"CrOS ", "ChromeOS"},
	} {
		v, ok := version(underscored, s.word)
		switch {
		case !ok:
		case s.name == "Windows" && v == "10.0":
			return "Windows 10"
		default:
			return named(s.name, v)
		}
	}
	for _, s := range []struct{ word, name string }{
		{"Windows", "Windows"},
		{"windows", "Windows"},
		{"Android", "Android"},
		{"Mac OS X", "macOS"},
		{"macos", "macOS"},
		{"Darwin", "macOS"},
		{"CrOS", "ChromeOS"},
		{"Linux", "Linux"},
		{"linux", "Linux"},
	} {
		if strings.Contains(agent, s.word) {
			return s.name
		}
	}
	return ""
}

// version returns the digits and dots that follow the word, of which a program's name has some and an operating system's may have none.
func version(agent, word string) (string, bool) {
	_, after, ok := strings.Cut(agent, word)
	if !ok {
		return "", false
	}
	end := strings.IndexFunc(after, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end < 0 {
		end = len(after)
	}
	const longest = 12
	return strings.Trim(after[:min(end, longest)], "."), true
}

func major(version string) string {
	m, _, _ := strings.Cut(version, ".")
	return m
}

func named(name, version string) string {
	if version == "" {
		return name
	}
	return name + " " + version
}
