package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"heddle/internal/functionapi"
)

const (
	headerTimeout = 5 * time.Second  // for a request's header
	bodyTimeout   = 30 * time.Second // for a request's header and body
	callTimeout   = 30 * time.Second // for carrying a call out: a wait of 20 seconds, and the work
	idleTimeout   = 60 * time.Second // for the next request on a connection
	// writeTimeout runs from the end of the header.
	writeTimeout   = bodyTimeout + callTimeout + 10*time.Second
	headerBytesMax = 16 << 10
	streamsMax     = 100 // requests at a time on one connection, with HTTP/2
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

func newWeb(h http.Handler, secure *tls.Config, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		TLSConfig:         secure,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       bodyTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    headerBytesMax,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: streamsMax},
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),

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
	doors := newCrowd(s.listener, s.cfg.Limits.Connections, s.log)
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
