package sdk

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
	fg "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/functiongraph/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/functiongraph/v2/model"
)

// client is the official client on a server, with the key of an operator.
func client(t *testing.T, s *server) *fg.FunctionGraphClient {
	t.Helper()
	return clientOf(t, s, s.key, project)
}

// clientOf is the official client with any key, for any project.
func clientOf(t *testing.T, s *server, k key, project string) *fg.FunctionGraphClient {
	t.Helper()
	credentials, err := basic.NewCredentialsBuilder().WithAk(k.Access).WithSk(k.Secret).WithProjectId(project).SafeBuild()
	if err != nil {
		t.Fatal(err)
	}
	hc, err := fg.FunctionGraphClientBuilder().WithEndpoint(s.url).WithCredential(credentials).SafeBuild()
	if err != nil {
		t.Fatal(err)
	}
	return fg.NewFunctionGraphClient(hc)
}

// must ends the test if a call has failed.
func must[T any](t *testing.T) func(answer T, err error) T {
	return func(answer T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatalf("%T: %v", answer, err)
		}
		return answer
	}
}

// wantError fails the test unless a call is refused with the status and the code.
func wantError(t *testing.T, err error, status int, code string) {
	t.Helper()
	var refused *sdkerr.ServiceResponseError
	if !errors.As(err, &refused) {
		t.Errorf("got %v, want %d %s", err, status, code)
		return
	}
	if refused.StatusCode != status || refused.ErrorCode != code || refused.ErrorMessage == "" || refused.RequestId == "" {
		t.Errorf("got %d %s %q, request %q; want %d %s", refused.StatusCode, refused.ErrorCode, refused.ErrorMessage, refused.RequestId, status, code)
	}
}

func ptr[T any](v T) *T { return &v }

const mime = "application/json"

func urn(name string) string { return "urn:fss:local:" + project + ":function:default:" + name }

// httpFunction is a function that is somewhere else. The SDK's enumeration has no
// code type for it: it may be left out.
func httpFunction(name, url string) *model.CreateFunctionRequest {
	return &model.CreateFunctionRequest{ContentType: mime, Body: &model.CreateFunctionRequestBody{
		FuncName: name, Package: "default", Runtime: model.GetCreateFunctionRequestBodyRuntimeEnum().HTTP,
		Timeout: 30, Handler: "-", MemorySize: 128, CodeUrl: &url,
		UserData: ptr(`{"X-Shop":"7"}`), EncryptedUserData: ptr(`{"Authorization":"Bearer secret-marker"}`),
		Description: ptr("says <hello> & more"),
	}}
}

// inlineFunction is a function whose code is kept here. Whether it can be called
// is another question.
func inlineFunction(name, code string) *model.CreateFunctionRequest {
	return &model.CreateFunctionRequest{ContentType: mime, Body: &model.CreateFunctionRequestBody{
		FuncName: name, Package: "default", Runtime: model.GetCreateFunctionRequestBodyRuntimeEnum().CUSTOM,
		Timeout: 3, Handler: "bootstrap", MemorySize: 128,
		CodeType: ptr(model.GetCreateFunctionRequestBodyCodeTypeEnum().INLINE),
		FuncCode: &model.FuncCode{File: ptr(base64.StdEncoding.EncodeToString([]byte(code)))},
	}}
}

func TestFunctionsOfTheGoSDK(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	c := client(t, s)
	to := newTarget(t)

	made := must[*model.CreateFunctionResponse](t)(c.CreateFunction(httpFunction("hello", to.URL+"/hello")))
	if *made.FuncUrn != urn("hello")+":latest" || *made.Namespace != project || *made.Description != "says <hello> & more" || *made.Version != "latest" {
		t.Errorf("created %v", made)
	}
	_, err := c.CreateFunction(httpFunction("hello", to.URL))
	wantError(t, err, 409, "FSS.1061")
	_, err = c.CreateFunction(httpFunction("hello!", to.URL))
	wantError(t, err, 400, "FSS.1002")

	shown := must[*model.ShowFunctionConfigResponse](t)(c.ShowFunctionConfig(&model.ShowFunctionConfigRequest{FunctionUrn: urn("hello"), ContentType: mime}))
	if *shown.Runtime != model.GetShowFunctionConfigResponseRuntimeEnum().HTTP || *shown.UserData != `{"X-Shop":"7"}` || shown.LastModified == nil {
		t.Errorf("shown is %v", shown)
	}
	if strings.Contains(*shown.EncryptedUserData, "secret-marker") || !strings.Contains(*shown.EncryptedUserData, "Authorization") {
		t.Errorf("the secrets are shown as %s", *shown.EncryptedUserData)
	}
	must[*model.CreateFunctionResponse](t)(c.CreateFunction(inlineFunction("second", "#!/bin/sh\n")))
	listed := must[*model.ListFunctionsResponse](t)(c.ListFunctions(&model.ListFunctionsRequest{ContentType: mime, Maxitems: ptr("1")}))
	if *listed.Count != 2 || *listed.NextMarker != 1 || len(*listed.Functions) != 1 || (*listed.Functions)[0].FuncName != "hello" {
		t.Errorf("listed %v", listed)
	}
	listed = must[*model.ListFunctionsResponse](t)(c.ListFunctions(&model.ListFunctionsRequest{ContentType: mime, Marker: ptr("1"), Maxitems: ptr("1")}))
	if *listed.NextMarker != 0 || (*listed.Functions)[0].FuncName != "second" {
		t.Errorf("then listed %v", listed)
	}

	// Read, change, write: what comes back masked stays as it was.
	changed := must[*model.UpdateFunctionConfigResponse](t)(c.UpdateFunctionConfig(&model.UpdateFunctionConfigRequest{
		FunctionUrn: urn("hello"), ContentType: mime, Body: &model.UpdateFunctionConfigRequestBody{
			FuncName: "hello", Runtime: model.GetUpdateFunctionConfigRequestBodyRuntimeEnum().HTTP, Timeout: 60, Handler: "-", MemorySize: 256,
			EncryptedUserData: shown.EncryptedUserData, StrategyConfig: &model.StrategyConfig{Concurrency: 5, ConcurrentNum: 2},
		},
	}))
	if *changed.Timeout != 60 || *changed.MemorySize != 256 || changed.StrategyConfig.Concurrency != 5 || *changed.Description != "says <hello> & more" {
		t.Errorf("changed to %v", changed)
	}

	code := must[*model.ShowFunctionCodeResponse](t)(c.ShowFunctionCode(&model.ShowFunctionCodeRequest{FunctionUrn: urn("second"), ContentType: mime}))
	if text, _ := base64.StdEncoding.DecodeString(*code.FuncCode.File); string(text) != "#!/bin/sh\n" || len(*code.Digest) != 128 {
		t.Errorf("the code is %v", code)
	}
	updated := must[*model.UpdateFunctionCodeResponse](t)(c.UpdateFunctionCode(&model.UpdateFunctionCodeRequest{
		FunctionUrn: urn("second"), ContentType: mime, Body: &model.UpdateFunctionCodeRequestBody{
			CodeType: model.GetUpdateFunctionCodeRequestBodyCodeTypeEnum().INLINE,
			FuncCode: &model.FuncCode{File: ptr(base64.StdEncoding.EncodeToString([]byte("#!/bin/sh\nexit 1\n")))},
		},
	}))
	if *updated.Digest == *code.Digest || *updated.CodeSize != 17 {
		t.Errorf("updated to %v", updated)
	}
	must[*model.UpdateFunctionCodeResponse](t)(c.UpdateFunctionCode(&model.UpdateFunctionCodeRequest{
		FunctionUrn: urn("hello"), ContentType: mime, Body: &model.UpdateFunctionCodeRequestBody{
			CodeType: model.GetUpdateFunctionCodeRequestBodyCodeTypeEnum().OBS, CodeUrl: ptr(to.URL + "/moved"), FuncCode: &model.FuncCode{},
		},
	}))

	answer := must[*model.InvokeFunctionResponse](t)(c.InvokeFunction(&model.InvokeFunctionRequest{
		FunctionUrn: urn("hello"), ContentType: mime, XCFFRequestVersion: ptr("v1"), XCffLogType: ptr("tail"),
		Body: map[string]any{"name": "<Ada>"},
	}))
	if *answer.Status != 200 || strings.TrimSpace(*answer.Result) != `{"name":"<Ada>"}` || *answer.RequestId == "" || *answer.XCffRequestId != *answer.RequestId {
		t.Errorf("the answer is %v", answer)
	}
	last := to.called()[0]
	if last.URL.Path != "/moved" || last.Header.Get("X-Shop") != "7" || last.Header.Get("Authorization") != "Bearer secret-marker" || last.Header.Get("X-Heddle-Invocation-Id") != *answer.RequestId {
		t.Errorf("the function was called at %s with %v", last.URL.Path, last.Header)
	}

	limited := must[*model.UpdateFunctionMaxInstanceConfigResponse](t)(c.UpdateFunctionMaxInstanceConfig(&model.UpdateFunctionMaxInstanceConfigRequest{
		FunctionUrn: urn("hello"), ContentType: mime, Body: &model.UpdateFunctionMaxInstanceConfigRequestBody{MaxInstanceNum: ptr(int32(0))},
	}))
	if limited.StrategyConfig.Concurrency != 0 {
		t.Errorf("limited to %v", limited)
	}
	_, err = c.InvokeFunction(&model.InvokeFunctionRequest{FunctionUrn: urn("hello"), ContentType: mime})
	wantError(t, err, 429, "FSS.0429")

	must[*model.DeleteFunctionResponse](t)(c.DeleteFunction(&model.DeleteFunctionRequest{FunctionUrn: *made.FuncUrn, ContentType: mime}))
	_, err = c.ShowFunctionConfig(&model.ShowFunctionConfigRequest{FunctionUrn: urn("hello"), ContentType: mime})
	wantError(t, err, 404, "FSS.1051")

	for _, file := range []string{"heddle.db", "heddle.db-wal"} {
		if text, err := os.ReadFile(s.dir + "/" + file); err == nil && strings.Contains(string(text), "secret-marker") {
			t.Errorf("%s holds a secret as it is", file)
		}
	}
}

func TestVersionsAndAliasesOfTheGoSDK(t *testing.T) {
	t.Parallel()
	c := client(t, start(t, t.TempDir()))
	to := newTarget(t)
	to.answers(func(w http.ResponseWriter, r *http.Request, _ string) {
		json.NewEncoder(w).Encode(map[string]string{"at": r.URL.Path})
	})
	must[*model.CreateFunctionResponse](t)(c.CreateFunction(httpFunction("f", to.URL+"/one")))

	publish := func(version *string) (*model.CreateFunctionVersionResponse, error) {
		return c.CreateFunctionVersion(&model.CreateFunctionVersionRequest{FunctionUrn: urn("f"), ContentType: mime, Body: &model.CreateFunctionVersionRequestBody{
			Version: version, Description: ptr("kept"),
		}})
	}
	one := must[*model.CreateFunctionVersionResponse](t)(publish(nil))
	if !strings.HasPrefix(*one.Version, "v2") || *one.Description != "kept" {
		t.Errorf("published %v", one)
	}
	_, err := publish(ptr("again"))
	wantError(t, err, 400, "FSS.1016")
	must[*model.UpdateFunctionCodeResponse](t)(c.UpdateFunctionCode(&model.UpdateFunctionCodeRequest{
		FunctionUrn: urn("f"), ContentType: mime, Body: &model.UpdateFunctionCodeRequestBody{
			CodeType: model.GetUpdateFunctionCodeRequestBodyCodeTypeEnum().OBS, CodeUrl: ptr(to.URL + "/two"), FuncCode: &model.FuncCode{},
		},
	}))
	must[*model.CreateFunctionVersionResponse](t)(publish(ptr("second")))
	versions := must[*model.ListFunctionVersionsResponse](t)(c.ListFunctionVersions(&model.ListFunctionVersionsRequest{FunctionUrn: urn("f"), ContentType: mime}))
	if *versions.Count != 3 || (*versions.Versions)[0].Version != "latest" || (*versions.Versions)[1].Version != "second" {
		t.Errorf("the versions are %v", versions)
	}

	alias := must[*model.CreateVersionAliasResponse](t)(c.CreateVersionAlias(&model.CreateVersionAliasRequest{
		FunctionUrn: urn("f"), ContentType: mime, Body: &model.CreateVersionAliasRequestBody{
			Name: "prod", Version: *one.Version, Description: ptr("for all"), AdditionalVersionWeights: map[string]int32{"second": 40},
		},
	}))
	if *alias.AliasUrn != urn("f")+":!prod" || alias.AdditionalVersionWeights["second"] != 40 {
		t.Errorf("the alias is %v", alias)
	}
	places := map[string]bool{}
	for range 40 {
		answer := must[*model.InvokeFunctionResponse](t)(c.InvokeFunction(&model.InvokeFunctionRequest{
			FunctionUrn: *alias.AliasUrn, ContentType: mime, XCFFRequestVersion: ptr("v1"), Body: map[string]any{},
		}))
		places[strings.TrimSpace(*answer.Result)] = true
	}
	if len(places) != 2 {
		t.Errorf("the alias led to %v only", places)
	}
	_, err = c.DeleteFunction(&model.DeleteFunctionRequest{FunctionUrn: urn("f") + ":second", ContentType: mime})
	wantError(t, err, 409, "FSS.1066")
	must[*model.UpdateVersionAliasResponse](t)(c.UpdateVersionAlias(&model.UpdateVersionAliasRequest{
		FunctionUrn: urn("f"), AliasName: "prod", ContentType: mime, Body: &model.UpdateVersionAliasRequestBody{Version: "latest"},
	}))
	seen := must[*model.ShowVersionAliasResponse](t)(c.ShowVersionAlias(&model.ShowVersionAliasRequest{FunctionUrn: urn("f"), AliasName: "prod", ContentType: mime}))
	if *seen.Version != "latest" || len(seen.AdditionalVersionWeights) != 0 {
		t.Errorf("the alias is now %v", seen)
	}
	aliases := must[*model.ListVersionAliasesResponse](t)(c.ListVersionAliases(&model.ListVersionAliasesRequest{FunctionUrn: urn("f"), ContentType: mime}))
	if len(*aliases.Body) != 1 || (*aliases.Body)[0].Name != "prod" {
		t.Errorf("the aliases are %v", aliases)
	}
	must[*model.DeleteFunctionResponse](t)(c.DeleteFunction(&model.DeleteFunctionRequest{FunctionUrn: urn("f") + ":second", ContentType: mime}))
	must[*model.DeleteVersionAliasResponse](t)(c.DeleteVersionAlias(&model.DeleteVersionAliasRequest{FunctionUrn: urn("f"), AliasName: "prod", ContentType: mime}))
	_, err = c.ShowVersionAlias(&model.ShowVersionAliasRequest{FunctionUrn: urn("f"), AliasName: "prod", ContentType: mime})
	wantError(t, err, 404, "FSS.1053")
}

func TestAsynchronousInvocationsOfTheGoSDK(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, dir)
	c := client(t, s)
	to := newTarget(t)
	must[*model.CreateFunctionResponse](t)(c.CreateFunction(httpFunction("f", to.URL)))

	set := must[*model.UpdateFunctionAsyncInvokeConfigResponse](t)(c.UpdateFunctionAsyncInvokeConfig(&model.UpdateFunctionAsyncInvokeConfigRequest{
		FunctionUrn: urn("f"), ContentType: mime, Body: &model.UpdateFunctionAsyncInvokeConfigRequestBody{
			MaxAsyncEventAgeInSeconds: ptr(int32(600)), MaxAsyncRetryAttempts: ptr(int32(2)),
		},
	}))
	if *set.MaxAsyncEventAgeInSeconds != 600 || *set.MaxAsyncRetryAttempts != 2 {
		t.Errorf("set to %v", set)
	}
	must[*model.ShowFunctionAsyncInvokeConfigResponse](t)(c.ShowFunctionAsyncInvokeConfig(&model.ShowFunctionAsyncInvokeConfigRequest{FunctionUrn: urn("f"), ContentType: mime}))
	configs := must[*model.ListFunctionAsyncInvokeConfigResponse](t)(c.ListFunctionAsyncInvokeConfig(&model.ListFunctionAsyncInvokeConfigRequest{FunctionUrn: urn("f"), ContentType: mime}))
	if *configs.Count != 1 || (*configs.AsyncInvokeConfigs)[0].MaxAsyncRetryAttempts != 2 {
		t.Errorf("the configurations are %v", configs)
	}

	invoke := func() string {
		t.Helper()
		taken := must[*model.AsyncInvokeFunctionResponse](t)(c.AsyncInvokeFunction(&model.AsyncInvokeFunctionRequest{
			FunctionUrn: urn("f"), ContentType: mime, Body: map[string]any{"n": 1},
		}))
		if taken.HttpStatusCode != http.StatusAccepted {
			t.Errorf("taken with %d", taken.HttpStatusCode)
		}
		return *taken.RequestId
	}
	status := func(id string) string {
		t.Helper()
		all := must[*model.ListAsyncInvocationsResponse](t)(c.ListAsyncInvocations(&model.ListAsyncInvocationsRequest{FunctionUrn: urn("f"), RequestId: &id, ContentType: mime}))
		if *all.Count != 1 {
			t.Fatalf("listed %v", all)
		}
		text, _ := json.Marshal((*all.Invocations)[0].Status)
		return strings.Trim(string(text), `"`)
	}

	good := invoke()
	eventually(t, "an invocation succeeds", func() bool { return status(good) == "SUCCESS" })

	to.answers(func(w http.ResponseWriter, _ *http.Request, _ string) { w.WriteHeader(500) })
	before := len(to.called())
	bad := invoke()
	eventually(t, "an invocation fails", func() bool { return status(bad) == "FAIL" })
	if n := len(to.called()) - before; n != 3 {
		t.Errorf("the function was called %d times, want 3", n)
	}

	// Killed in the middle of one call, with another waiting for its retry.
	held, release := make(chan struct{}, 8), make(chan struct{})
	to.answers(func(w http.ResponseWriter, _ *http.Request, body string) {
		held <- struct{}{}
		<-release
		w.Write([]byte(body))
	})
	caught := invoke()
	<-held
	if all := must[*model.ListActiveAsyncInvocationsResponse](t)(c.ListActiveAsyncInvocations(&model.ListActiveAsyncInvocationsRequest{FunctionUrn: urn("f"), ContentType: mime})); *all.Count != 1 {
		t.Errorf("active are %v", all)
	}
	s.kill()
	close(release)
	to.answers(nil)
	c = client(t, start(t, dir))
	eventually(t, "an invocation survives", func() bool { return status(caught) == "SUCCESS" })

	must[*model.DeleteFunctionAsyncInvokeConfigResponse](t)(c.DeleteFunctionAsyncInvokeConfig(&model.DeleteFunctionAsyncInvokeConfigRequest{FunctionUrn: urn("f"), ContentType: mime}))
	_, err := c.AsyncInvokeFunction(&model.AsyncInvokeFunctionRequest{FunctionUrn: urn("none"), ContentType: mime})
	wantError(t, err, 404, "FSS.1051")
	_, err = c.ListEvents(&model.ListEventsRequest{FunctionUrn: urn("f")})
	wantError(t, err, 501, "FSS.0501")
}

// TestFunctionsOnThisMachine creates functions whose code is kept here, and
// invokes them, where their languages are installed.
func TestFunctionsOnThisMachine(t *testing.T) {
	t.Parallel()
	c := client(t, start(t, t.TempDir()))
	inline := model.GetCreateFunctionRequestBodyCodeTypeEnum().INLINE
	for _, f := range []struct{ program, name, runtime, code string }{
		{"node", "js", "Node.js", `exports.handler = async (event, context) => {
			console.log('said by', context.getUserData('WHO'));
			if (event.fail) throw new TypeError('asked to');
			return {n: event.n + 1};
		};`},
		{"python3", "py", "Python", `def handler(event, context):
    print('said by', context.getUserData('WHO'))
    if event.get('fail'):
        raise TypeError('asked to')
    return {'n': event['n'] + 1}
`},
	} {
		if _, err := exec.LookPath(f.program); err != nil {
			t.Logf("%s is not installed: no function of it is invoked", f.program)
			continue
		}
		// The SDK's enumeration is of published versions. Whichever is installed here
		// is meant by no version.
		var runtime model.CreateFunctionRequestBodyRuntime
		if err := json.Unmarshal([]byte(`"`+f.runtime+`"`), &runtime); err != nil {
			t.Fatal(err)
		}
		must[*model.CreateFunctionResponse](t)(c.CreateFunction(&model.CreateFunctionRequest{ContentType: mime, Body: &model.CreateFunctionRequestBody{
			FuncName: f.name, Package: "default", Runtime: runtime, Timeout: 30, Handler: "index.handler", MemorySize: 256, CodeType: &inline,
			FuncCode: &model.FuncCode{File: ptr(base64.StdEncoding.EncodeToString([]byte(f.code)))}, EncryptedUserData: ptr(`{"WHO":"` + f.name + `"}`),
		}}))
		invoke := func(body map[string]any) *model.InvokeFunctionResponse {
			t.Helper()
			return must[*model.InvokeFunctionResponse](t)(c.InvokeFunction(&model.InvokeFunctionRequest{
				FunctionUrn: urn(f.name), ContentType: mime, XCFFRequestVersion: ptr("v1"), XCffLogType: ptr("tail"), Body: body,
			}))
		}
		good := invoke(map[string]any{"n": 1})
		var result struct{ N int }
		if *good.Status != 200 || json.Unmarshal([]byte(*good.Result), &result) != nil || result.N != 2 || !strings.Contains(*good.Log, "said by "+f.name) {
			t.Errorf("%s: got %v", f.name, good)
		}
		bad := invoke(map[string]any{"n": 1, "fail": true})
		if *bad.Status != 500 || !strings.Contains(*bad.Result, `"errorType":"TypeError"`) || !strings.Contains(*bad.Result, "asked to") {
			t.Errorf("%s: got %v", f.name, bad)
		}
	}
}
