package server

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/trigger/carrier"
	"github.com/cenote-id/cenote/internal/trigger/esdk"
)

const kmsPath = "/_cenote/kms"

// functions are the ways to the functions behind triggers. They are closed when nothing is asked any more.
type functions struct {
	local *carrier.Local
	urls  *carrier.HTTP
}

func (f functions) close() error {
	if f.urls != nil {
		f.urls.CloseIdleConnections()
	}
	if f.local == nil {
		return nil
	}
	return f.local.Close()
}

// newTriggers makes what asks functions: folders and URLs that the operator named, and Lambda for all others. Without credentials and
// without an endpoint there is no Lambda, and such functions are answered as missing.
func (s *Server) newTriggers() (*trigger.Runner, error) {
	c := s.options.Config
	router := &carrier.Router{}
	o := trigger.Options{Carrier: router, Observe: s.metrics.triggered, Now: time.Now}
	var err error
	if len(c.TriggerURLs) > 0 {
		if s.functions.urls, err = carrier.NewHTTP(c.TriggerURLs); err != nil {
			return nil, c.Wrong("trigger-urls", err)
		}
		router.URLs = s.functions.urls
	}
	if len(c.Functions) > 0 {
		if err := s.openFunctions(); err != nil {
			return nil, err
		}
		router.Local = s.functions.local
	}
	if c.LambdaEndpoint != "" || c.AWS.AccessKeyID != "" {
		lambda := carrier.LambdaOptions{Endpoint: c.LambdaEndpoint, Now: time.Now}
		if c.AWS.AccessKeyID != "" {
			lambda.Credentials = carrier.StaticCredentials(c.AWS.AccessKeyID, c.AWS.SecretAccessKey, c.AWS.SessionToken)
		}
		if router.Lambda, err = carrier.NewLambda(lambda); err != nil {
			return nil, c.Wrong("lambda-endpoint", err)
		}
	}
	if s.Dev != nil {
		o.Recorder, o.Keys = s.Dev.Triggers, s.Dev.keys
		return trigger.New(o), nil
	}
	if o.Keys, err = s.keyService(); err != nil {
		return nil, err
	}
	return trigger.New(o), nil
}

// keyService returns where the keys of custom senders are; nil where the server has no credentials for any.
func (s *Server) keyService() (esdk.KeyService, error) {
	aws := s.options.Config.AWS
	options := esdk.KMSOptions{Endpoint: aws.KMSEndpoint, Now: time.Now}
	switch {
	case aws.AccessKeyID != "":
		options.Credentials = carrier.StaticCredentials(aws.AccessKeyID, aws.SecretAccessKey, aws.SessionToken)
	case aws.KMSEndpoint != "":
		options.Credentials = carrier.StaticCredentials("cenote", "cenote", "") // programs that emulate KMS take any
	default:
		return nil, nil
	}
	keys, err := esdk.NewKMS(options)
	if err != nil {
		return nil, fmt.Errorf("KMS: %w", err)
	}
	return keys, nil
}

// openFunctions prepares the functions that run on this machine.
func (s *Server) openFunctions() (err error) {
	if s.functions.local, err = carrier.NewLocal(s.localOptions()); err != nil {
		return s.options.Config.Wrong("functions", err)
	}
	return nil
}

// localOptions says which functions run on this machine. Those of a development server call back to it, with any credentials, and find
// its keys, as long as the environment does not say otherwise.
func (s *Server) localOptions() carrier.LocalOptions {
	o := carrier.LocalOptions{
		Functions: make(map[string]carrier.Function), Environ: s.options.Environ, Inherit: s.options.Config.FunctionEnvironment,
		Log: s.log, Now: time.Now,
	}
	env := s.functionEnvironment()
	for name, folder := range s.options.Config.Functions {
		o.Functions[name] = carrier.Function{Folder: folder, Env: env}
	}
	return o
}

// functionEnvironment returns the variables that the functions of a development server have beside what they inherit.
func (s *Server) functionEnvironment() map[string]string {
	if s.Dev == nil {
		return nil
	}
	env := map[string]string{"AWS_ACCESS_KEY_ID": "cenote", "AWS_SECRET_ACCESS_KEY": "cenote"}
	for _, named := range s.options.Config.FunctionEnvironment {
		delete(env, named)
	}
	for _, v := range []struct{ name, value string }{
		{"AWS_REGION", s.options.Config.Region},
		{"AWS_ENDPOINT_URL_KMS", s.URL + kmsPath},
		{"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", s.URL},
	} {
		if !slices.ContainsFunc(s.options.Environ, func(set string) bool { return strings.HasPrefix(set, v.name+"=") }) {
			env[v.name] = v.value
		}
	}
	return env
}
