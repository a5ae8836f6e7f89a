import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  ABS_CAPTURE_TIME,
  candidateAddresses,
  iceFragment,
  iceServersOf,
  offersLoopbackOnly,
  withAbsCaptureTime,
  withIceFragment,
  withStartBitrate,
  withStereo,
} from "../src/sdp.js";

const folder = new URL("./sdp/", import.meta.url);
const offers = readdirSync(folder).map((name): [string, string] => [
  name,
  readFileSync(new URL(name, folder), "utf8"),
]);
const count = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length;

test.each(offers)("%s: stereo for Opus, and nothing else changes", (_, offer) => {
  const edited = withStereo(offer);
  expect(edited).toMatch(/^a=fmtp:\d+ .*;stereo=1(;.*)?\r$/m);
  // Firefox asks for it by itself.
  if (/stereo=1/.test(offer)) expect(count(edited, /stereo=1/g)).toBe(1);
  else expect(count(edited, /;stereo=1\r$/gm)).toBe(1);
  expect(edited.replace(/;stereo=1\r$/m, "\r").split("\r\n")).toEqual(
    offer.replaceAll("\r\n", "\n").split("\n").filter(Boolean).concat(""),
  );
  expect(withStereo(edited)).toBe(edited);
});

// Chromium's simulcast offer uses up all identifiers.
test.each(
  offers.filter(([name]) => !name.includes("simulcast")),
)("%s: abs-capture-time once in each section, under one free identifier", (_, offer) => {
  const edited = withAbsCaptureTime(offer);
  const ids = [...edited.matchAll(new RegExp(`^a=extmap:(\\d+) ${ABS_CAPTURE_TIME}\r$`, "gm"))];
  expect(ids).toHaveLength(2);
  expect(new Set(ids.map((it) => it[1])).size).toBe(1);
  expect(offer).not.toMatch(new RegExp(`^a=extmap:${ids[0]?.[1]}[ /]`, "m"));
  expect(withAbsCaptureTime(edited)).toBe(edited);
});

test("no room for another extension leaves the offer alone", () => {
  const full = Array.from({ length: 14 }, (_, i) => `a=extmap:${i + 1} urn:x:${i}`).join("\r\n");
  const offer = `v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n${full}\r\n`;
  expect(withAbsCaptureTime(offer)).toBe(offer);
});

test("the start bitrate reaches codecs with and without parameters, not their repair", () => {
  const answer =
    "v=0\r\nm=audio 9 X 111\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10\r\n" +
    "m=video 9 X 96 97 98\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n" +
    "a=rtpmap:98 H264/90000\r\na=fmtp:98 packetization-mode=1\r\n";
  const edited = withStartBitrate(answer, 1200.4);
  expect(edited).toContain("a=rtpmap:96 VP8/90000\r\na=fmtp:96 x-google-start-bitrate=1200\r\n");
  expect(edited).toContain("a=fmtp:98 packetization-mode=1;x-google-start-bitrate=1200\r\n");
  expect(count(edited, /start-bitrate/g)).toBe(2);
});

test("a fragment names the transport, its credentials and candidates", () => {
  const offer = offers.find(([name]) => name.startsWith("chromium156_whep"))?.[1] ?? "";
  const fragment = iceFragment(offer, ["candidate:1 1 udp 1 192.0.2.1 5 typ host"], true);
  const [ufrag, password, media, mid, candidate, end] = fragment.split("\r\n");
  expect(ufrag).toBe("a=ice-ufrag:qWRh");
  expect(password).toMatch(/^a=ice-pwd:\S{22,}$/);
  expect(media).toMatch(/^m=audio /);
  expect(mid).toBe("a=mid:0");
  expect(candidate).toBe("a=candidate:1 1 udp 1 192.0.2.1 5 typ host");
  expect(end).toBe("a=end-of-candidates");
});

test("a restart changes credentials and candidates of the answer, and nothing else", () => {
  const answer =
    "v=0\r\nm=audio 9 X 111\r\na=ice-ufrag:old1\r\na=ice-pwd:oldoldoldoldoldoldold1\r\n" +
    "a=candidate:1 1 udp 1 10.0.0.1 5 typ host\r\na=candidate:2 1 udp 1 10.0.0.2 5 typ host\r\n" +
    "a=mid:0\r\nm=video 9 X 96\r\na=ice-ufrag:old1\r\na=ice-pwd:oldoldoldoldoldoldold1\r\na=mid:1\r\n";
  const fresh =
    "a=ice-ufrag:new1\r\na=ice-pwd:newnewnewnewnewnewnew1\r\nm=audio 9 X 0\r\na=mid:0\r\n" +
    "a=candidate:9 1 udp 1 10.0.0.9 5 typ host\r\n";
  const restarted = withIceFragment(answer, fresh);
  expect(count(restarted, /a=ice-ufrag:new1/g)).toBe(2);
  expect(count(restarted, /old/g)).toBe(0);
  expect(candidateAddresses(restarted)).toEqual(["10.0.0.9"]);
  expect(count(restarted, /^m=/gm)).toBe(2);
  // Candidates may stay where they were.
  const kept = withIceFragment(answer, "a=ice-ufrag:new1\r\na=ice-pwd:newnewnewnewnewnewnew1\r\n");
  expect(candidateAddresses(kept)).toEqual(["10.0.0.1", "10.0.0.2"]);
});

test("tells a node that only its own machine reaches", () => {
  const of = (...addresses: string[]) =>
    addresses.map((it, i) => `a=candidate:${i} 1 udp 1 ${it} 5 typ host\r\n`).join("");
  expect(offersLoopbackOnly(of("127.0.0.1", "::1"))).toBe(true);
  expect(offersLoopbackOnly(of("127.0.0.1", "192.0.2.1"))).toBe(false);
  expect(offersLoopbackOnly("")).toBe(false);
});

test("ICE servers from Link headers", () => {
  const link =
    '<stun:stun.example:3478>; rel="ice-server", <https://x.example/a,b>; rel="next", ' +
    '<turn:turn.example?transport=udp>; rel="ice-server"; username="us,er"; credential="pa ss"; credential-type="password"';
  expect(iceServersOf(link)).toEqual([
    { urls: "stun:stun.example:3478" },
    { urls: "turn:turn.example?transport=udp", username: "us,er", credential: "pa ss" },
  ]);
  expect(iceServersOf(null)).toEqual([]);
  expect(iceServersOf("nonsense")).toEqual([]);
});
