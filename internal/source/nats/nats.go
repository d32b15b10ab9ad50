// Package nats takes events from subjects of a NATS server: those of buckets from
//
//	{subject}.{project}.objects
//
// in the form that S3 servers send, and messages of a topic, each as it is, from
//
//	{subject}.{project}.topics.{topic}
//
// A JetStream stream keeps what is published there until it has been accepted, so
// that nothing is lost while the service is away, and what is taken twice has one
// id. The package does not know what becomes of an event.
package nats

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"heddle/internal/source"
)

// Config says where events come from.
type Config struct {
	URL         string // of the server, or several with commas between: nats://127.0.0.1:4222
	Credentials string // a file with the user's credentials; "" for none
	Stream      string // made with the subjects below Subject if it is not there
	Subject     string // the first part of the subjects
	Region      string // of the topics' URNs
}

// Accept has events of a project accepted, and returns nil once they are on the
// disk. An error that is a source.Fault lies with the event.
type Accept func(ctx context.Context, project string, events []source.Event) error

// Subscriber takes events, once it runs.
type Subscriber struct {
	cfg    Config
	accept Accept
	log    *slog.Logger
}

// New returns a subscriber that does nothing until Run.
func New(cfg Config, accept Accept, log *slog.Logger) *Subscriber {
	return &Subscriber{cfg: cfg, accept: accept, log: log}
}

const (
	// inFlightMax is how many events are on their way at a time: as many as share
	// a commit with profit.
	inFlightMax = 64
	// ackWait is after how long an event that was not acknowledged comes again.
	ackWait = 30 * time.Second
	// tryAgain is after how long the server is asked again, and an event that
	// could not be accepted comes again.
	tryAgain = time.Second
)

// Run takes events until ctx ends. A server that is away is waited for.
func (s *Subscriber) Run(ctx context.Context) error {
	options := []nats.Option{
		nats.Name("heddle"), nats.MaxReconnects(-1), nats.ReconnectWait(tryAgain), nats.RetryOnFailedConnect(true),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if ctx.Err() == nil {
				s.log.Warn("the connection to NATS is lost", "error", err)
			}
		}),
	}
	if s.cfg.Credentials != "" {
		options = append(options, nats.UserCredentials(s.cfg.Credentials))
	}
	conn, err := nats.Connect(s.cfg.URL, options...)
	if err != nil {
		return fmt.Errorf("connect to NATS: %w", err)
	}
	defer conn.Close()
	for complained := false; ctx.Err() == nil; {
		err := s.take(ctx, conn)
		if ctx.Err() != nil {
			break
		}
		if !complained {
			s.log.Warn("events cannot be taken from NATS; trying again each second", "stream", s.cfg.Stream, "error", err)
		}
		complained = true
		wait(ctx, tryAgain)
	}
	return nil
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// take takes events until ctx ends or the server does not answer.
func (s *Subscriber) take(ctx context.Context, conn *nats.Conn) error {
	consumer, err := s.consumer(ctx, conn)
	if err != nil {
		return err
	}
	lost := make(chan error, 1)
	slots := make(chan struct{}, inFlightMax)
	var working sync.WaitGroup
	consuming, err := consumer.Consume(func(m jetstream.Msg) {
		slots <- struct{}{}
		working.Go(func() {
			s.handle(ctx, m)
			<-slots
		})
	}, jetstream.PullMaxMessages(2*inFlightMax), jetstream.ConsumeErrHandler(func(_ jetstream.ConsumeContext, err error) {
		if errors.Is(err, jetstream.ErrConsumerDeleted) || errors.Is(err, jetstream.ErrConsumerNotFound) {
			select {
			case lost <- err:
			default:
			}
		}
	}))
	if err != nil {
		return fmt.Errorf("consume: %w", err)
	}
	s.log.Info("taking events from NATS", "stream", s.cfg.Stream, "subject", s.cfg.Subject)
	select {
	case <-ctx.Done():
	case err = <-lost:
	}
	consuming.Stop()
	<-consuming.Closed()
	working.Wait()
	return err
}

// consumer returns the durable consumer of the stream; both are made if they are
// not there.
func (s *Subscriber) consumer(ctx context.Context, conn *nats.Conn) (jetstream.Consumer, error) {
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, fmt.Errorf("use JetStream: %w", err)
	}
	stream, err := js.Stream(ctx, s.cfg.Stream)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		stream, err = js.CreateStream(ctx, jetstream.StreamConfig{
			Name: s.cfg.Stream, Subjects: []string{s.cfg.Subject + ".>"}, Retention: jetstream.WorkQueuePolicy,
		})
	}
	if err != nil {
		return nil, fmt.Errorf("find the stream %s: %w", s.cfg.Stream, err)
	}
	consumer, err := stream.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable: "heddle", AckPolicy: jetstream.AckExplicitPolicy, AckWait: ackWait, MaxAckPending: 4 * inFlightMax,
		FilterSubject: s.cfg.Subject + ".>",
	})
	if err != nil {
		return nil, fmt.Errorf("make the consumer of the stream %s: %w", s.cfg.Stream, err)
	}
	return consumer, nil
}

// handle has one message accepted, and tells the server what became of it.
func (s *Subscriber) handle(ctx context.Context, m jetstream.Msg) {
	project, events, err := s.read(m)
	if err == nil {
		err = s.accept(ctx, project, events)
	}
	var fault *source.Fault
	switch {
	case err == nil:
		err = m.Ack()
	case errors.As(err, &fault): // it would be as wrong the next time
		s.log.Warn("an event from NATS cannot be read and is dropped", "subject", m.Subject(), "error", err)
		err = m.Ack()
	default:
		s.log.Debug("an event from NATS is put off", "subject", m.Subject(), "error", err)
		err = m.NakWithDelay(tryAgain)
	}
	if err != nil { // it comes again, and is known then
		s.log.Debug("acknowledge an event from NATS", "subject", m.Subject(), "error", err)
	}
}

// read returns the project of a message and the events in it.
func (s *Subscriber) read(m jetstream.Msg) (project string, events []source.Event, err error) {
	rest := strings.TrimPrefix(m.Subject(), s.cfg.Subject+".")
	project, kind, _ := strings.Cut(rest, ".")
	switch topic, isTopic := strings.CutPrefix(kind, "topics."); {
	case isTopic:
		n, err := s.notification(m, project, topic)
		if err != nil {
			return "", nil, err
		}
		e, err := n.Event()
		return project, []source.Event{e}, err
	case kind == "objects":
		events, err = source.Objects(string(m.Data()))
		return project, events, err
	}
	return "", nil, &source.Fault{
		Code:    "FGS.5004",
		Message: fmt.Sprintf("the subject %s is neither %s.{project}.objects nor %s.{project}.topics.{topic}", m.Subject(), s.cfg.Subject, s.cfg.Subject),
	}
}

// notification returns the message of a topic. It is known by the id that its
// publisher gave it, else by its place in the stream.
func (s *Subscriber) notification(m jetstream.Msg, project, topic string) (source.Notification, error) {
	meta, err := m.Metadata()
	if err != nil {
		return source.Notification{}, fmt.Errorf("read the message's place: %w", err)
	}
	id := m.Headers().Get(nats.MsgIdHdr)
	if id == "" {
		id = fmt.Sprintf("%s/%d", meta.Stream, meta.Sequence.Stream)
	}
	return source.Notification{
		Region: s.cfg.Region, Project: project, Topic: topic,
		Subject: m.Headers().Get("Subject"), Message: string(m.Data()), MessageID: source.MessageID(id), At: meta.Timestamp,
	}, nil
}
