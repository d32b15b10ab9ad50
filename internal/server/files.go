package server

import (
	"log/slog"

	"heddle/internal/config"
)

// withinFiles lowers the limits that would take more open files than the system
// allows. A quarter goes to clients, a quarter to calls in flight, a quarter to
// connections that are kept for the next calls; the rest is for the store and
// whatever else has to be opened. If calls could not get a connection for want
// of a file, actions would fail that did nothing wrong.
func withinFiles(limits config.Limits, files int, log *slog.Logger) config.Limits {
	share := files / 4
	if limits.Connections <= share && limits.CallsInFlight <= share {
		return limits
	}
	limits.Connections, limits.CallsInFlight = min(limits.Connections, share), min(limits.CallsInFlight, share)
	log.Warn("limits are lower than they are set: the system allows too few open files",
		"files", files, "connections", limits.Connections, "calls_in_flight", limits.CallsInFlight)
	return limits
}
