package client

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// FunctionConfig is what a function is, but for its code. What is empty is not
// sent.
type FunctionConfig struct {
	Name               string `json:"func_name"`
	Package            string `json:"package,omitempty"`
	Runtime            string `json:"runtime"`
	Handler            string `json:"handler"`
	Timeout            int    `json:"timeout"`     // seconds
	MemorySize         int    `json:"memory_size"` // MiB
	Description        string `json:"description,omitempty"`
	UserData           string `json:"user_data,omitempty"`           // JSON object of texts
	EncryptedUserData  string `json:"encrypted_user_data,omitempty"` // the same
	InitializerHandler string `json:"initializer_handler,omitempty"`
	InitializerTimeout int    `json:"initializer_timeout,omitempty"` // seconds
}

// FunctionCode is the code of a function: of the type inline or zip in File, of
// the type url elsewhere.
type FunctionCode struct {
	Type string
	File []byte
	URL  string
}

func (c FunctionCode) shape() functionCodeShape {
	s := functionCodeShape{Type: c.Type, URL: c.URL}
	if c.File != nil {
		s.Code = &functionFile{File: base64.StdEncoding.EncodeToString(c.File)}
	}
	return s
}

type functionCodeShape struct {
	Type string        `json:"code_type"`
	URL  string        `json:"code_url,omitempty"`
	Code *functionFile `json:"func_code,omitempty"`
}

type functionFile struct {
	File string `json:"file"`
}

// Function is a version of a function as it is stored.
type Function struct {
	URN          string `json:"func_urn"`
	LastModified string `json:"last_modified"`
	Version      string `json:"version"`
	CodeType     string `json:"code_type"`
	CodeURL      string `json:"code_url,omitempty"`
	CodeSize     int64  `json:"code_size"`
	Digest       string `json:"digest"`
	FunctionConfig
}

// FunctionList is a list of functions, or of versions of one.
type FunctionList struct {
	Count     int        `json:"count"`
	Functions []Function `json:"functions"`
}

// Alias is a name for a version of a function.
type Alias struct {
	Name         string         `json:"name"`
	Version      string         `json:"version"`
	Description  string         `json:"description,omitempty"`
	LastModified string         `json:"last_modified,omitempty"`
	URN          string         `json:"alias_urn,omitempty"`
	Weights      map[string]int `json:"additional_version_weights,omitempty"` // of other versions, in percent
}

// Invocation is what came of a call of a function.
type Invocation struct {
	RequestID string `json:"request_id"`
	Result    string `json:"result"` // JSON; of a function that has failed, a FunctionError
	Log       string `json:"log"`    // the end of it
	Status    int    `json:"status"` // 200, or how it failed
}

// FunctionError is what a function that has failed says.
type FunctionError struct {
	Message string   `json:"errorMessage"`
	Type    string   `json:"errorType"`
	Stack   []string `json:"stackTrace"`
}

// Failure returns what the function says if it has failed.
func (i Invocation) Failure() (FunctionError, bool) {
	var e FunctionError
	if i.Status == http.StatusOK {
		return e, false
	}
	if json.Unmarshal([]byte(i.Result), &e) != nil {
		e.Message = i.Result
	}
	return e, true
}

// LogLine is a line of a function's log.
type LogLine struct {
	Number  int64     `json:"number"`
	At      time.Time `json:"at"`
	Request string    `json:"request_id,omitempty"`
	Version string    `json:"version,omitempty"`
	Text    string    `json:"text"`
}

// functions is a call of the API of functions.
func (c *Client) functions(k call) call {
	k.base = c.functionsURL
	return k
}

// CreateFunction stores a new function.
func (c *Client) CreateFunction(ctx context.Context, f FunctionConfig, code FunctionCode) (Function, error) {
	body := struct {
		FunctionConfig
		functionCodeShape
	}{f, code.shape()}
	var created Function
	err := c.do(ctx, c.functions(call{method: http.MethodPost, body: body, answer: &created, wait: uploadWait}))
	return created, err
}

// uploadWait is for code on its way to the server.
const uploadWait = 5 * time.Minute

// UpdateFunction gives the function of that URN another configuration, and
// other code: the calls between the two get the new code already.
func (c *Client) UpdateFunction(ctx context.Context, function string, f FunctionConfig, code FunctionCode) (Function, error) {
	var updated Function
	err := c.do(ctx, c.functions(call{
		method: http.MethodPut, path: []string{function, "code"}, body: code.shape(), wait: uploadWait,
	}))
	if err != nil {
		return updated, err
	}
	err = c.do(ctx, c.functions(call{method: http.MethodPut, path: []string{function, "config"}, body: f, answer: &updated}))
	return updated, err
}

// Function returns the function of that URN.
func (c *Client) Function(ctx context.Context, function string) (Function, error) {
	var f Function
	err := c.do(ctx, c.functions(call{method: http.MethodGet, path: []string{function, "config"}, answer: &f, repeatable: true}))
	return f, err
}

// Functions lists the functions whose names begin with a prefix, the oldest
// first.
func (c *Client) Functions(ctx context.Context, q ListQuery) (FunctionList, error) {
	query := url.Values{}
	if q.Prefix != "" {
		query.Set("func_name", q.Prefix)
	}
	return c.listFunctions(ctx, q.Limit, query, func(a functionsAnswer) []Function { return a.Functions })
}

// Versions lists the versions of the function of that URN, latest first.
func (c *Client) Versions(ctx context.Context, function string, limit int) (FunctionList, error) {
	return c.listFunctions(ctx, limit, url.Values{}, func(a functionsAnswer) []Function { return a.Versions }, function, "versions")
}

type functionsAnswer struct {
	Count     int        `json:"count"`
	Functions []Function `json:"functions"`
	Versions  []Function `json:"versions"`
	Next      int64      `json:"next_marker"`
}

func (c *Client) listFunctions(ctx context.Context, limit int, query url.Values, items func(functionsAnswer) []Function, path ...string) (FunctionList, error) {
	count, functions, err := collect(limit, func(marker string, limit int) (page[Function], error) {
		query.Set("marker", marker)
		query.Set("maxitems", strconv.Itoa(limit))
		var answer functionsAnswer
		err := c.do(ctx, c.functions(call{method: http.MethodGet, path: path, query: query, answer: &answer, repeatable: true}))
		p := page[Function]{count: answer.Count, items: items(answer)}
		if answer.Next > 0 {
			p.next = strconv.FormatInt(answer.Next, 10)
		}
		return p, err
	})
	return FunctionList{Count: count, Functions: functions}, err
}

// DeleteFunction deletes the function of that URN; if that names a published
// version, only this one.
func (c *Client) DeleteFunction(ctx context.Context, function string) error {
	return c.do(ctx, c.functions(call{method: http.MethodDelete, path: []string{function}}))
}

// Publish keeps what the function of that URN is now as a version. An empty name
// lets the server choose one.
func (c *Client) Publish(ctx context.Context, function, version, description string) (Function, error) {
	body := struct {
		Version     string `json:"version,omitempty"`
		Description string `json:"description,omitempty"`
	}{version, description}
	var published Function
	err := c.do(ctx, c.functions(call{method: http.MethodPost, path: []string{function, "versions"}, body: body, answer: &published}))
	return published, err
}

// SetAlias makes an alias of the function of that URN, or changes it.
func (c *Client) SetAlias(ctx context.Context, function string, a Alias) (Alias, error) {
	var set Alias
	err := c.do(ctx, c.functions(call{method: http.MethodPost, path: []string{function, "aliases"}, body: a, answer: &set}))
	var refusal *Error
	if errors.As(err, &refusal) && refusal.Code == codeAliasExists {
		err = c.do(ctx, c.functions(call{method: http.MethodPut, path: []string{function, "aliases", a.Name}, body: a, answer: &set}))
	}
	return set, err
}

const codeAliasExists = "FSS.1063"

// Invoke calls the function of that URN with an event, a JSON text, and waits
// for the result.
func (c *Client) Invoke(ctx context.Context, function, event string) (Invocation, error) {
	var i Invocation
	err := c.do(ctx, c.functions(call{
		method: http.MethodPost, path: []string{function, "invocations"}, body: json.RawMessage(event), answer: &i, wait: invokeWait,
		header: map[string]string{"X-CFF-Request-Version": "v1", "X-Cff-Log-Type": "tail"},
	}))
	return i, err
}

// invokeWait is the longest that the server waits for a function.
const invokeWait = 15 * time.Minute

// Log returns the last lines of the log of the function of that URN.
func (c *Client) Log(ctx context.Context, function string, limit int) ([]LogLine, error) {
	lines, _, err := c.logAfter(ctx, function, "", limit, 0)
	return lines, err
}

// FollowLog yields the last lines of the log of the function of that URN, and
// each further line as it is written, until ctx ends.
func (c *Client) FollowLog(ctx context.Context, function string, limit int) iter.Seq2[LogLine, error] {
	return func(yield func(LogLine, error) bool) {
		for marker, wait := "", time.Duration(0); ; wait = followWait {
			lines, next, err := c.logAfter(ctx, function, marker, limit, wait)
			if err == nil && len(lines) == 0 && wait > 0 {
				err = sleep(ctx, emptyPause)
			}
			if err != nil {
				yield(LogLine{}, err)
				return
			}
			for _, line := range lines {
				if !yield(line, nil) {
					return
				}
			}
			marker, limit = strconv.FormatInt(next, 10), pageMax
		}
	}
}

func (c *Client) logAfter(ctx context.Context, function, marker string, limit int, wait time.Duration) ([]LogLine, int64, error) {
	query := url.Values{"limit": {strconv.Itoa(limit)}}
	if marker != "" {
		query.Set("marker", marker)
	}
	var answer struct {
		Lines []LogLine `json:"lines"`
		Next  int64     `json:"next_marker"`
	}
	err := c.do(ctx, c.functions(call{
		method: http.MethodGet, path: []string{function, "logs"}, query: query, answer: &answer, repeatable: true, wait: wait,
		header: map[string]string{"X-Heddle-Wait-Seconds": strconv.Itoa(int(wait / time.Second))},
	}))
	return answer.Lines, answer.Next, err
}
