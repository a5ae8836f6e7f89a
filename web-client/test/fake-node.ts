import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { NodeInfo, StreamInfo, TreeNode } from "../packages/client/src/index.js";
import type { Robot } from "./robot.js";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
/** The strictest policy that the pages have to live with. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
  "media-src blob:; connect-src *; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export interface Refusal {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly retryAfter?: number;
}

const UNKNOWN: Refusal = {
  status: 404,
  title: "Unknown stream",
  detail: "No stream of this name is known.",
};

/** A request that reached the fake, for tests to look at. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** Speaks a node's HTTP API, with state that tests change as they like. */
export class FakeNode {
  readonly streams = new Map<string, StreamInfo>();
  tree: TreeNode[] = [];
  readonly seen: Seen[] = [];
  /** Instead of an answer to POST. */
  refusal: Refusal | undefined;
  /** What a viewer's layers are, as WHEP has them; without, nothing is told of them. */
  layers: unknown;
  /** Edits each SDP answer. */
  editAnswer: (sdp: string) => string = (sdp) => sdp;
  /** Answers nothing any more, as a killed process. */
  dead = false;
  info: NodeInfo;
  robot: Robot | undefined;
  readonly #server: Server;
  readonly #listeners = new Map<string, Set<ServerResponse>>();
  readonly #sessions = new Map<string, { kind: "whip" | "whep"; stream: string; etag: number }>();
  #next = 1;

  private constructor(server: Server) {
    this.#server = server;
    this.info = {} as NodeInfo;
  }

  static async start(nodeId = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"): Promise<FakeNode> {
    const server = createServer();
    const node = new FakeNode(server);
    server.on("request", (request, response) => {
      node.#handle(request, response).catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    node.info = {
      nodeId,
      version: "0.1.0",
      site: "garden",
      http: node.url,
      state: "ready",
      startedAtMs: Date.now() - 3_900_000,
      publications: 0,
      subscriptions: 0,
      children: 0,
      maxChildren: 4,
      bitsPerSecondIn: 0,
      bitsPerSecondOut: 0,
      udpPath: "linux-mmsg",
      cryptoPath: "libcrypto",
      peers: [],
    };
    return node;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Open sessions by kind. */
  sessions(kind: "whip" | "whep"): string[] {
    return [...this.#sessions].filter(([, it]) => it.kind === kind).map(([id]) => id);
  }

  /** Forgets sessions, as a restarted node. */
  forgetSessions(): void {
    this.#sessions.clear();
  }

  setStream(name: string, state: StreamInfo["state"], more: Partial<StreamInfo> = {}): void {
    const stream: StreamInfo = {
      name,
      state,
      epoch: 1,
      ingest: this.url,
      startedAtMs: Date.now() - 125_000,
      viewers: 3,
      tracks: [
        { kind: "video", codecName: "VP8", clockRateHz: 90_000, channels: 0, fmtp: "" },
        { kind: "audio", codecName: "opus", clockRateHz: 48_000, channels: 2, fmtp: "" },
      ],
      ...more,
    };
    this.streams.set(name, stream);
    this.#send(name, "state", stream);
    if (state === "ended") this.streams.delete(name);
  }

  move(name: string, http: string): void {
    this.#send(name, "move", { http });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Cuts all connections and answers none from now on. */
  kill(): void {
    this.dead = true;
    this.#server.closeAllConnections();
  }

  #send(name: string, event: string, data: unknown): void {
    for (const response of this.#listeners.get(name) ?? []) {
      response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    }
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.dead) {
      request.socket.destroy();
      return;
    }
    const { pathname } = new URL(request.url ?? "/", this.url);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const method = request.method ?? "GET";
    this.seen.push({ method, path: pathname, headers: request.headers, body });
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("access-control-allow-headers", "*, authorization");
    response.setHeader("access-control-allow-methods", "*");
    response.setHeader("access-control-expose-headers", "location, etag, link, retry-after");
    if (method === "OPTIONS") response.writeHead(204).end();
    else if (pathname.startsWith("/api/v1/")) this.#api(pathname, request, response);
    else if (/^\/(whip|whep)\//.test(pathname)) await this.#post(pathname, body, response);
    else if (pathname.startsWith("/sessions/")) {
      await this.#session(method, pathname.slice(10), request, body, response);
    } else await this.#page(pathname, response);
  }

  #api(path: string, request: IncomingMessage, response: ServerResponse): void {
    const json = (value: unknown) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(value));
    };
    if (path === "/api/v1/node") json(this.info);
    else if (path === "/api/v1/streams") json({ streams: [...this.streams.values()] });
    else this.#apiOfStream(path, request, response, json);
  }

  #apiOfStream(
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
    json: (value: unknown) => void,
  ): void {
    const [, name = "", what] = /^\/api\/v1\/streams\/(.+)\/(tree|events)$/.exec(path) ?? [];
    const stream = this.streams.get(name);
    if (what === "tree" && stream) {
      json({ nodes: this.tree });
      return;
    }
    if (what !== "events" || !stream) {
      this.#refuse(response, UNKNOWN);
      return;
    }
    response.setHeader("content-type", "text/event-stream");
    response.write(`: hello\n\nevent: state\ndata: ${JSON.stringify(stream)}\n\n`);
    const set = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, set.add(response));
    request.socket.on("close", () => set.delete(response));
  }

  async #post(path: string, body: string, response: ServerResponse): Promise<void> {
    const [, kind, stream = ""] = /^\/(whip|whep)\/(.+)$/.exec(path) ?? [];
    if (this.refusal) return this.#refuse(response, this.refusal);
    if (kind === "whep" && !this.streams.has(stream)) {
      return this.#refuse(response, UNKNOWN);
    }
    if (kind === "whep" && this.streams.get(stream)?.state !== "live") {
      return this.#refuse(response, {
        status: 409,
        title: "Not live",
        detail: "The broadcaster is away; try again.",
        retryAfter: 2,
      });
    }
    const id = `s${this.#next++}`;
    const kindOf = kind as "whip" | "whep";
    const answer = await this.robot?.answer(kindOf, id, body);
    if (!answer) return this.#refuse(response, { status: 503, title: "No", detail: "No robot." });
    this.#sessions.set(id, { kind: kindOf, stream, etag: 1 });
    if (kind === "whip") this.setStream(stream, "live", { viewers: 0 });
    response.writeHead(201, {
      "content-type": "application/sdp",
      location: `/sessions/${id}`,
      etag: '"1"',
      ...(kind === "whep" && this.layers
        ? { link: `</sessions/${id}/layer>; rel="urn:ietf:params:whep:ext:core:layer"` }
        : {}),
    });
    response.end(this.editAnswer(answer));
  }

  async #session(
    method: string,
    path: string,
    request: IncomingMessage,
    body: string,
    response: ServerResponse,
  ): Promise<void> {
    const [id = "", what] = path.split("/");
    const session = this.#sessions.get(id);
    if (!session) {
      return this.#refuse(response, { status: 404, title: "Gone", detail: "No such session." });
    }
    if (what === "layer") this.#layer(method, body, response);
    else if (method === "DELETE") {
      this.#sessions.delete(id);
      await this.robot?.close(id);
      if (session.kind === "whip") this.setStream(session.stream, "ended");
      response.writeHead(200).end();
    } else if (request.headers["if-match"] === "*") {
      const fragment = await this.robot?.restart(id, body);
      session.etag += 1;
      response.writeHead(200, {
        "content-type": "application/trickle-ice-sdpfrag",
        etag: `"${session.etag}"`,
      });
      response.end(fragment);
    } else response.writeHead(204).end();
  }

  #layer(method: string, body: string, response: ServerResponse): void {
    if (method === "POST" && body.includes("gone")) {
      this.#refuse(response, { status: 422, title: "No", detail: "There is no such layer." });
    } else {
      response.setHeader("content-type", "application/json");
      response.end(method === "POST" ? "" : JSON.stringify(this.layers));
    }
  }

  #refuse(response: ServerResponse, { status, title, detail, retryAfter }: Refusal): void {
    if (retryAfter !== undefined) response.setHeader("retry-after", retryAfter);
    response.writeHead(status, { "content-type": "application/problem+json" });
    response.end(JSON.stringify({ type: "about:blank", title, status, detail }));
  }

  async #page(path: string, response: ServerResponse): Promise<void> {
    if (path === "/blank") {
      response.setHeader("content-type", "text/html");
      response.end("<!doctype html><title>robot</title>");
      return;
    }
    const page = /^\/(watch|studio|node)(\/|$)/.exec(path)?.[1];
    const file = path === "/" ? "index.html" : page ? `${page}.html` : path.slice(1);
    try {
      if (file.includes("..")) throw new Error("outside");
      const content = await readFile(DIST + file);
      response.setHeader("content-type", TYPES[extname(file)] ?? "application/octet-stream");
      response.setHeader("content-security-policy", POLICY);
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  }
}
