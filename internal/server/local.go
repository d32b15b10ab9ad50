package server

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"

	"heddle/internal/function/confine"
	"heddle/internal/function/logbook"
	"heddle/internal/function/process"
)

// newLogs returns the logs of the functions that run here. They stay when none
// runs any more.
func (s *Server) newLogs() (*logbook.Book, error) {
	return logbook.New(filepath.Join(s.cfg.DataDir, "function-logs"))
}

// newRuntime returns what runs functions on this machine, or nil if it may not.
// Where nobody has asked for it, it may also be that it cannot.
func (s *Server) newRuntime(logs *logbook.Book) (*process.Runtime, error) {
	if !s.cfg.RunsFunctions() {
		return nil, nil
	}
	directory, err := filepath.Abs(s.cfg.DataDir)
	if err != nil {
		return nil, fmt.Errorf("find the data directory: %w", err)
	}
	first, users, err := s.cfg.Local.UserRange()
	if err != nil {
		return nil, err
	}
	cfg := process.Config{
		Directory:            filepath.Join(directory, "functions"),
		Hidden:               directory,
		UIDFirst:             first,
		UIDs:                 users,
		ResultBytes:          s.cfg.Limits.ResultBytes,
		InstancesMax:         s.cfg.Limits.Instances,
		FunctionInstancesMax: s.cfg.Limits.FunctionInstances,
		IdleDuration:         s.cfg.Local.Idle,
	}
	if cfg.Outside, err = s.outside(); err != nil {
		return nil, err
	}
	r, err := s.runtimeOn(cfg, logs)
	switch {
	case err == nil:
		return r, nil
	case s.cfg.Local.Functions == "on":
		return nil, err
	case !errors.Is(err, confine.ErrNotEntered): // that is a test's program
		s.log.Warn("functions cannot run on this machine", "error", err)
	}
	return nil, nil
}

// runtimeOn returns a runtime with the network that is wanted, or with the best
// that can be had.
func (s *Server) runtimeOn(cfg process.Config, logs *logbook.Book) (*process.Runtime, error) {
	var refused error
	for _, network := range s.localNetworks() {
		cfg.Network = network
		r, err := process.New(cfg, logs, s.log)
		if err == nil && refused != nil {
			s.log.Warn("functions cannot have the network that they should", "network", network, "error", refused)
		}
		if err == nil {
			return r, nil
		}
		refused = errors.Join(refused, fmt.Errorf("local-network %s: %w", network, err))
	}
	return nil, refused
}

// localNetworks returns the networks to try. That of the machine is none where
// others reach the server: a function could do there what nobody else may.
func (s *Server) localNetworks() []confine.Network {
	switch {
	case s.cfg.Local.Network != "auto":
		return []confine.Network{confine.Network(s.cfg.Local.Network)}
	case s.cfg.Loopback():
		return []confine.Network{confine.OutwardNetwork, confine.NoNetwork, confine.HostNetwork}
	}
	return []confine.Network{confine.OutwardNetwork, confine.NoNetwork}
}

// outside returns what makes the connections of functions on this machine. They
// reach what calls of functions may, and never the machine itself.
func (s *Server) outside() (confine.Dial, error) {
	networks, err := s.cfg.LocalNetworks()
	if err != nil {
		return nil, err
	}
	reach := s.reach
	reach.Networks, reach.NotHere = networks, true
	return (&net.Dialer{Control: reach.Control}).DialContext, nil
}
