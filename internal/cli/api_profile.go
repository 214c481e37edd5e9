package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
)

// profile is what the files of the AWS CLI say under a name, by lower-case key. The SDK's own reader brings the clients of four services,
// which every server would hold in memory.
// https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html
type profile struct {
	name     string // "" stands for the default one, which need not exist
	settings map[string]string
}

// profile reads a profile. What the file with the credentials says is stronger.
func (in *invocation) profile(name string) (*profile, error) {
	config, err := in.readAWSFile("AWS_CONFIG_FILE", "config")
	if err != nil {
		return nil, err
	}
	credentials, err := in.readAWSFile("AWS_SHARED_CREDENTIALS_FILE", "credentials")
	if err != nil {
		return nil, err
	}
	p := &profile{name: name, settings: make(map[string]string)}
	found, section := name == "", cmp.Or(name, "default")
	if section == "default" {
		found = readSection(config, section, p.settings) || found
	}
	found = readSection(config, "profile "+section, p.settings) || found
	found = readSection(credentials, section, p.settings) || found
	if !found {
		return nil, fmt.Errorf("there is no profile %q", name)
	}
	if services := p.settings["services"]; services != "" {
		readSection(config, "services "+services, p.settings)
	}
	return p, nil
}

// readAWSFile reads a file that a variable names, or that is in its usual place. There need not be one, and one in the home of somebody else,
// which setpriv and sudo leave in the environment, is none of ours.
func (in *invocation) readAWSFile(variable, usual string) (string, error) {
	path, _ := in.lookup(variable)
	named := path != ""
	if !named {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", nil //nolint:nilerr // nobody's home has no such file
		}
		path = filepath.Join(home, ".aws", usual)
	}
	text, err := os.ReadFile(path)
	if err != nil && named && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return string(text), nil
}

// readSection adds the settings of a section and reports whether there is one. A setting of its own, indented below another, is under
// "other.setting".
func readSection(text, name string, settings map[string]string) (found bool) {
	inside, above := false, ""
	for line := range strings.Lines(text) {
		for _, comment := range []string{"#", ";"} {
			if strings.HasPrefix(line, comment) {
				line = ""
			}
			line, _, _ = strings.Cut(line, " "+comment)
			line, _, _ = strings.Cut(line, "\t"+comment)
		}
		if header, ok := strings.CutPrefix(line, "["); ok {
			header, _, _ = strings.Cut(header, "]")
			inside = strings.Join(strings.Fields(strings.ReplaceAll(header, `"`, "")), " ") == name
			found = found || inside
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !inside || !ok {
			continue
		}
		indented := strings.TrimLeft(key, " \t") != key
		key = strings.ToLower(strings.TrimSpace(key))
		if indented {
			key = above + "." + key
		} else {
			above = key
		}
		settings[key] = strings.TrimSpace(value)
	}
	return found
}

// endpointOf returns the address of user pools, or of all services; "" when the profile has none.
func (in *invocation) endpointOf(p *profile) string {
	ignored, _ := in.lookup("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
	if strings.EqualFold(cmp.Or(ignored, p.settings["ignore_configured_endpoint_urls"]), "true") {
		return ""
	}
	return cmp.Or(p.settings["cognito_identity_provider.endpoint_url"], p.settings["endpoint_url"])
}

// credentials are those of the profile. Single sign-on, assumed roles and the roles of machines are known to the AWS CLI, which is asked for them.
func (in *invocation) credentials(p *profile) aws.CredentialsProvider {
	id, secret := p.settings["aws_access_key_id"], p.settings["aws_secret_access_key"]
	process := p.settings["credential_process"]
	switch {
	case p.settings["role_arn"] != "":
	case id != "" && secret != "":
		return fixed(aws.Credentials{AccessKeyID: id, SecretAccessKey: secret, SessionToken: p.settings["aws_session_token"]})
	case process != "":
		return aws.NewCredentialsCache(processcreds.NewProvider(process))
	}
	return aws.NewCredentialsCache(processcreds.NewProviderCommand(processcreds.NewCommandBuilderFunc(func(ctx context.Context) (*exec.Cmd, error) {
		path, err := exec.LookPath("aws")
		if err != nil {
			return nil, errors.New("the AWS CLI, which would look for them, is not installed")
		}
		cmd := exec.CommandContext(ctx, path, "configure", "export-credentials", "--format", "process")
		if p.name != "" {
			cmd.Args = append(cmd.Args, "--profile", p.name)
		}
		cmd.Stdin, cmd.Stderr = in.in, in.err // it may ask for a code
		return cmd, nil
	})))
}
