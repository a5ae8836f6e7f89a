import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { listStreams, type StreamState, streamTree, type TreeNode } from "@banyan/client";
import { Program } from "./program.js";
import { until } from "./until.js";

const BANYAN = fileURLToPath(new URL("../../banyan", import.meta.url));

/** Runs the launcher on what has been built: a build in the middle of a test would take its time. */
export function banyan(...args: string[]): Program {
  return Program.start(BANYAN, args, { BANYAN_BUILD: "off" });
}

/** The name that the demo's broadcast has; its middle nodes carry this one. */
export const STREAM = "demo";

const START_MS = 90_000;

interface NodeLine {
  readonly node: number;
  readonly http: string;
  readonly udp: number;
  readonly pid: number;
}

interface ReadyLine {
  readonly ready: true;
  readonly watch: string;
  readonly studio: string;
  readonly whip: string;
  readonly whep: string;
}

/** A running `banyan demo`: three node processes and a test broadcast into the first. */
export class Site {
  private constructor(
    readonly demo: Program,
    readonly nodes: readonly NodeLine[],
    readonly links: ReadyLine,
  ) {}

  static async start(...options: string[]): Promise<Site> {
    const demo = banyan("demo", "--json", "--port", "0", ...options);
    try {
      const links = await demo.line(
        "output",
        (line) => jsonLine<ReadyLine>(line, "ready"),
        START_MS,
      );
      const nodes = demo.output.flatMap((line) => jsonLine<NodeLine>(line, "node") ?? []);
      return new Site(demo, nodes, links);
    } catch (error) {
      await demo.stop();
      throw error;
    }
  }

  /** Node `index` counts from 1, as the demo does. */
  node(index: number): NodeLine {
    const found = this.nodes[index - 1];
    if (!found) throw new Error(`the demo has no node ${index}`);
    return found;
  }

  signal(index: number, signal: NodeJS.Signals): void {
    process.kill(this.node(index).pid, signal);
  }

  /** How a node sees the stream; undefined where it does not know it. */
  async state(index: number): Promise<StreamState | undefined> {
    const streams = await listStreams(this.node(index).http);
    return streams.find(({ name }) => name === STREAM)?.state;
  }

  async tree(index: number): Promise<TreeNode[]> {
    return streamTree({ node: this.node(index).http, stream: STREAM });
  }

  /** Waits until the stream goes 1 -> 2 -> 3; the last takes it for its viewers only. */
  async chained(ms = 20_000): Promise<void> {
    const depths = async () => {
      const tree = await this.tree(3).catch(() => []);
      return this.nodes.map(({ http }) => tree.find((it) => it.http === http)?.depth ?? "none");
    };
    await until(
      async () => (await depths()).join() === "0,1,2",
      ms,
      async () => `depths of nodes 1 to 3 are ${(await depths()).join()}`,
    );
  }

  async stop(): Promise<void> {
    await this.demo.stop();
  }
}

function jsonLine<T extends object>(line: string, key: keyof T & string): T | undefined {
  try {
    const value = JSON.parse(line) as object | null;
    return value && key in value ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}

/** `banyan publish`: the bundled broadcast from a process of its own. */
export async function publish(whip: string, token?: string): Promise<Program> {
  const program = banyan("publish", whip, ...(token ? ["--token", token] : []));
  await program.line("errors", (line) => line.includes("live at") || undefined, 30_000);
  return program;
}

/** A TCP port that nobody listens on at this address. */
export function freePort(host = "127.0.0.1"): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
