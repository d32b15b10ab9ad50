package e2e

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// hostile is a client of HTTP/2 that says what it likes.
type hostile struct {
	*http2.Framer
	conn    net.Conn
	fields  bytes.Buffer
	encoder *hpack.Encoder
	stream  uint32
	told    chan struct{} // closed once the server has ended the connection, or told it to end
	answers sync.Map      // statuses, by stream
	refused atomic.Int64  // streams that were reset
}

// attack connects, and reads all that is sent.
func attack(t *testing.T, address string) *hostile {
	t.Helper()
	conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if p := conn.ConnectionState().NegotiatedProtocol; p != "h2" {
		t.Fatalf("the server speaks %q", p)
	}
	h := &hostile{Framer: http2.NewFramer(conn, conn), conn: conn, told: make(chan struct{})}
	h.encoder = hpack.NewEncoder(&h.fields)
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	if err := h.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	go h.listen()
	return h
}

func (h *hostile) listen() {
	defer close(h.told)
	h.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	for {
		frame, err := h.ReadFrame()
		if err != nil {
			return
		}
		switch f := frame.(type) {
		case *http2.GoAwayFrame:
			return
		case *http2.RSTStreamFrame:
			h.refused.Add(1)
		case *http2.MetaHeadersFrame:
			h.answers.Store(f.StreamID, f.PseudoValue("status"))
		}
	}
}

// header returns the fields of a request, and takes a new stream for it.
func (h *hostile) header(method, path string, more ...hpack.HeaderField) []byte {
	h.stream += 2
	h.fields.Reset()
	for _, f := range append([]hpack.HeaderField{
		{Name: ":method", Value: method}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: "localhost"}, {Name: ":path", Value: path},
	}, more...) {
		h.encoder.WriteField(f)
	}
	return h.fields.Bytes()
}

func (h *hostile) open(fragment []byte, end bool) error {
	return h.WriteHeaders(http2.HeadersFrameParam{StreamID: h.stream - 1, BlockFragment: fragment, EndHeaders: true, EndStream: end})
}

// repeat does something many times, as long as the server lets it.
func repeat(times int, do func(n int) error) error {
	for n := range times {
		if err := do(n); err != nil {
			return err
		}
	}
	return nil
}

// TestHTTP2UnderAttack has one client misuse a connection of HTTP/2 in the ways that
// have brought servers down, while others go on being served.
func TestHTTP2UnderAttack(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	certificates := t.TempDir()
	if out, err := exec.Command(binary, "certificate", certificates, "localhost", "127.0.0.1").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s.set("tls-cert: " + filepath.Join(certificates, "cert.pem") + "\ntls-key: " + filepath.Join(certificates, "key.pem"))
	s.launch()
	good := &http.Client{Timeout: patience, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true,
	}}
	served := func() bool {
		resp, err := good.Get("https://" + s.address + "/healthz")
		return err == nil && resp.StatusCode == http.StatusOK && resp.Body.Close() == nil
	}
	eventually(t, "the server serves", served)
	before := s.resident(t)
	for name, c := range map[string]struct {
		attack func(h *hostile) error
		after  func(h *hostile) string // what is wrong once the attack is over; nil: the connection must have ended
	}{
		"streams that are reset at once": {
			attack: func(h *hostile) error {
				return repeat(50_000, func(int) error {
					err := h.open(h.header("GET", "/healthz"), true)
					return errors.Join(err, h.WriteRSTStream(h.stream-1, http2.ErrCodeCancel))
				})
			},
			after: func(*hostile) string { return "" }, // the server may bear it
		},
		"streams that never end": {
			attack: func(h *hostile) error {
				return repeat(10_000, func(int) error {
					return h.open(h.header("POST", "/v1.0/default/cloud_graphs", hpack.HeaderField{Name: "content-length", Value: "10"}), false)
				})
			},
			after: func(h *hostile) string {
				if h.refused.Load() == 0 {
					return "no stream was refused"
				}
				return ""
			},
		},
		"a header that never ends": {
			attack: func(h *hostile) error {
				first := h.header("GET", "/healthz")
				if err := h.WriteHeaders(http2.HeadersFrameParam{StreamID: h.stream - 1, BlockFragment: first}); err != nil {
					return err
				}
				return repeat(100_000, func(int) error {
					h.fields.Reset()
					h.encoder.WriteField(hpack.HeaderField{Name: "x-a", Value: strings.Repeat("b", 1000), Sensitive: true})
					return h.WriteContinuation(h.stream-1, false, h.fields.Bytes())
				})
			},
		},
		"a header that grows when it is unpacked": {
			attack: func(h *hostile) error {
				large := hpack.HeaderField{Name: "x-a", Value: strings.Repeat("b", 3900)}
				more := []hpack.HeaderField{large}
				for range 2000 { // each is one byte on the wire
					more = append(more, large)
				}
				return h.open(h.header("GET", "/healthz", more...), true)
			},
			after: func(h *hostile) string {
				if status, _ := h.answers.Load(h.stream - 1); status == "200" {
					return "it was served"
				}
				return ""
			},
		},
		"frames that a client does not send": {
			attack: func(h *hostile) error {
				return repeat(100_000, func(int) error { return h.WriteRawFrame(http2.FramePushPromise, 0, 1, make([]byte, 64)) })
			},
		},
		"data beyond the window": {
			attack: func(h *hostile) error {
				err := h.open(h.header("POST", "/v1.0/default/cloud_graphs", hpack.HeaderField{Name: "content-length", Value: "100000000"}), false)
				if err != nil {
					return err
				}
				return repeat(100_000, func(int) error { return h.WriteData(h.stream-1, false, make([]byte, 16_000)) })
			},
		},
	} {
		h := attack(t, s.address)
		over := make(chan error, 1)
		h.stream = 2 // the next is 3, one less
		h.conn.SetDeadline(time.Now().Add(patience))
		go func() { over <- c.attack(h) }()
		for waiting := true; waiting; {
			select {
			case <-over:
				waiting = false
			default:
				if !served() {
					t.Errorf("%s: another client is not served", name)
					waiting = false
				}
			}
		}
		if c.after == nil {
			select {
			case <-h.told:
			case <-time.After(patience):
				t.Errorf("%s: the connection goes on", name)
			}
		} else {
			eventually(t, name, func() bool { return c.after(h) == "" })
		}
		h.conn.Close()
		if !served() {
			t.Errorf("%s: afterwards others are not served", name)
		}
	}
	// An attack that was kept would be hundreds of MiB.
	if now := s.resident(t); now > before+96<<20 {
		t.Errorf("the server had %d MiB before, and has %d", before>>20, now>>20)
	}
}
