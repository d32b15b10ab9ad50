package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

const (
	region  = "local"
	project = "9800716a0c604a8690963103a85754f0"
	base    = "/v1.0/" + project
)

// answer is what the server said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// code returns the error code of a refusal, or "".
func (a answer) code() string {
	var e struct {
		Code string `json:"error_code"`
	}
	_ = json.Unmarshal(a.body, &e) // what is no JSON has no code
	return e.Code
}

func (a answer) String() string { return fmt.Sprintf("%d %.300s", a.status, a.body) }

// into reads the body of a 200 into v.
func (a answer) into(v any) error {
	if a.status != http.StatusOK {
		return refusal{a}
	}
	return json.Unmarshal(a.body, v)
}

// refusal is an answer that is not a 200.
type refusal struct{ answer }

func (r refusal) Error() string { return fmt.Sprintf("the server refused: %v", r.answer) }

// call makes one request. An error means that no whole answer came: what
// became of the request is not known.
func (s *server) call(method, path string, body any, header http.Header) (answer, error) {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return answer{}, err
		}
	}
	return s.request(method, path, text, header)
}

// request makes one request with the body as it is.
func (s *server) request(method, path string, text []byte, header http.Header) (answer, error) {
	req, err := http.NewRequest(method, "http://"+s.address+path, bytes.NewReader(text))
	if err != nil {
		return answer{}, err
	}
	if s.token != "" {
		req.Header.Set("X-Auth-Token", s.token)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	read, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, read}, err
}

// read makes a GET below the project and reads the answer into v.
func (s *server) read(path string, v any) error {
	a, err := s.call(http.MethodGet, base+path, nil, nil)
	if err != nil {
		return err
	}
	return a.into(v)
}

// createGraph stores a graph and returns its URN.
func (s *server) createGraph(name, definition string) (string, error) {
	a, err := s.call(http.MethodPost, base+"/cloud_graphs", map[string]string{"graph_name": name, "definition": definition}, nil)
	if err != nil {
		return "", err
	}
	var created struct {
		URN string `json:"graph_urn"`
	}
	return created.URN, a.into(&created)
}

// act makes the call that start and stop share.
func (s *server) act(graph, action string, executions map[string]string, key string) (answer, error) {
	header := http.Header{}
	if key != "" {
		header.Set("Idempotency-Key", key)
	}
	body := map[string]any{"action_type": action, "executions": executions}
	return s.call(http.MethodPost, base+"/cloud_graphs/"+graph+"/executions/action", body, header)
}

func (s *server) startExecution(graph, name, input, key string) (answer, error) {
	return s.act(graph, "start", map[string]string{"execution_name": name, "input": input}, key)
}

func (s *server) stopExecution(graph, execution string) (answer, error) {
	return s.act(graph, "stop", map[string]string{"execution_urn": execution}, "")
}

// execution is one as the server shows it.
type execution struct {
	URN       string           `json:"execution_urn"`
	Name      string           `json:"execution_name"`
	Status    string           `json:"execution_state"`
	StartedAt string           `json:"started_at"`
	StoppedAt string           `json:"stopped_at"`
	Input     string           `json:"input"`
	Output    string           `json:"output"`
	States    map[string]state `json:"state_map"`
}

type state struct {
	Status    string `json:"status"`
	StartedAt string `json:"started_at"`
	StoppedAt string `json:"stopped_at"`
	Input     string `json:"input"`
	Output    string `json:"output"`
}

func (s *server) show(urn string) (execution, error) {
	var shown struct {
		Info execution `json:"execution_info"`
	}
	err := s.read("/cloud_graphs/executions/"+url.PathEscape(urn), &shown)
	return shown.Info, err
}

// record is an entry of a history.
type record struct {
	Type          string `json:"type"`
	ExecutionName string `json:"execution_name"`
	State         string `json:"state_name"`
	Action        string `json:"action_name"`
	Attempt       int    `json:"attempt"`
	Status        string `json:"status"`
	Input         string `json:"input"`
	Output        string `json:"output"`
	StartedAt     string `json:"started_at"`
	StoppedAt     string `json:"stopped_at"`
}

// history returns all that is recorded of an execution, oldest first.
func (s *server) history(execution string) ([]record, error) {
	var records []record
	for {
		var page struct {
			Count   int      `json:"count"`
			Records []record `json:"state_history"`
		}
		query := url.Values{"order": {"asc"}, "limit": {"1000"}}
		if len(records) > 0 {
			query.Set("marker", strconv.Itoa(len(records)))
		}
		if err := s.read("/cloud_graphs/executions/"+url.PathEscape(execution)+"/history?"+query.Encode(), &page); err != nil {
			return nil, err
		}
		records = append(records, page.Records...)
		if len(records) >= page.Count || len(page.Records) == 0 {
			if len(records) != page.Count {
				return nil, fmt.Errorf("the history of %s has %d records and counts %d", execution, len(records), page.Count)
			}
			return records, nil
		}
	}
}

// listed is an execution in a list.
type listed struct {
	URN       string `json:"execution_urn"`
	Name      string `json:"execution_name"`
	Status    string `json:"execution_status"`
	StartedAt string `json:"started_at"`
	StoppedAt string `json:"stopped_at"`
}

// list returns all executions of a graph, newest first.
func (s *server) list(graph string) ([]listed, error) {
	var all []listed
	for marker := ""; ; {
		var page struct {
			Count      int      `json:"count"`
			Executions []listed `json:"executions"`
			Next       string   `json:"next_marker"`
		}
		query := url.Values{"limit": {"1000"}}
		if marker != "" {
			query.Set("marker", marker)
		}
		if err := s.read("/cloud_graphs/"+graph+"/executions?"+query.Encode(), &page); err != nil {
			return nil, err
		}
		all = append(all, page.Executions...)
		if page.Next == "" {
			if len(all) != page.Count {
				return nil, fmt.Errorf("the list of %s has %d executions and counts %d", graph, len(all), page.Count)
			}
			return all, nil
		}
		marker = page.Next
	}
}
