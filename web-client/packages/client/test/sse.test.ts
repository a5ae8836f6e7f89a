import { expect, test } from "vitest";
import { type SseEvent, SseParser } from "../src/sse.js";

const parse = (...chunks: string[]): SseEvent[] => {
  const parser = new SseParser();
  return chunks.flatMap((chunk) => parser.push(chunk));
};

test("reads types, data over several lines, ids and comments", () => {
  expect(
    parse(': hello\n\nevent: state\ndata: {"a":\ndata: 1}\nid: 7\n\ndata:bare\n\nevent: lost\n\n'),
  ).toEqual([
    { type: "state", data: '{"a":\n1}', id: "7" },
    { type: "message", data: "bare", id: "7" },
  ]);
});

test("an event that is cut off is no event", () => {
  expect(parse("data: half")).toEqual([]);
  expect(parse("data: half\n")).toEqual([]);
});

test("reads the retry time, digits only", () => {
  const parser = new SseParser();
  parser.push("retry: soon\n");
  expect(parser.retryMs).toBeUndefined();
  parser.push("retry: 2000\n");
  expect(parser.retryMs).toBe(2_000);
});

test("means the same however it is cut, with any line ends", () => {
  const text = 'event: state\ndata: {"a":1}\n\n: beat\n\nevent: move\ndata: x\ndata: y\n\n';
  const whole = parse(text);
  expect(whole).toHaveLength(2);
  for (const end of ["\n", "\r", "\r\n"]) {
    const bytes = text.replaceAll("\n", end);
    for (let a = 0; a <= bytes.length; a += 1) {
      for (let b = a; b <= bytes.length; b += 3) {
        const cut = [bytes.slice(0, a), bytes.slice(a, b), bytes.slice(b)];
        expect(parse(...cut), JSON.stringify(cut)).toEqual(whole);
      }
    }
  }
});

test("does not keep what never ends", () => {
  const parser = new SseParser();
  for (let i = 0; i < 100; i += 1) parser.push("x".repeat(100_000));
  for (let i = 0; i < 100; i += 1) parser.push(`\ndata: ${"x".repeat(10_000)}`);
  expect(parser.push("\n\ndata: after\n\n")).toEqual([{ type: "message", data: "after", id: "" }]);
});
