package server

import (
	"time"

	"github.com/cenote-id/cenote/internal/logs"
	"github.com/cenote-id/cenote/internal/trigger/carrier"
)

// openLogs prepares the delivery of pools' logs.
func (s *Server) openLogs() error {
	sink, err := s.logSink()
	if err != nil {
		return err
	}
	s.outbox = logs.NewOutbox(s.data.Store, s.now, s.log)
	s.courier = &logs.Courier{Store: s.data.Store, Sink: sink, Now: s.now, Log: s.log}
	return nil
}

// logSink is what stands behind the ARNs of log deliveries.
func (s *Server) logSink() (logs.Sink, error) {
	c := s.options.Config
	o := logs.Options{To: c.LogDelivery, Region: c.Region, Now: time.Now, Log: s.log}
	if c.AWS.AccessKeyID != "" {
		o.Credentials = carrier.StaticCredentials(c.AWS.AccessKeyID, c.AWS.SecretAccessKey, c.AWS.SessionToken)
	}
	sink, err := logs.NewSink(o)
	if err != nil {
		return nil, c.Wrong("log-delivery", err)
	}
	return sink, nil
}
