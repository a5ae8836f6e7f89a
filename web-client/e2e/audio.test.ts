import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launch, open } from "./browser.js";
import { Site, STREAM } from "./site.js";
import { pause, until } from "./until.js";

interface Heard {
  readonly packets: number;
  readonly bytes: number;
  readonly samples: number;
  readonly concealed: number;
}

/** Listens to the stream by WHEP, with or without redundant audio in the offer. */
async function listen(page: Page, whep: string, redundant: boolean): Promise<string> {
  return page.evaluate(
    async ({ whep, redundant }) => {
      const peer = new RTCPeerConnection();
      const sound = peer.addTransceiver("audio", { direction: "recvonly" });
      const codecs = RTCRtpReceiver.getCapabilities("audio")?.codecs ?? [];
      if (!redundant) {
        sound.setCodecPreferences(codecs.filter(({ mimeType }) => mimeType !== "audio/red"));
      }
      peer.ontrack = ({ track }) => {
        const player = new Audio();
        player.srcObject = new MediaStream([track]);
        void player.play();
      };
      await peer.setLocalDescription(await peer.createOffer());
      const response = await fetch(whep, {
        method: "POST",
        headers: { "Content-Type": "application/sdp" },
        body: peer.localDescription?.sdp ?? "",
      });
      const sdp = await response.text();
      if (!response.ok) throw new Error(sdp);
      await peer.setRemoteDescription({ type: "answer", sdp });
      return sdp;
    },
    { whep, redundant },
  );
}

/** What each listener has heard, in the order in which they came. */
function heard(page: Page): Promise<Heard[]> {
  return page.evaluate(async () => {
    const all: Heard[] = [];
    for (const peer of window.banyanPeers) {
      for (const it of (await peer.getStats()).values()) {
        if (it.type === "inbound-rtp" && it.kind === "audio") {
          all.push({
            packets: it.packetsReceived,
            bytes: it.bytesReceived,
            samples: it.totalSamplesReceived ?? 0,
            concealed: it.concealedSamples ?? 0,
          });
        }
      }
    }
    return all;
  });
}

describe("sound", () => {
  let browser: Browser;
  let site: Site;

  beforeAll(async () => {
    browser = await launch();
    site = await Site.start();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
  });

  test("Chromium plays redundant audio of a node two hops away, and plain audio beside it", async () => {
    const http = site.node(3).http;
    const page = await open(browser, `${http}/api/v1/node`);
    const answer = await listen(page, `${http}/whep/${STREAM}`, true);
    expect(answer).toContain("red/48000/2");
    expect(await listen(page, `${http}/whep/${STREAM}`, false)).not.toContain("red/48000");
    const both = async () => {
      const all = await heard(page);
      return all.length === 2 && all.every(({ samples }) => samples > 0) ? all : undefined;
    };
    await until(both, 20_000);
    // Joining has its own gaps; what comes after has none.
    await pause(3_000);
    const [red, plain] = await heard(page);
    await pause(5_000);
    const [redLater, plainLater] = await heard(page);
    if (!red || !plain || !redLater || !plainLater) throw new Error("a listener has gone");
    const size = (now: Heard, then: Heard) =>
      (now.bytes - then.bytes) / (now.packets - then.packets);
    expect(size(redLater, red)).toBeGreaterThan(2 * size(plainLater, plain));
    for (const [now, then] of [
      [redLater, red],
      [plainLater, plain],
    ] as const) {
      expect(now.samples - then.samples).toBeGreaterThan(4 * 48_000);
      expect((now.concealed - then.concealed) / (now.samples - then.samples)).toBeLessThan(0.02);
    }
  });
});
