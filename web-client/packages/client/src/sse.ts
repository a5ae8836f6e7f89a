/** One event of a `text/event-stream` (HTML, 9.2). */
export interface SseEvent {
  readonly type: string;
  readonly data: string;
  readonly id: string;
}

/** A line or an event's data longer than this is thrown away: no node of ours sends such. */
const LENGTH_MAX = 256 * 1024;

/** Feeds on chunks of text, however cut, and gives whole events. */
export class SseParser {
  #rest = "";
  #type = "";
  #data: string[] = [];
  #dataLength = 0;
  #id = "";
  #skipLineFeed = false;
  #first = true;
  /** From `retry:`, in milliseconds. */
  retryMs: number | undefined;

  push(chunk: string): SseEvent[] {
    let text = chunk;
    if (this.#first && text !== "") {
      this.#first = false;
      text = text.replace(/^\uFEFF/, "");
    }
    // A CR at the end of a chunk may be half of a CRLF.
    if (this.#skipLineFeed && text !== "") {
      this.#skipLineFeed = false;
      if (text.startsWith("\n")) text = text.slice(1);
    }
    if (text.endsWith("\r")) this.#skipLineFeed = true;
    const lines = (this.#rest + text).split(/\r\n|\r|\n/);
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > LENGTH_MAX) this.#rest = "";
    return lines.flatMap((line) => this.#line(line) ?? []);
  }

  #line(line: string): SseEvent | undefined {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return undefined;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#type = value;
    else if (field === "data") this.#append(value);
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.retryMs = Number(value);
    return undefined;
  }

  #append(value: string): void {
    this.#dataLength += value.length + 1;
    if (this.#dataLength <= LENGTH_MAX) this.#data.push(value);
  }

  #dispatch(): SseEvent | undefined {
    const whole = this.#dataLength <= LENGTH_MAX && this.#data.length > 0;
    const event = whole
      ? { type: this.#type || "message", data: this.#data.join("\n"), id: this.#id }
      : undefined;
    this.#type = "";
    this.#data = [];
    this.#dataLength = 0;
    return event;
  }
}
