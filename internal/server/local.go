package server

import (
	"errors"
	"fmt"
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
	r, err := process.New(process.Config{
		Directory:            filepath.Join(directory, "functions"),
		Hidden:               directory,
		UIDFirst:             first,
		UIDs:                 users,
		Isolated:             s.cfg.Local.Network == "none",
		ResultBytes:          s.cfg.Limits.ResultBytes,
		InstancesMax:         s.cfg.Limits.Instances,
		FunctionInstancesMax: s.cfg.Limits.FunctionInstances,
		IdleDuration:         s.cfg.Local.Idle,
	}, logs, s.log)
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
