/** Small edits of session descriptions. Line ends are CRLF on output, as RFC 8866 asks. */

export const ABS_CAPTURE_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";

const lines = (sdp: string): string[] => sdp.split(/\r\n|\n/).filter((line) => line !== "");
const join = (all: string[]): string => `${all.join("\r\n")}\r\n`;

/** The session part, then one string array for each m-section. */
function sections(sdp: string): string[][] {
  const parts: string[][] = [[]];
  for (const line of lines(sdp)) {
    if (line.startsWith("m=")) parts.push([]);
    parts.at(-1)?.push(line);
  }
  return parts;
}

/**
 * Asks for (or promises) stereo: without `stereo=1` (RFC 7587, 6.1) browsers decode Opus to mono.
 * `sending` also sets `sprop-stereo` and an average bitrate that music needs.
 */
export function withStereo(sdp: string, sending?: { bitrateBps: number }): string {
  const types = new Set(
    [...sdp.matchAll(/^a=rtpmap:(\d+) opus\/48000\/2/gim)].map((match) => match[1]),
  );
  return join(
    lines(sdp).map((line) => {
      const type = /^a=fmtp:(\d+) /.exec(line)?.[1];
      if (type === undefined || !types.has(type) || /stereo=/.test(line)) return line;
      const more = sending
        ? `;stereo=1;sprop-stereo=1;maxaveragebitrate=${sending.bitrateBps}`
        : ";stereo=1";
      return line + more;
    }),
  );
}

/**
 * Lets Chromium's bandwidth estimate start at `kbps` instead of 300 kbit/s: a broadcast would show
 * a quarter of its picture for the first seconds otherwise. Others ignore the parameter.
 */
export function withStartBitrate(answer: string, kbps: number): string {
  const parameter = `x-google-start-bitrate=${Math.round(kbps)}`;
  return join(
    sections(answer).flatMap((part) => {
      if (!part[0]?.startsWith("m=video ")) return part;
      return part.flatMap((line) => {
        const type = /^a=rtpmap:(\d+) (?!rtx|red|ulpfec|flexfec)/i.exec(line)?.[1];
        const has = type !== undefined && part.some((it) => it.startsWith(`a=fmtp:${type} `));
        if (type !== undefined && !has) return [line, `a=fmtp:${type} ${parameter}`];
        const repairs = line.includes("apt=");
        return line.startsWith("a=fmtp:") && !repairs ? [`${line};${parameter}`] : [line];
      });
    }),
  );
}

/**
 * Offers abs-capture-time in each audio and video section that lacks it. For browsers without
 * `setHeaderExtensionsToNegotiate`; bundled sections share one identifier (RFC 8285, 5).
 */
export function withAbsCaptureTime(sdp: string): string {
  const used = new Set([...sdp.matchAll(/^a=extmap:(\d+)/gm)].map((match) => Number(match[1])));
  const given = new RegExp(`^a=extmap:(\\d+)(?:/\\w+)? ${ABS_CAPTURE_TIME}`, "m").exec(sdp)?.[1];
  // One-byte headers have identifiers 1 to 14.
  const free = Array.from({ length: 14 }, (_, i) => i + 1).find((id) => !used.has(id));
  const id = given ?? free;
  if (id === undefined) return sdp;
  return join(
    sections(sdp).flatMap((part) => {
      const media = /^m=(audio|video) /.test(part[0] ?? "");
      if (!media || part.some((line) => line.includes(ABS_CAPTURE_TIME))) return part;
      const at = part.findLastIndex((line) => line.startsWith("a=extmap:"));
      if (at < 0) return part;
      return part.toSpliced(at + 1, 0, `a=extmap:${id} ${ABS_CAPTURE_TIME}`);
    }),
  );
}

/** The body of a PATCH: an SDP fragment (RFC 8840, 9) for the bundled transport. */
export function iceFragment(
  offer: string,
  candidates: readonly string[],
  endOfCandidates: boolean,
): string {
  const first = sections(offer).find((part) => part[0]?.startsWith("m="));
  const pick = (prefix: string) => lines(offer).find((line) => line.startsWith(prefix));
  const mid = first?.find((line) => line.startsWith("a=mid:"));
  return join(
    [
      pick("a=ice-ufrag:"),
      pick("a=ice-pwd:"),
      first?.[0],
      mid,
      ...candidates.map((candidate) => `a=${candidate}`),
      endOfCandidates ? "a=end-of-candidates" : undefined,
    ].filter((line) => line !== undefined),
  );
}

/** An earlier answer with the credentials and candidates of the fragment that a restart got. */
export function withIceFragment(answer: string, fragment: string): string {
  const fresh = lines(fragment);
  const ufrag = fresh.find((line) => line.startsWith("a=ice-ufrag:"));
  const password = fresh.find((line) => line.startsWith("a=ice-pwd:"));
  const candidates = fresh.filter((line) => line.startsWith("a=candidate:"));
  return join(
    sections(answer).flatMap((part) => {
      const kept: string[] = [];
      let placed = false;
      for (const line of part) {
        if (line.startsWith("a=candidate:")) {
          if (candidates.length === 0) kept.push(line);
          else if (!placed) kept.push(...candidates);
          placed = true;
        } else if (line.startsWith("a=ice-ufrag:") && ufrag) kept.push(ufrag);
        else if (line.startsWith("a=ice-pwd:") && password) kept.push(password);
        else kept.push(line);
      }
      return kept;
    }),
  );
}

/** Addresses of the candidates in a description. */
export function candidateAddresses(sdp: string): string[] {
  return [...sdp.matchAll(/^a=candidate:\S+ \d+ \S+ \d+ (\S+) \d+ typ /gm)].flatMap(
    (match) => match[1] ?? [],
  );
}

/** True where a node can be reached on its own machine only. */
export function offersLoopbackOnly(answer: string): boolean {
  const addresses = candidateAddresses(answer);
  return (
    addresses.length > 0 &&
    addresses.every(
      (address) => address.startsWith("127.") || /^(::1|0:0:0:0:0:0:0:1)$/.test(address),
    )
  );
}

/** ICE servers of `Link` headers (RFC 9725, 4.6). */
export function iceServersOf(link: string | null): RTCIceServer[] {
  return linksOf(link).flatMap((part) => {
    const url = /<\s*((?:stun|stuns|turn|turns):[^>]*)>/i.exec(part)?.[1];
    if (url === undefined || !/;\s*rel\s*=\s*"?ice-server"?/i.test(part)) return [];
    const value = (name: string) =>
      new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]*)"|([^;\\s]+))`, "i").exec(part);
    const text = (name: string) => value(name)?.[1] ?? value(name)?.[2];
    const username = text("username");
    const credential = text("credential");
    return [
      {
        urls: url,
        ...(username === undefined ? {} : { username }),
        ...(credential === undefined ? {} : { credential }),
      },
    ];
  });
}

/** A `Link` header's links. Commas part them, and may stand inside quotes and angle brackets. */
export function linksOf(link: string | null): string[] {
  return link?.match(/(?:<[^>]*>|"[^"]*"|[^,])+/g) ?? [];
}
