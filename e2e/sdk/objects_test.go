package sdk

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// gateway builds and starts an S3 server that tells a URL what becomes of its
// objects, and returns a client of it.
func gateway(t *testing.T, webhook string) *s3.Client {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "versitygw")
	if out, err := exec.Command("go", "build", "-o", program, "github.com/versity/versitygw/cmd/versitygw").CombinedOutput(); err != nil {
		t.Fatalf("build versitygw: %v\n%s", err, out)
	}
	for _, name := range []string{"objects", "metadata"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	address := freeAddress(t)
	process := exec.Command(program, "--access", "ak", "--secret", "sk", "--region", "local", "--port", address, "--health", "/health",
		"--event-webhook-url", webhook, "posix", "--sidecar", filepath.Join(dir, "metadata"), filepath.Join(dir, "objects"))
	var printed bytes.Buffer
	process.Stdout, process.Stderr = &printed, &printed
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		process.Process.Kill()
		process.Wait()
		if t.Failed() {
			t.Log(printed.String())
		}
	})
	eventually(t, "the S3 server serves", func() bool {
		answer, err := new(http.Client).Get("http://" + address + "/health")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	return s3.New(s3.Options{
		BaseEndpoint: aws.String("http://" + address), Region: "local", UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider("ak", "sk", ""),
	})
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// post makes a call of the workflow API and reads its answer.
func (s *server) post(path string, body, answer any) {
	s.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	s.exchange(http.MethodPost, path, bytes.NewReader(text), answer)
}

func (s *server) get(path string, answer any) {
	s.t.Helper()
	s.exchange(http.MethodGet, path, nil, answer)
}

func (s *server) exchange(method, path string, body io.Reader, answer any) {
	s.t.Helper()
	r, err := http.NewRequest(method, s.url+"/v1.0/"+project+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", mime)
	r.Header.Set("X-Auth-Token", s.admin)
	a, err := new(http.Client).Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err == nil && a.StatusCode/100 == 2 {
		err = json.Unmarshal(text, answer)
	}
	if err != nil || a.StatusCode/100 != 2 {
		s.t.Fatalf("%s %s: %d %s %v", method, path, a.StatusCode, text, err)
	}
}

// bucketTrigger stores a trigger of a bucket and returns its URN.
func (s *server) bucketTrigger(event, prefix, suffix string) string {
	s.t.Helper()
	rules := []map[string]string{{"Name": "prefix", "Value": prefix}, {"Name": "suffix", "Value": suffix}}
	definition, err := json.Marshal(map[string]any{"BucketName": "uploads", "EventRule": map[string]any{
		"Event": []string{event}, "Filter": map[string]any{"S3Key": map[string]any{"FilterRule": rules}}}})
	if err != nil {
		s.t.Fatal(err)
	}
	var created struct {
		URN string `json:"trigger_urn"`
	}
	s.post("/cloud_triggers", map[string]string{"event_source": "OBS", "trigger_def": string(definition)}, &created)
	return created.URN
}

// graph stores a graph and returns its URN.
func (s *server) graph(name, definition string) string {
	s.t.Helper()
	var created struct {
		URN string `json:"graph_urn"`
	}
	s.post("/cloud_graphs", map[string]string{"graph_name": name, "definition": definition}, &created)
	return created.URN
}

// outputs returns what the executions of a graph that have ended give, sorted.
func (s *server) outputs(graph string) []string {
	s.t.Helper()
	var list struct {
		Executions []struct {
			URN string `json:"execution_urn"`
		} `json:"executions"`
	}
	s.get("/cloud_graphs/"+graph+"/executions", &list)
	var outputs []string
	for _, e := range list.Executions {
		var x struct {
			Info struct {
				State  string `json:"execution_state"`
				Output string `json:"output"`
			} `json:"execution_info"`
		}
		s.get("/cloud_graphs/executions/"+e.URN, &x)
		if x.Info.State == "SUCCESS" {
			outputs = append(outputs, x.Info.Output)
		}
	}
	slices.Sort(outputs)
	return outputs
}

// An S3 server with real objects: those that are put start executions of a mapped
// graph and wake one that waits, and those that a filter leaves out do neither.
func TestObjects(t *testing.T) {
	s := start(t, t.TempDir())
	put := s.bucketTrigger("s3:ObjectCreated:*", "in/", ".csv")
	gone := s.bucketTrigger("s3:ObjectRemoved:*", "in/", ".csv")
	each := s.graph("each", `{"states":{"key":{"type":"NOOP","start":true,"payload-filter-in":"$.Records[0].s3.object.key","next-state":"end"},"end":{"type":"END"}}}`)
	s.post("/trigger_graph_mappings", map[string]any{"trigger_urn": put, "graph_urn": each, "enabled": true}, new(any))
	removal := s.graph("removal", `{"event-defs":{"gone":{"source":"`+gone+`","payload-filter-request":"$.Records[0].s3.object.key"}},
		"states":{"wait":{"type":"EVENT","start":true,"events":[{"event-expression":"gone","input-mode":"EVENT","next-state":"end"}]},"end":{"type":"END"}}}`)
	s.post("/cloud_graphs/"+removal+"/executions/action", map[string]any{"action_type": "start", "executions": map[string]string{"execution_name": "waits", "input": "{}"}}, new(any))

	client := gateway(t, s.url+"/v1.0/"+project+"/events?secret="+eventSecret)
	ctx := t.Context()
	bucket := aws.String("uploads")
	must[*s3.CreateBucketOutput](t)(client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket}))
	for _, key := range []string{"in/1.csv", "in/notes.txt", "out/2.csv", "in/a b+100%.csv"} {
		must[*s3.PutObjectOutput](t)(client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: &key, Body: strings.NewReader("1,2\n")}))
	}
	var keys []string
	eventually(t, "the objects have started executions", func() bool {
		keys = s.outputs(each)
		return len(keys) >= 2
	})
	if len(s.outputs(removal)) != 0 {
		t.Error("an execution that waits for a removal has ended before it")
	}
	for _, key := range []string{"out/2.csv", "in/1.csv"} {
		must[*s3.DeleteObjectOutput](t)(client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: &key}))
	}
	eventually(t, "the removal is noticed", func() bool { return len(s.outputs(removal)) == 1 })
	if got := s.outputs(removal); got[0] != `"in/1.csv"` {
		t.Errorf("the removal gives %s", got)
	}
	if keys = s.outputs(each); len(keys) != 2 || keys[0] != `"in/1.csv"` || keys[1] != `"in/a b+100%.csv"` {
		t.Errorf("what was put gives %s", keys)
	}
}
