// The bare server in Node.js: the handler behind http, and nothing else.
const http = require("http");

const handler = async (event) => ({ ...event, seen: true });

http
  .createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", async () => {
      const output = JSON.stringify(await handler(JSON.parse(Buffer.concat(parts))));
      response.writeHead(200, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(output) });
      response.end(output);
    });
  })
  .listen(Number(process.argv[1]), "127.0.0.1");
