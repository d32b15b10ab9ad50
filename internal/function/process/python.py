"""Runs a function in Python: reads calls from descriptor 3, hands each to the
handler, and answers there. What the function prints is its log.

A frame is its length in four bytes, most significant first, then a header as
one line of JSON, then what the header is about.
"""
import sys

sys.path.remove("")  # the code must not stand in for what is imported here

import asyncio
import importlib.util
import inspect
import json
import os
import socket
import struct
import time
import traceback

channel = socket.socket(fileno=3)
channel.set_inheritable(False)
stream = channel.makefile("rb")


def receive():
    length = stream.read(4)
    if len(length) < 4:
        os._exit(0)
    content = stream.read(struct.unpack(">I", length)[0])
    header, _, body = content.partition(b"\n")
    return json.loads(header), body


def send(header, body=b""):
    for output in (sys.stdout, sys.stderr):
        try:
            output.flush()
        except Exception:  # the function may have closed it
            pass
    content = json.dumps(header).encode() + b"\n" + body
    channel.sendall(struct.pack(">I", len(content)) + content)


def failure(error):
    """Tells of what the function's code has raised."""
    own = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != "<string>" and "importlib" not in f.filename]
    lines = [f"at {f.name} ({os.path.relpath(f.filename, root) if f.filename.startswith(root) else f.filename}:{f.lineno})" for f in own]
    name = getattr(error, "failure", "")
    message = str(error)
    if isinstance(error, SyntaxError) and error.filename:
        message = f"{error.msg} ({os.path.basename(error.filename)}:{error.lineno})"
    return {"kind": "error", "type": type(error).__name__, "message": message, "stack": "\n".join(reversed(lines)), "failure": name if type(name) is str else ""}


class Logger:
    def _log(self, level, message, *args):
        print(level, message % args if args else message, flush=True)

    def debug(self, message, *args):
        self._log("DEBUG", message, *args)

    def info(self, message, *args):
        self._log("INFO", message, *args)

    def warn(self, message, *args):
        self._log("WARN", message, *args)

    warning = warn

    def error(self, message, *args):
        self._log("ERROR", message, *args)


class Context:
    def __init__(self, call):
        self._call = call
        self._end = time.monotonic() + call["remaining_ms"] / 1000

    def getRequestID(self):
        return self._call["request_id"]

    def getInvocationID(self):
        return self._call["request_id"]

    def getHeader(self, name):
        return (self._call.get("headers") or {}).get(name.lower())

    def getRemainingTimeInMilliSeconds(self):
        return max(0, int((self._end - time.monotonic()) * 1000))

    def getRunningTimeInSeconds(self):
        return about["timeout_seconds"]

    def getFunctionName(self):
        return about["name"]

    def getVersion(self):
        return about["version"]

    def getPackage(self):
        return about["package"]

    def getProjectID(self):
        return about["project"]

    def getMemorySize(self):
        return about["memory_mib"]

    def getCPUNumber(self):
        return about["cpu_millicores"]

    def getUserData(self, key, default=None):
        return about["user_data"].get(key, default)

    def getLogger(self):
        return Logger()

    def getAlias(self):
        return ""

    getToken = getAccessKey = getSecretKey = getAlias
    getSecurityAccessKey = getSecuritySecretKey = getSecurityToken = getAlias


def load(name):
    """Returns the function that "file.entry" names."""
    file, _, entry = name.rpartition(".")
    path = os.path.join(root, file + ".py")
    if not os.path.isfile(path):
        raise ImportError(f"there is no file {file}.py in the code")
    if path not in modules:
        module_name = os.path.basename(file)
        spec = importlib.util.spec_from_file_location(module_name, path)
        modules[path] = importlib.util.module_from_spec(spec)
        # A file may be named like a module that this program uses.
        sys.modules.setdefault(module_name, modules[path])
        spec.loader.exec_module(modules[path])
    loaded = getattr(modules[path], entry, None)
    if not callable(loaded):
        raise AttributeError(f"{file}.py has no function {entry}")
    return loaded


def settled(f, *args):
    result = f(*args)
    return asyncio.run(result) if inspect.iscoroutine(result) else result


def prepare():
    handler = load(about["handler"])
    if about.get("initializer"):
        settled(load(about["initializer"]), Context({"request_id": "", "remaining_ms": about["initializer_ms"]}))
    return handler


def invoke(handler, call, body):
    try:
        result = settled(handler, json.loads(body) if body else {}, Context(call))
    except Exception as error:
        send(failure(error))
        return
    try:
        output = json.dumps(result, ensure_ascii=False, allow_nan=False).encode()
    except Exception as error:
        send({"kind": "unwritable", "message": str(error)})
        return
    if len(output) > about["result_bytes"]:
        send({"kind": "oversize", "bytes": len(output)})
    else:
        send({"kind": "result"}, output)


about, _ = receive()
root = about["root"]
modules = {}
sys.path.insert(0, root)
sys.stdout.reconfigure(line_buffering=True)
try:
    handler = prepare()
except Exception as error:
    send(failure(error))
    sys.exit(1)
send({"kind": "ready"})
while True:
    invoke(handler, *receive())
