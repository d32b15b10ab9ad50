package process_test

import (
	"context"
	"strings"
	"testing"

	"heddle/internal/function"
	"heddle/internal/function/process"
)

// TestSecretsAreHidden has functions tell their secrets in every way, and looks for
// them where others read. What is given back as a result is the function's to say.
func TestSecretsAreHidden(t *testing.T) {
	t.Parallel()
	need(t, "python3")
	const token = "sesame-0123456789"
	g := newRig(t, process.Config{})
	for name, code := range map[string]string{
		"raises": "import os\ndef handler(e, c):\n    print(os.environ['TOKEN'])\n    raise ValueError('refused: ' + os.environ['TOKEN'])",
		"names":  "import os\ndef handler(e, c):\n    raise type(os.environ['TOKEN'], (Exception,), {})('x')",
		"ends":   "import os\ndef handler(e, c):\n    os.write(1, os.environ['TOKEN'].encode())\n    os._exit(3)",
		"loads":  "import os\nraise ValueError(os.environ['TOKEN'])\ndef handler(e, c): pass",
	} {
		s := spec("Python", code)
		s.Secrets = map[string]string{"TOKEN": token}
		got := g.invoke(s, `{}`)
		if got.Failure == nil || strings.Contains(got.Failure.Text()+got.Usage.Log, token) || !strings.Contains(got.Failure.Text(), function.Masked) {
			t.Errorf("%s: got %+v and the log %q", name, got.Failure, got.Usage.Log)
		}
		lines, err := g.logs.Read(context.Background(), function.LogName(s.Project, s.Package, s.Name), 0, 1000, 0)
		if err != nil || len(lines) == 0 {
			t.Errorf("%s: the log has %d lines, %v", name, len(lines), err)
		}
		for _, line := range lines {
			if strings.Contains(line.Text, token) {
				t.Errorf("%s: the log has the line %q", name, line.Text)
			}
		}
	}
	s := spec("Python", "import os\ndef handler(e, c): return os.environ['TOKEN']")
	s.Secrets = map[string]string{"TOKEN": token}
	checkOutput(t, g.invoke(s, `{}`), `"`+token+`"`)
}
