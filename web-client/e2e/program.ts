import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { until } from "./until.js";

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGTERM");
});

const WORDS_MAX = 400;

/** A program that a test started, with what it said. */
export class Program {
  readonly output: string[] = [];
  readonly errors: string[] = [];
  readonly #child: ChildProcess;
  readonly #name: string;
  #ended = false;

  private constructor(name: string, child: ChildProcess) {
    this.#name = name;
    this.#child = child;
    running.add(child);
    const keep = (lines: string[]) => (line: string) => {
      lines.push(line);
      if (lines.length > WORDS_MAX) lines.shift();
    };
    if (child.stdout) createInterface(child.stdout).on("line", keep(this.output));
    if (child.stderr) createInterface(child.stderr).on("line", keep(this.errors));
    const end = () => {
      this.#ended = true;
      running.delete(child);
    };
    child.on("exit", end);
    child.on("error", (error) => {
      this.errors.push(error.message);
      end();
    });
  }

  static start(command: string, args: string[], env: Record<string, string> = {}): Program {
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    return new Program([command.split("/").at(-1), ...args].join(" "), child);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The first line, said already or to come, that `pick` makes something of. */
  async line<T>(from: "output" | "errors", pick: (line: string) => T | undefined, ms: number) {
    return until(
      () => {
        for (const line of this[from]) {
          const found = pick(line);
          if (found !== undefined) return found;
        }
        if (this.#ended) throw new Error(`ended too early: ${this.lastWords()}`);
        return undefined;
      },
      ms,
      () => `nothing of the kind was said by ${this.lastWords()}`,
    );
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  ended(ms: number): Promise<unknown> {
    return until(
      () => this.#ended,
      ms,
      () => `still runs: ${this.lastWords()}`,
    );
  }

  /** Ends it politely, or by force after `ms`. */
  async stop(ms = 15_000): Promise<void> {
    this.signal("SIGTERM");
    await this.ended(ms).catch(() => this.signal("SIGKILL"));
  }

  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.ended(5_000);
  }

  lastWords(): string {
    return [this.#name, ...this.errors.slice(-12), ...this.output.slice(-4)].join("\n");
  }
}
