package e2e

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// newStream points a server to a NATS server, which NATS_URL may name, and
// returns where to publish and the subject below which to do it. It skips the
// test where there is none.
func newStream(t *testing.T, s *server) (jetstream.JetStream, string) {
	t.Helper()
	url := os.Getenv("NATS_URL")
	if url == "" {
		conn, err := net.DialTimeout("tcp", "127.0.0.1:4222", time.Second)
		if err != nil {
			t.Skipf("no NATS server: %v (NATS_URL names another)", err)
		}
		conn.Close()
		url = nats.DefaultURL
	}
	conn, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("heddle-e2e-%d", time.Now().UnixNano())
	t.Cleanup(func() {
		s.kill()
		if err := js.DeleteStream(context.Background(), name); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
			t.Error(err)
		}
	})
	s.set(fmt.Sprintf("nats-url: %s\nnats-stream: %s\nnats-subject: %s", url, name, name))
	return js, name + "." + project
}

// TestNATSAcrossKills publishes to NATS while the server is killed again and
// again: each message starts one execution, and an object wakes who waits for it.
func TestNATSAcrossKills(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	js, subject := newStream(t, s)
	s.start()
	each, err := s.createGraph("each", `{"states":{"text":{"type":"NOOP","start":true,"payload-filter-out":"$.records[0].smn.message","next-state":"end"},"end":{"type":"END"}}}`)
	if err != nil {
		t.Fatal(err)
	}
	s.mustMap(t, s.mustTrigger(t, "SMN", topicDef("news")), each)
	put := s.mustTrigger(t, "OBS", `{"BucketName":"camera-1","EventRule":{"Event":["s3:ObjectCreated:*"],"Filter":{"S3Key":{"FilterRule":[{"Name":"suffix","Value":".jpg"}]}}}}`)
	picture, err := s.createGraph("picture", `{"event-defs":{"seen":{"source":"`+put+`","payload-filter-request":"$.Records[0].s3.object.key"}},
		"states":{"watch":{"type":"EVENT","start":true,"events":[{"event-expression":"seen","input-mode":"EVENT","next-state":"end"}]},"end":{"type":"END"}}}`)
	if err != nil {
		t.Fatal(err)
	}
	waits := s.mustStartOf(t, picture, `{}`)

	var want []string
	publish := func(to, message string) {
		t.Helper()
		if _, err := js.Publish(t.Context(), subject+to, []byte(message)); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 200 {
		text := fmt.Sprintf("message-%03d", n)
		publish(".topics.news", text)
		want = append(want, `"`+text+`"`)
		switch n % 50 {
		case 20:
			s.kill()
		case 40:
			s.start()
		}
	}
	for _, key := range []string{"notes.txt", "night.jpg"} {
		publish(".objects", `{"Records":[{"eventName":"s3:ObjectCreated:Put","s3":{"bucket":{"name":"camera-1"},"object":{"key":"`+key+`"}}}]}`)
	}
	if x := s.awaitEnd(t, waits); x.Status != "SUCCESS" || !strings.Contains(x.Output, "night.jpg") {
		t.Errorf("what waits for a picture has ended %s %s", x.Status, x.Output)
	}
	eventually(t, "every message starts an execution", func() bool {
		all, err := s.list(each)
		return err == nil && len(all) >= len(want)
	})
	var got []string
	for _, x := range s.awaitAll(t, each) {
		shown, err := s.show(x.URN)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, shown.Output)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%d messages were published, and %d executions give %v", len(want), len(got), got)
	}
}
