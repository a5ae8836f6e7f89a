import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { followStream, readStreamEvent, type StreamEvent } from "../src/stream-events.js";

let server: Server;
let handle: (response: ServerResponse, authorization: string | undefined) => void;
let requests = 0;

beforeEach(async () => {
  requests = 0;
  server = createServer((request, response) => {
    requests += 1;
    handle(response, request.headers.authorization);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const follow = (listener: (event: StreamEvent) => void, signal: AbortSignal) => {
  const { port } = server.address() as AddressInfo;
  const place = { node: `http://127.0.0.1:${port}`, stream: "garden" };
  return followStream(place, listener, { token: "t", signal });
};

test("hears events with the token, and connects again when the line breaks", async () => {
  const abort = new AbortController();
  const heard: string[] = [];
  handle = (response, authorization) => {
    expect(authorization).toBe("Bearer t");
    response.setHeader("content-type", "text/event-stream");
    response.write(
      'event: state\ndata: {"name":"garden","state":"live"}\n\nevent: new\ndata: 1\n\n',
    );
    if (requests === 1) setTimeout(() => response.destroy(), 20);
  };
  const done = follow((event) => {
    heard.push(event.type === "state" ? event.stream.state : event.node);
    if (heard.length === 2) abort.abort();
  }, abort.signal);
  await done;
  expect(heard).toEqual(["live", "live"]);
  expect(requests).toBe(2);
});

test.each([401, 403, 404])("stops at %i", async (status) => {
  handle = (response) => response.writeHead(status).end();
  await follow(() => undefined, new AbortController().signal);
  expect(requests).toBe(1);
});

test("reads moves to web addresses, and nothing else", () => {
  expect(readStreamEvent("move", '{"http":"http://10.0.0.1:8080/"}')).toEqual({
    type: "move",
    node: "http://10.0.0.1:8080",
  });
  for (const data of ['{"http":"javascript:1"}', "{}", "null", "", '{"http":7}']) {
    expect(readStreamEvent("move", data), data).toBeUndefined();
  }
  expect(readStreamEvent("other", "{}")).toBeUndefined();
});
