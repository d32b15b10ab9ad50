package process_test

import (
	"archive/zip"
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"heddle/internal/function"
	"heddle/internal/function/process"
)

// TestShapes calls handlers of every published shape.
func TestShapes(t *testing.T) {
	t.Parallel()
	need(t, "node")
	need(t, "python3")
	g := newRig(t, process.Config{})
	for name, c := range map[string]struct{ runtime, code, input, want string }{
		"node, async":              {"Node.js", `exports.handler = async (event, context) => ({n: event.n + 1})`, `{"n":1}`, `{"n":2}`},
		"node, callback":           {"Node.js", `exports.handler = (event, context, callback) => { setTimeout(() => callback(null, event.n), 1) }`, `{"n":1}`, `1`},
		"node, async and callback": {"Node.js", `exports.handler = async (event, context, callback) => event.n`, `{"n":1}`, `1`},
		"node, plain":              {"Node.js", `exports.handler = (event, context) => event`, `[1,"ä"]`, `[1,"ä"]`},
		"node, nothing":            {"Node.js", `exports.handler = async () => {}`, `{}`, `null`},
		"node, text":               {"Node.js", `exports.handler = async () => "text"`, `{}`, `"text"`},
		"node, module by import":   {"Node.js", `import fs from "fs"; export const handler = async () => typeof fs.readFileSync`, `{}`, `"function"`},
		"python":                   {"Python", "def handler(event, context):\n    return {'n': event['n'] + 1}", `{"n":1}`, `{"n": 2}`},
		"python, large number":     {"Python", "def handler(event, context):\n    return event + 1", `123456789012345678901234567890`, `123456789012345678901234567891`},
		"python, nothing":          {"Python", "def handler(event, context):\n    pass", `{}`, `null`},
		"python, async":            {"Python", "async def handler(event, context):\n    return 'ä'", `{}`, `"ä"`},
		"custom, serves":           {"Custom", echoServer, `{"n": 1.10}`, `{"n": 1.10}`},
		"custom, fetches":          {"Custom", fetching(`-d "$event" $base/response/$id`), `{"n": 1.10}`, `{"n": 1.10}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if strings.HasSuffix(name, "by import") {
				c.runtime = "Node.js" // in a file .js without package.json: only as CommonJS
				s := zipped("Node.js", map[string]string{"index.mjs": c.code})
				checkOutput(t, g.invoke(s, c.input), c.want)
				return
			}
			s := spec(c.runtime, c.code)
			if err := g.r.Check(context.Background(), s); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				checkOutput(t, g.invoke(s, c.input), c.want)
			}
		})
	}
}

// echoServer is a bootstrap that serves.
const echoServer = `#!/usr/bin/env python3
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.path == "/invoke", self.path
        if b"status" in body:
            self.send_error(503, "the bank is busy")
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
`

// fetching is a bootstrap that fetches calls and answers each by a call of curl.
func fetching(answer string) string {
	return `#!/bin/bash
base=http://$RUNTIME_API_ADDR/v1/runtime/invocation
while event=$(curl -sS -D $TMPDIR/header $base/request); do
  id=$(sed -n 's/^x-cff-request-id: *\([^[:space:]]*\).*/\1/ip' $TMPDIR/header)
  echo "call $id"
  curl -sS ` + answer + `
done
`
}

// zipped returns a function with code in several files.
func zipped(runtime string, files map[string]string) function.Spec {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range files {
		f, _ := w.Create(name) // what is written to a buffer is written
		f.Write([]byte(content))
	}
	w.Close()
	s := spec(runtime, b.String())
	s.CodeType = function.CodeZip
	return s
}

func TestArchive(t *testing.T) {
	t.Parallel()
	need(t, "node")
	need(t, "python3")
	g := newRig(t, process.Config{})
	python := zipped("Python", map[string]string{
		"src/main.py":        "from helper import double\nimport os\ndef run(event, context):\n    return [double(event), sorted(os.listdir('.'))]",
		"helper/__init__.py": "def double(n): return 2 * n",
		"json.py":            "raise Exception('not this one')",
	})
	python.Handler = "src/main.run"
	checkOutput(t, g.invoke(python, `4`), `[8, ["helper", "json.py", "src"]]`)
	node := zipped("Node.js", map[string]string{
		"index.js":                    `const twice = require("twice"); exports.handler = async (n) => twice(n) + require("./half").half`,
		"half.js":                     `exports.half = 0.5`,
		"node_modules/twice/index.js": `module.exports = (n) => 2 * n`,
	})
	checkOutput(t, g.invoke(node, `4`), `8.5`)
	checkOutput(t, g.invoke(zipped("Custom", map[string]string{"bootstrap": echoServer}), `[4]`), `[4]`)
}

// TestContext looks at everything that a function is told.
func TestContext(t *testing.T) {
	t.Parallel()
	need(t, "node")
	need(t, "python3")
	g := newRig(t, process.Config{})
	methods := "getRequestID getInvocationID getFunctionName getVersion getPackage getProjectID getMemorySize getCPUNumber getRunningTimeInSeconds getAlias getToken"
	node := `exports.handler = async (event, context) => {
		context.getLogger().info("hello");
		const left = context.getRemainingTimeInMilliSeconds();
		const told = [left > 5000 && left <= 60000, context.getUserData("shop"), process.env.shop, context.getUserData("secret"),
			context.getUserData("none") ?? null, context.getHeader("X-Heddle-Attempt"), process.env.RUNTIME_FUNC_NAME];
		for (const m of "` + methods + `".split(" ")) told.push(context[m]());
		return JSON.stringify(told);
	}`
	python := `
import json, os
def handler(event, context):
    context.getLogger().info("hello")
    left = context.getRemainingTimeInMilliSeconds()
    told = [left > 5000 and left <= 60000, context.getUserData("shop"), os.environ["shop"], context.getUserData("secret"),
            context.getUserData("none"), context.getHeader("X-Heddle-Attempt"), os.environ["RUNTIME_FUNC_NAME"]]
    told += [getattr(context, m)() for m in "` + methods + `".split()]
    return json.dumps(told, separators=(",", ":"))
`
	for runtime, code := range map[string]string{"Node.js": node, "Python": python} {
		s := spec(runtime, code)
		s.UserData = map[string]string{"shop": "seven", "PATH": "/nowhere", "bad=name": "x"}
		s.Secrets = map[string]string{"secret": "sesame"}
		got := g.invoke(s, `{}`)
		want := `"[true,\"seven\",\"seven\",\"sesame\",null,\"1\",\"` + s.Name + `\",\"call-1\",\"call-1\",\"` + s.Name +
			`\",\"latest\",\"default\",\"p\",128,100,60,\"\",\"\"]"`
		checkOutput(t, got, want)
		if got.Usage.Log != "INFO hello\n" || got.Usage.Memory < 1<<20 || got.Usage.Duration <= 0 {
			t.Errorf("usage %+v", got.Usage)
		}
	}
}

func TestInitializer(t *testing.T) {
	t.Parallel()
	need(t, "node")
	need(t, "python3")
	g := newRig(t, process.Config{})
	for runtime, code := range map[string]string{
		"Node.js": `let n = 0; exports.init = (context, callback) => { n = 40; callback(null, "") }; exports.handler = async () => ++n`,
		"Python":  "n = 0\ndef init(context):\n    global n\n    n = 40\ndef handler(event, context):\n    global n\n    n += 1\n    return n",
	} {
		s := spec(runtime, code)
		s.InitializerHandler, s.InitializerTimeout = "index.init", 10*time.Second
		if err := g.r.Check(context.Background(), s); err != nil {
			t.Error(err)
		}
		checkOutput(t, g.invoke(s, `{}`), `41`)
		checkOutput(t, g.invoke(s, `{}`), `42`) // in the same instance
	}
}

// TestErrors are those of the function's own code.
func TestErrors(t *testing.T) {
	t.Parallel()
	need(t, "node")
	need(t, "python3")
	g := newRig(t, process.Config{})
	for name, c := range map[string]struct{ runtime, code, name, text string }{
		"node throws":              {"Node.js", "exports.handler = async () => {\n  null.x }", function.ActionFailed, "TypeError: Cannot read properties of null (reading 'x')\n    at exports.handler (index.js:2:8)"},
		"node throws a text":       {"Node.js", `exports.handler = async () => { throw "no" }`, function.ActionFailed, "Error: no"},
		"node calls back":          {"Node.js", `exports.handler = (e, c, callback) => callback(new RangeError("far"))`, function.ActionFailed, "RangeError: far"},
		"node names its failure":   {"Node.js", `exports.handler = async () => { throw Object.assign(new Error("busy"), {failure: "States.FunctionStageUnavailable"}) }`, function.FunctionStageUnavailable, "Error: busy"},
		"node later":               {"Node.js", `exports.handler = () => new Promise(() => setTimeout(() => { throw new Error("later") }, 1))`, function.ActionFailed, "Error: later"},
		"node cannot load":         {"Node.js", `exports.handler = (`, function.ActionFailed, "the function cannot be loaded: Unexpected end of input"},
		"node has no entry":        {"Node.js", `exports.other = 1`, function.ActionFailed, "index.js exports no function handler"},
		"python raises":            {"Python", "def deep():\n    return {}['k']\ndef handler(event, context):\n    return deep()", function.ActionFailed, "KeyError: 'k'\nat deep (index.py:2)\nat handler (index.py:4)"},
		"python names its failure": {"Python", "class Busy(Exception):\n    failure = 'States.TooManyRequests'\ndef handler(event, context):\n    raise Busy('busy')", function.TooManyRequests, "Busy: busy"},
		"python cannot load":       {"Python", "def handler(:", function.ActionFailed, "SyntaxError: the function cannot be loaded: invalid syntax (index.py:1)"},
		"python has no module":     {"Python", "import nothing_here\ndef handler(event, context): pass", function.ActionFailed, "ModuleNotFoundError"},
		"python has no entry":      {"Python", "x = 1", function.ActionFailed, "index.py has no function handler"},
		"custom answers 503":       {"Custom", echoServer, function.FunctionStageUnavailable, "the function answered 503"},
		"custom reports":           {"Custom", fetching(`-d '{"type":"Busy","message":"busy","failure":"States.FunctionStageUnavailable"}' $base/error/$id`), function.FunctionStageUnavailable, "Busy: busy"},
		"custom reports text":      {"Custom", fetching(`-d 'out of yarn' $base/error/$id`), function.ActionFailed, "out of yarn"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := spec(c.runtime, c.code)
			got := g.invoke(s, `{"status":1}`)
			checkFailure(t, got, c.name, c.text)
			lines, err := g.logs.Read(context.Background(), function.LogName(s.Project, s.Package, s.Name), 0, 100, 0)
			if err != nil {
				t.Fatal(err)
			}
			var log strings.Builder
			for _, line := range lines {
				log.WriteString(line.Text + "\n")
			}
			if !strings.Contains(log.String(), c.text) {
				t.Errorf("the log lacks it:\n%s", &log)
			}
		})
	}
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	need(t, "node")
	need(t, "python3")
	g := newRig(t, process.Config{})
	for name, c := range map[string]struct {
		change func(*function.Spec)
		want   string
	}{
		"unknown runtime":   {func(s *function.Spec) { s.Runtime = "Java8" }, `runtime: "Java8" cannot run here: it must be Node.js or Python, with or without a version, or Custom`},
		"missing node":      {func(s *function.Spec) { s.Runtime = "Node.js6.10" }, `runtime: "Node.js6.10" is not installed here: there is Node.js`},
		"missing python":    {func(s *function.Spec) { s.Runtime = "Python2.7" }, `runtime: "Python2.7" is not installed here: there is Python3.`},
		"no entry":          {func(s *function.Spec) { s.Handler = "index" }, `handler: "index" must be file.entry`},
		"outside":           {func(s *function.Spec) { s.Handler = "../index.handler" }, `handler: "../index.handler" must be file.entry`},
		"initializer":       {func(s *function.Spec) { s.InitializerHandler = "x" }, `initializer_handler: "x" must be file.entry`},
		"not a zip":         {func(s *function.Spec) { s.CodeType = function.CodeZip }, "is not a zip archive"},
		"no script":         {func(s *function.Spec) { s.Runtime = "Custom" }, "must be a script that begins with #!"},
		"file not there":    {func(s *function.Spec) { *s = zipped("Python", map[string]string{"main.py": ""}) }, `handler: "index.handler" names no file of the archive, which has no index.py`},
		"bootstrap missing": {func(s *function.Spec) { *s = zipped("Custom", map[string]string{"main": ""}) }, "the archive has no file bootstrap"},
		"traversal":         {func(s *function.Spec) { *s = zipped("Custom", map[string]string{"../bootstrap": ""}) }, "'..'"},
	} {
		s := spec("Python", "def handler(event, context): pass")
		c.change(&s)
		err := g.r.Check(context.Background(), s)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
}
