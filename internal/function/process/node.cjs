// Runs a function in Node.js: reads calls from descriptor 3, hands each to the
// handler, and answers there. What the function prints is its log.
//
// A frame is its length in four bytes, most significant first, then a header as
// one line of JSON, then what the header is about.
'use strict';

const fs = require('fs');
const net = require('net');
const path = require('path');
const { pathToFileURL } = require('url');

const channel = new net.Socket({ fd: 3, readable: true, writable: true });
channel.on('error', () => process.exit(1));
channel.on('end', () => process.exit(0));

function send(header, body = '') {
  const content = Buffer.from(JSON.stringify(header) + '\n' + body);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  channel.write(Buffer.concat([length, content]));
}

let received = Buffer.alloc(0);
channel.on('data', (chunk) => {
  received = received.length ? Buffer.concat([received, chunk]) : chunk;
  while (received.length >= 4 && received.length >= 4 + received.readUInt32BE(0)) {
    const end = 4 + received.readUInt32BE(0);
    const line = received.indexOf(10);
    const header = JSON.parse(received.toString('utf8', 4, line));
    const body = received.toString('utf8', line + 1, end);
    received = received.subarray(end);
    if (header.kind === 'function') prepare(header);
    else invoke(header, body);
  }
});

// failure tells of what the function's code has thrown: an Error, or anything.
function failure(thrown) {
  if (!(thrown instanceof Error)) {
    return { kind: 'error', type: 'Error', message: typeof thrown === 'string' ? thrown : text(thrown) };
  }
  const frames = String(thrown.stack || '').split('\n').filter((line) => /^\s+at /.test(line));
  const own = frames.filter((line) => !/\[eval\]|\(?node:|^\s+at \[worker/.test(line));
  return {
    kind: 'error',
    type: thrown.name || 'Error',
    message: String(thrown.message),
    stack: own.join('\n').replaceAll(about.root + '/', '').replaceAll('file://', ''),
    failure: typeof thrown.failure === 'string' ? thrown.failure : '',
  };
}

function text(value) {
  try { return JSON.stringify(value) ?? String(value); } catch { return String(value); }
}

class Logger {
  debug(...words) { console.log('DEBUG', ...words); }
  info(...words) { console.log('INFO', ...words); }
  warn(...words) { console.log('WARN', ...words); }
  error(...words) { console.log('ERROR', ...words); }
}

class Context {
  #call;
  #end;
  constructor(call) {
    this.#call = call;
    this.#end = Date.now() + call.remaining_ms;
  }
  getRequestID() { return this.#call.request_id; }
  getInvocationID() { return this.#call.request_id; }
  getHeader(name) { return this.#call.headers?.[String(name).toLowerCase()]; }
  getRemainingTimeInMilliSeconds() { return Math.max(0, this.#end - Date.now()); }
  getRunningTimeInSeconds() { return about.timeout_seconds; }
  getFunctionName() { return about.name; }
  getVersion() { return about.version; }
  getPackage() { return about.package; }
  getProjectID() { return about.project; }
  getMemorySize() { return about.memory_mib; }
  getCPUNumber() { return about.cpu_millicores; }
  getUserData(key) { return about.user_data[key]; }
  getLogger() { return new Logger(); }
  getAlias() { return ''; }
  getToken() { return ''; }
  getAccessKey() { return ''; }
  getSecretKey() { return ''; }
  getSecurityAccessKey() { return ''; }
  getSecuritySecretKey() { return ''; }
  getSecurityToken() { return ''; }
}

let about = {};
let handler;
let pending; // answers the call in hand, once

async function prepare(header) {
  about = header;
  try {
    handler = await load(about.handler);
    if (about.initializer) {
      const initializer = await load(about.initializer);
      await settled(initializer, [new Context({ request_id: '', remaining_ms: about.initializer_ms })]);
    }
    send({ kind: 'ready' });
  } catch (thrown) {
    send(failure(thrown));
  }
}

// load returns the function that "file.entry" names.
async function load(name) {
  const dot = name.lastIndexOf('.');
  const [file, entry] = [name.slice(0, dot), name.slice(dot + 1)];
  const found = ['.js', '.mjs', '.cjs'].map((end) => path.join(about.root, file + end)).find((p) => fs.existsSync(p));
  if (!found) throw new Error(`there is no file ${file}.js, ${file}.mjs or ${file}.cjs in the code`);
  const module = await import(pathToFileURL(found));
  const loaded = module[entry] ?? module.default?.[entry];
  if (typeof loaded !== 'function') throw new TypeError(`${path.basename(found)} exports no function ${entry}`);
  return loaded;
}

// settled calls f with a callback as its last argument, and returns what it
// returns, promises or passes to the callback. With nothing left to wait for, and
// no answer, it fails.
function settled(f, args) {
  return new Promise((resolve, reject) => {
    pending = () => reject(new NoAnswer('the handler came to its end without an answer: its promise was never settled, or its callback never called'));
    const callback = (error, result) => (error ? reject(error) : resolve(result));
    channel.unref();
    const returned = f(...args, callback);
    if (typeof returned?.then === 'function') returned.then(resolve, reject);
    else if (returned !== undefined || f.length <= args.length) resolve(returned);
  }).finally(() => {
    pending = undefined;
    channel.ref();
  });
}

class NoAnswer extends Error {
  get name() { return 'NoAnswer'; }
}

process.on('beforeExit', () => pending?.());

async function invoke(call, body) {
  try {
    const event = body === '' ? {} : JSON.parse(body);
    const result = await settled(handler, [event, new Context(call)]);
    let output;
    try {
      output = JSON.stringify(result) ?? 'null';
    } catch (thrown) {
      return send({ kind: 'unwritable', message: String(thrown.message) });
    }
    const bytes = Buffer.byteLength(output);
    if (bytes > about.result_bytes) return send({ kind: 'oversize', bytes });
    send({ kind: 'result' }, output);
  } catch (thrown) {
    send(failure(thrown));
  }
}

// What is thrown outside the handler's promise ends the instance, but tells first.
process.on('uncaughtException', (thrown) => {
  console.error(thrown);
  send({ ...failure(thrown), fatal: true });
  channel.end(() => process.exit(1));
});
