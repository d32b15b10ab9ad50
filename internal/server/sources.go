package server

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"heddle/internal/api"
	"heddle/internal/config"
	"heddle/internal/intake"
	"heddle/internal/source"
	"heddle/internal/source/nats"
)

// eventSources are those of the configuration, by project.
func eventSources(configured []config.EventSource) map[string]api.EventSource {
	sources := map[string]api.EventSource{}
	for _, c := range configured {
		s := api.EventSource{Secret: c.Secret}
		for _, t := range c.Topics {
			s.Topics = append(s.Topics, source.TopicRule(t))
		}
		sources[c.Project] = s
	}
	return sources
}

// runner is a component that runs until its context ends.
type runner interface {
	Run(ctx context.Context) error
}

// subscriber takes events from NATS, if that is configured.
func (s *Server) subscriber(events *intake.Events) runner {
	cfg := s.cfg.NATS
	if cfg.URL == "" {
		return idle{}
	}
	return nats.New(nats.Config{
		URL: cfg.URL, Credentials: cfg.Credentials, Stream: cfg.Stream, Subject: cfg.Subject, Region: s.cfg.Region,
	}, events.Receive, s.log)
}

// idle does nothing.
type idle struct{}

// Run waits for the end of ctx.
func (idle) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// confirm fetches a URL, by which a subscription to a topic is confirmed. The URL
// comes from outside, so it leads where calls of functions may go and no further.
func (s *Server) confirm(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, confirmTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	dialer := &net.Dialer{Control: s.reach.Control}
	transport := &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}
	response, err := transport.RoundTrip(request) // which follows no redirect
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("the URL answers %s", response.Status)
	}
	return nil
}

const confirmTimeout = 10 * time.Second
