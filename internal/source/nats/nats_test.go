package nats_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"testing"
	"time"

	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"heddle/internal/source"
	"heddle/internal/source/nats"
)

// server returns the address of the NATS server for tests, which NATS_URL may
// name, or skips the test.
func server(t *testing.T) string {
	t.Helper()
	url := os.Getenv("NATS_URL")
	if url != "" {
		return url
	}
	conn, err := net.DialTimeout("tcp", "127.0.0.1:4222", time.Second)
	if err != nil {
		t.Skipf("no NATS server: %v (NATS_URL names another)", err)
	}
	conn.Close()
	return client.DefaultURL
}

// rig is a stream of the test's own, and a subscriber to it.
type rig struct {
	*testing.T
	cfg      nats.Config
	js       jetstream.JetStream
	accepted chan accepted
	answers  chan error // what accepting returns, the next ones first; nil if it is empty
}

type accepted struct {
	project string
	event   source.Event
}

func newRig(t *testing.T) *rig {
	t.Helper()
	conn, err := client.Connect(server(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("heddle-test-%d", time.Now().UnixNano())
	r := &rig{
		T: t, js: js, accepted: make(chan accepted, 100), answers: make(chan error, 10),
		cfg: nats.Config{URL: conn.ConnectedUrl(), Stream: name, Subject: name, Region: "local"},
	}
	t.Cleanup(func() {
		if err := js.DeleteStream(context.Background(), name); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
			t.Error(err)
		}
	})
	return r
}

// run takes events until stop is called.
func (r *rig) run() (stop func()) {
	r.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := nats.New(r.cfg, r.accept, slog.New(slog.DiscardHandler))
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			r.Errorf("the subscriber ended with %v", err)
		}
	}
}

func (r *rig) accept(_ context.Context, project string, events []source.Event) error {
	select {
	case err := <-r.answers:
		return err
	default:
	}
	for _, e := range events {
		r.accepted <- accepted{project, e}
	}
	return nil
}

// publish waits until the stream is there and has taken the message.
func (r *rig) publish(subject, text string, options ...jetstream.PublishOpt) {
	r.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		_, err := r.js.Publish(r.Context(), r.cfg.Subject+"."+subject, []byte(text), options...)
		if err == nil {
			return
		}
		if !errors.Is(err, jetstream.ErrNoStreamResponse) || time.Now().After(deadline) {
			r.Fatal(err)
		}
	}
}

// next returns what is accepted next.
func (r *rig) next() accepted {
	r.Helper()
	select {
	case a := <-r.accepted:
		return a
	case <-time.After(time.Minute):
		r.Fatal("nothing was accepted")
		return accepted{}
	}
}

const record = `{"Records":[{"eventName":"s3:ObjectCreated:Put","s3":{"bucket":{"name":"photos"},"object":{"key":"a.jpg","sequencer":"1"}}}]}`

func TestEventsAreTaken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	stop := r.run()
	defer stop()
	r.publish("p1.objects", record)
	if a := r.next(); a.project != "p1" || a.event.Resource != "photos" || a.event.Key != "a.jpg" {
		t.Errorf("got %+v, want the object of p1", a)
	}
	r.publish("p2.topics.orders", `{"n":1}`, jetstream.WithMsgID("order-1"))
	a := r.next()
	if a.project != "p2" || a.event.Source != "SMN" || a.event.Resource != "orders" || a.event.ID != "SMN/orders/"+source.MessageID("order-1") {
		t.Errorf("got %+v, want the message of p2", a)
	}
}

// What comes while nobody takes it is there when somebody does.
func TestEventsAreKept(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.run()()
	stop := r.run()
	r.publish("p.topics.orders", "first")
	first := r.next()
	stop()
	r.publish("p.topics.orders", "second")
	defer r.run()()
	if second := r.next(); second.event.ID == first.event.ID {
		t.Errorf("got %s twice, want an id for each message", second.event.ID)
	}
}

// What cannot be accepted now comes again; what nobody can read does not.
func TestEventsComeAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.answers <- errors.New("the store is unavailable")
	defer r.run()()
	r.publish("p.topics.orders", "again", jetstream.WithMsgID("1"))
	if a := r.next(); a.event.ID != "SMN/orders/"+source.MessageID("1") {
		t.Errorf("got %+v, want the message that was put off", a)
	}
	r.publish("p.objects", "not JSON")
	r.publish("p.elsewhere", "x")
	r.publish("p.topics.-", "x")
	r.publish("p.objects", record)
	if a := r.next(); a.event.Resource != "photos" {
		t.Errorf("got %+v, want the object behind what cannot be read", a)
	}
	stream, err := r.js.Stream(t.Context(), r.cfg.Stream)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; {
		info, err := stream.Info(t.Context())
		switch {
		case err != nil:
			t.Fatal(err)
		case info.State.Msgs == 0: // none of it waits to come again
			return
		case time.Now().After(deadline):
			t.Fatalf("%d messages are left", info.State.Msgs)
		}
	}
}

// A server that is away is waited for, and does not keep the service from
// stopping.
func TestAServerThatIsAway(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.cfg.URL = "nats://127.0.0.1:1"
	r.run()()
}
