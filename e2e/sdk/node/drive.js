// Drives every call on functions with the official SDK for Node, unmodified:
// node drive.js SERVER FUNCTION ACCESS SECRET, where FUNCTION is the URL of one
// that echoes, and the last two are an access key and its secret.
// It ends with an error at the first answer that is not as it should be.
'use strict';
const assert = require('node:assert/strict');
const core = require('@huaweicloud/huaweicloud-sdk-core');
const fg = require('@huaweicloud/huaweicloud-sdk-functiongraph');

const [server, target, access, secret] = process.argv.slice(2);
const project = '9800716a0c604a8690963103a85754f0';
const mime = 'application/json';
const urn = `urn:fss:local:${project}:function:default:node`;

function clientOf(access, secret) {
  const credentials = new core.BasicCredentials().withAk(access).withSk(secret).withProjectId(project);
  return fg.FunctionGraphClient.newBuilder().withCredential(credentials).withEndpoint(server).build();
}
const client = clientOf(access, secret);

// refused wants a call to fail with a status and a code.
async function refused(call, status, code) {
  await assert.rejects(call, (e) => {
    assert.equal(e.httpStatusCode, status, e.message);
    assert.equal(e.errorCode, code, e.message);
    return true;
  });
}

async function functions() {
  const body = new fg.CreateFunctionRequestBody('node', 'default', fg.CreateFunctionRequestBodyRuntimeEnum.HTTP, 30, '-', 128)
    .withCodeUrl(target).withUserData('{"X-Shop":"7"}').withEncryptedUserData('{"Authorization":"Bearer x"}');
  const made = await client.createFunction(new fg.CreateFunctionRequest(mime).withBody(body));
  assert.equal(made.func_urn ?? made.funcUrn, urn + ':latest');
  await refused(client.createFunction(new fg.CreateFunctionRequest(mime).withBody(body)), 409, 'FSS.1061');

  const listed = await client.listFunctions(new fg.ListFunctionsRequest(mime).withMaxitems('10'));
  assert.equal(listed.count, 1);
  const shown = await client.showFunctionConfig(new fg.ShowFunctionConfigRequest(urn, mime));
  assert.equal(shown.runtime, 'http');

  const change = new fg.UpdateFunctionConfigRequestBody('node', fg.UpdateFunctionConfigRequestBodyRuntimeEnum.HTTP, 60, '-', 256);
  const changed = await client.updateFunctionConfig(new fg.UpdateFunctionConfigRequest(urn, mime).withBody(change));
  assert.equal(changed.timeout, 60);
  const code = new fg.UpdateFunctionCodeRequestBody(fg.UpdateFunctionCodeRequestBodyCodeTypeEnum.OBS, new fg.FuncCode()).withCodeUrl(target);
  await client.updateFunctionCode(new fg.UpdateFunctionCodeRequest(urn, mime).withBody(code));
  const kept = await client.showFunctionCode(new fg.ShowFunctionCodeRequest(urn, mime));
  assert.equal(kept.code_url ?? kept.codeUrl, target);
}

async function invocations() {
  const answer = await client.invokeFunction(
    new fg.InvokeFunctionRequest(urn, mime).withXCFFRequestVersion('v1').withXCffLogType('tail').withBody({ name: 'Ada' }));
  assert.equal(answer.status, 200);
  assert.deepEqual(JSON.parse(answer.result), { name: 'Ada' });

  const taken = await client.asyncInvokeFunction(new fg.AsyncInvokeFunctionRequest(urn, mime).withBody({ n: 1 }));
  assert.equal(taken.httpStatusCode, 202);
  const id = taken.request_id ?? taken.requestId;
  for (let tries = 0; ; tries++) {
    const all = await client.listAsyncInvocations(new fg.ListAsyncInvocationsRequest(urn, mime).withRequestId(id));
    assert.equal(all.count, 1);
    if (all.invocations[0].status === 'SUCCESS') break;
    assert.ok(tries < 300, `the invocation is still ${all.invocations[0].status}`);
    await new Promise((done) => setTimeout(done, 100));
  }
  await client.listActiveAsyncInvocations(new fg.ListActiveAsyncInvocationsRequest(urn, mime));

  const config = new fg.UpdateFunctionAsyncInvokeConfigRequestBody().withMaxAsyncRetryAttempts(2).withMaxAsyncEventAgeInSeconds(600);
  await client.updateFunctionAsyncInvokeConfig(new fg.UpdateFunctionAsyncInvokeConfigRequest(urn, mime).withBody(config));
  const set = await client.showFunctionAsyncInvokeConfig(new fg.ShowFunctionAsyncInvokeConfigRequest(urn, mime));
  assert.equal(set.max_async_retry_attempts ?? set.maxAsyncRetryAttempts, 2);
  await client.listFunctionAsyncInvokeConfig(new fg.ListFunctionAsyncInvokeConfigRequest(urn, mime));
  await client.deleteFunctionAsyncInvokeConfig(new fg.DeleteFunctionAsyncInvokeConfigRequest(urn, mime));
}

async function versions() {
  await client.createFunctionVersion(
    new fg.CreateFunctionVersionRequest(urn, mime).withBody(new fg.CreateFunctionVersionRequestBody().withVersion('one')));
  const all = await client.listFunctionVersions(new fg.ListFunctionVersionsRequest(urn, mime));
  assert.deepEqual(all.versions.map((v) => v.version), ['latest', 'one']);

  await client.createVersionAlias(
    new fg.CreateVersionAliasRequest(urn, mime).withBody(new fg.CreateVersionAliasRequestBody('prod', 'one')));
  const aliased = await client.invokeFunction(
    new fg.InvokeFunctionRequest(urn + ':!prod', mime).withXCFFRequestVersion('v1').withBody({}));
  assert.equal(aliased.status, 200);
  const aliases = await client.listVersionAliases(new fg.ListVersionAliasesRequest(urn, mime));
  assert.equal((aliases.body ?? aliases).length, 1);
  await client.updateVersionAlias(
    new fg.UpdateVersionAliasRequest(urn, 'prod', mime).withBody(new fg.UpdateVersionAliasRequestBody('latest')));
  const alias = await client.showVersionAlias(new fg.ShowVersionAliasRequest(urn, 'prod', mime));
  assert.equal(alias.version, 'latest');
  await client.deleteVersionAlias(new fg.DeleteVersionAliasRequest(urn, 'prod', mime));
}

async function endings() {
  await client.updateFunctionMaxInstanceConfig(
    new fg.UpdateFunctionMaxInstanceConfigRequest(urn, mime).withBody(new fg.UpdateFunctionMaxInstanceConfigRequestBody().withMaxInstanceNum(0)));
  await refused(client.invokeFunction(new fg.InvokeFunctionRequest(urn, mime).withBody({})), 429, 'FSS.0429');
  await client.deleteFunction(new fg.DeleteFunctionRequest(urn + ':one', mime));
  await client.deleteFunction(new fg.DeleteFunctionRequest(urn, mime));
  await refused(client.showFunctionConfig(new fg.ShowFunctionConfigRequest(urn, mime)), 404, 'FSS.1051');
}

// strangers are refused, and a name that is no ASCII passes through the signature.
async function strangers() {
  const list = new fg.ListFunctionsRequest(mime).withMaxitems('10');
  await refused(clientOf(access, secret + 'x').listFunctions(list), 401, 'FSS.0401');
  await refused(clientOf('AK' + access, secret).listFunctions(list), 401, 'FSS.0401');
  await refused(client.showFunctionConfig(new fg.ShowFunctionConfigRequest(urn.replace('node', '实例a+b'), mime)), 400, 'FSS.0400');
}

(async () => {
  for (const part of [strangers, functions, invocations, versions, endings]) {
    await part();
    console.log(part.name, 'ok');
  }
})().catch((e) => {
  console.error(e);
  process.exit(1);
});
