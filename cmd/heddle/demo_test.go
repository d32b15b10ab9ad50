package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestDemoServes follows what the demo prints until it says that it serves,
// makes the call that it shows, and interrupts it.
func TestDemoServes(t *testing.T) {
	t.Parallel()
	c := exec.Command("heddle", "demo", "--listen", "127.0.0.1:0", "--data-dir", t.TempDir())
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Process.Kill()
	var printed strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		printed.WriteString(lines.Text() + "\n")
		if strings.HasPrefix(lines.Text(), "Serving") {
			break
		}
	}

	text := printed.String()
	api := part(t, text, "  API=", "\n")
	path := part(t, text, "$API", " ")
	body := part(t, text, "-d '", "'\n")
	resp, err := new(http.Client).Post(api+path, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if answer, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK {
		t.Errorf("the call that the demo shows got %s: %s", resp.Status, answer)
	}

	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("the demo ended with %v", err)
	}
}

// part returns what stands between two texts.
func part(t *testing.T, text, before, after string) string {
	t.Helper()
	_, rest, begins := strings.Cut(text, before)
	found, _, ends := strings.Cut(rest, after)
	if !begins || !ends {
		t.Fatalf("nothing stands between %q and %q in\n%s", before, after, text)
	}
	return found
}
