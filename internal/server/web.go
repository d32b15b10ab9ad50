package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"heddle/internal/exchange"
	"heddle/internal/functionapi"
)

// times are how long a client may have the server wait.
type times struct {
	header time.Duration // for a request's header
	body   time.Duration // for a request's header and body
	call   time.Duration // for carrying a call out: a wait of 20 seconds, and the work
	answer time.Duration // for taking the answer
	idle   time.Duration // for the next request on a connection
}

var usual = times{header: 5 * time.Second, body: 30 * time.Second, call: 30 * time.Second, answer: 30 * time.Second, idle: 60 * time.Second}

// Limits of a connection with HTTP/2.
const (
	streamsMax = 100              // requests at a time
	silenceMax = 15 * time.Second // of a client, then it is asked whether it is there
	stillMax   = 15 * time.Second // it may take to say so, and to take anything that is sent
)

// doors returns the handler of both APIs: that of functions has paths of its own.
func doors(graphs, functions http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.EscapedPath(), functionapi.Prefix) {
			functions.ServeHTTP(w, r)
			return
		}
		graphs.ServeHTTP(w, r)
	})
}

func (s *Server) newWeb(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		TLSConfig:         s.tls,
		ReadHeaderTimeout: s.times.header,
		ReadTimeout:       s.times.body,
		WriteTimeout:      s.times.body + s.times.call + s.times.answer, // it runs from the end of the header
		IdleTimeout:       s.times.idle,
		MaxHeaderBytes:    exchange.HeaderBytesMax,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: streamsMax,
			SendPingTimeout:      silenceMax,
			PingTimeout:          stillMax,
			WriteByteTimeout:     stillMax,
		},
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),

		DisableGeneralOptionsHandler: true, // the API refuses OPTIONS like any method that it does not take
	}
}

// serve answers requests until ctx ends. Then it takes no new ones, and waits
// for those in hand, but no longer than a quarter of the time to shut down.
func (s *Server) serve(ctx context.Context, web *http.Server) error {
	closed := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.ShutdownTimeout/4)
		defer cancel()
		err := web.Shutdown(patience)
		if errors.Is(err, context.DeadlineExceeded) {
			// It may be no more than a connection on which nothing was ever sent.
			s.log.Warn("connections were cut off")
			err = web.Close()
		}
		closed <- err
	})
	limits := s.cfg.Limits
	doors := newCrowd(s.listener, limits.Connections, limits.FromOneAddress(), slices.Concat(loopback, s.proxies), s.log)
	web.ConnState = doors.follow
	serve := web.Serve
	if web.TLSConfig != nil {
		serve = func(l net.Listener) error { return web.ServeTLS(l, "", "") } // TLSConfig has the certificate
	}
	if err := serve(doors); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-closed
}
