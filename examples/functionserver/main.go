// Command functionserver serves the example functions over HTTP, for a Heddle
// that is configured with examples/heddle.yaml.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"heddle/examples/endpoints"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8481", "`address` to listen on")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := serve(ctx, *listen); err != nil {
		fmt.Fprintln(os.Stderr, "functionserver:", err)
		os.Exit(1)
	}
}

// serve serves the functions until ctx ends.
func serve(ctx context.Context, address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Printf("functions at http://%s\n", listener.Addr())
	server := &http.Server{Handler: endpoints.Handler(), ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
