import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What may wait in front of the narrow place: a home router's buffer. */
const QUEUE_MS_MAX = 300;
/** Two frames of Ethernet: more would pass unshaped where pictures leave in bursts. */
const BURST_BYTES = 3_200;

/**
 * A network namespace behind one link whose rate towards it can be set. Needs Linux, root, `ip` and
 * `tc`. Names and addresses are of this process, and go with `remove`.
 */
export class ShapedLink {
  readonly #name = `bns${process.pid}`;
  readonly #prefix = `10.214.${process.pid % 250}.`;
  readonly #folder = mkdtempSync(join(tmpdir(), "banyan-link-"));

  readonly #atExit = (): void => this.remove();

  /** This machine's address on the link. */
  readonly here = `${this.#prefix}1`;

  static possible(): boolean {
    if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
    try {
      run("ip", "netns", "list");
      run("tc", "qdisc", "show");
      return true;
    } catch {
      return false;
    }
  }

  static make(kbps: number): ShapedLink {
    const link = new ShapedLink();
    // Also where whoever made it does not come to its end.
    process.once("exit", link.#atExit);
    try {
      link.#make();
      link.rate(kbps);
      return link;
    } catch (error) {
      link.remove();
      throw error;
    }
  }

  #make(): void {
    const name = this.#name;
    run("ip", "netns", "add", name);
    run("ip", "-n", name, "link", "set", "lo", "up");
    run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth", "netns", name);
    run("ip", "addr", "add", `${this.here}/24`, "dev", name);
    // Datagrams that leave as one are taken apart before the queue, which drops them singly.
    run("ip", "link", "set", name, "gso_max_segs", "1");
    run("ip", "link", "set", name, "up");
    run("ip", "-n", name, "addr", "add", `${this.#prefix}2/24`, "dev", "eth");
    run("ip", "-n", name, "link", "set", "eth", "up");
  }

  /** From now on the namespace is reached at this rate, which counts Ethernet frames. */
  rate(kbps: number): void {
    const limit = `rate ${kbps}kbit burst ${BURST_BYTES} latency ${QUEUE_MS_MAX}ms`;
    run("tc", "qdisc", "replace", "dev", this.#name, "root", "tbf", ...limit.split(" "));
  }

  /** Frames that found the queue full since the link was made. */
  dropped(): number {
    const shown = run("tc", "-s", "qdisc", "show", "dev", this.#name);
    return Number(/dropped (\d+)/.exec(shown)?.[1] ?? Number.NaN);
  }

  /** A program that executes `command` in the namespace, with the arguments that it is given. */
  inside(command: string): string {
    const path = join(this.#folder, "inside");
    writeFileSync(path, `#!/bin/sh\nexec ip netns exec ${this.#name} '${command}' "$@"\n`);
    chmodSync(path, 0o755);
    return path;
  }

  remove(): void {
    process.off("exit", this.#atExit);
    for (const what of [
      ["link", "del", this.#name],
      ["netns", "del", this.#name],
    ]) {
      try {
        run("ip", ...what);
      } catch {
        // Never made.
      }
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: "utf8", stdio: "pipe", timeout: 20_000 });
}
