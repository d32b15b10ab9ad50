"""The bare server in Python: the handler behind http.server, and nothing else."""
import http.server
import json
import sys


def handler(event):
    return {**event, "seen": True}


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # the answer goes out in one packet

    def do_POST(self):
        output = json.dumps(handler(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(output)))
        self.end_headers()
        self.wfile.write(output)
        self.wfile.flush()

    def log_message(self, *arguments):
        pass


http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Server).serve_forever()
