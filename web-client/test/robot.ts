import type { Page } from "playwright-core";

/**
 * The media half of the fake node: a page whose peer connections answer offers. What one page
 * publishes it forwards to those who watch; without a publisher it sends a picture of its own.
 */
export class Robot {
  private constructor(private readonly page: Page) {}

  static async start(page: Page, blankUrl: string): Promise<Robot> {
    await page.goto(blankUrl);
    await page.evaluate(robotInPage);
    return new Robot(page);
  }

  /** Answers a WHIP or WHEP offer. */
  answer(kind: "whip" | "whep", id: string, offer: string): Promise<string> {
    return this.page.evaluate(([a, b, c]) => window.robot.answer(a, b, c), [
      kind,
      id,
      offer,
    ] as const);
  }

  /** New credentials for those in an ICE fragment. */
  restart(id: string, fragment: string): Promise<string> {
    return this.page.evaluate(([a, b]) => window.robot.restart(a, b), [id, fragment] as const);
  }

  /** Closes one session, as a DELETE or a crash does. */
  close(id: string): Promise<void> {
    return this.page.evaluate((it) => window.robot.close(it), id);
  }

  /** Stops or resumes the picture that watchers get. */
  pause(paused: boolean): Promise<void> {
    return this.page.evaluate((it) => window.robot.pause(it), paused);
  }
}

interface RobotInPage {
  answer(kind: "whip" | "whep", id: string, offer: string): Promise<string>;
  restart(id: string, fragment: string): Promise<string>;
  close(id: string): void;
  pause(paused: boolean): void;
}

declare global {
  interface Window {
    robot: RobotInPage;
  }
}

function robotInPage(): void {
  const sessions = new Map<string, { pc: RTCPeerConnection; kind: string; offer: string }>();
  let published: MediaStreamTrack[] = [];
  const canvas = document.createElement("canvas");
  canvas.width = 640;
  canvas.height = 360;
  const context = canvas.getContext("2d");
  let n = 0;
  let paused = false;
  setInterval(() => {
    if (!context || paused) return;
    context.fillStyle = "#3d6b57";
    context.fillRect(0, 0, 640, 360);
    context.fillStyle = "#e9d9a6";
    context.fillRect(40 + ((n * 5) % 480), 90, 120, 120);
    context.fillStyle = "#10241a";
    context.fillRect(0, 290, 640, 70);
    context.fillStyle = "#fff";
    context.font = "40px monospace";
    context.fillText(String(n++), 40, 340);
  }, 33);
  const audio = new AudioContext();
  const oscillator = new OscillatorNode(audio, { frequency: 300 });
  const sound = audio.createMediaStreamDestination();
  oscillator.connect(sound);
  oscillator.start();
  const own = [...canvas.captureStream(30).getTracks(), ...sound.stream.getTracks()];

  const gathered = (pc: RTCPeerConnection) =>
    new Promise<string>((resolve) => {
      const done = () => {
        if (pc.iceGatheringState === "complete") resolve(pc.localDescription?.sdp ?? "");
      };
      pc.addEventListener("icegatheringstatechange", done);
      done();
    });
  const answerWith = async (pc: RTCPeerConnection, offer: string) => {
    await pc.setRemoteDescription({ type: "offer", sdp: offer });
    for (const transceiver of pc.getTransceivers() as (RTCRtpTransceiver & {
      getHeaderExtensionsToNegotiate?: () => { uri: string; direction: string }[];
      setHeaderExtensionsToNegotiate?: (all: { uri: string; direction: string }[]) => void;
    })[]) {
      const all = transceiver.getHeaderExtensionsToNegotiate?.() ?? [];
      transceiver.setHeaderExtensionsToNegotiate?.(
        all.map((it) =>
          it.uri.endsWith("abs-capture-time") ? { ...it, direction: "sendrecv" } : it,
        ),
      );
    }
    await pc.setLocalDescription();
    return gathered(pc);
  };

  window.robot = {
    answer: async (kind, id, offer) => {
      const pc = new RTCPeerConnection();
      sessions.set(id, { pc, kind, offer });
      if (kind === "whip") {
        published = [];
        pc.addEventListener("track", ({ track }) => published.push(track));
      } else {
        await pc.setRemoteDescription({ type: "offer", sdp: offer });
        const tracks = published.length > 0 ? published : own;
        for (const transceiver of pc.getTransceivers()) {
          const track = tracks.find((it) => it.kind === transceiver.receiver.track.kind);
          if (!track) continue;
          transceiver.direction = "sendonly";
          await transceiver.sender.replaceTrack(track);
        }
      }
      return answerWith(pc, offer);
    },
    restart: async (id, fragment) => {
      const session = sessions.get(id);
      if (!session) throw new Error("gone");
      const ufrag = /^a=ice-ufrag:.*$/m.exec(fragment)?.[0] ?? "";
      const password = /^a=ice-pwd:.*$/m.exec(fragment)?.[0] ?? "";
      const offer = session.offer
        .replace(/^a=ice-ufrag:.*$/gm, ufrag)
        .replace(/^a=ice-pwd:.*$/gm, password)
        .replace(/^a=candidate:.*\r\n/gm, "");
      const answer = await answerWith(session.pc, offer);
      return (
        answer
          .split("\r\n")
          .filter((line) => /^a=(ice-ufrag|ice-pwd|candidate)/.test(line))
          .slice(0, 12)
          .join("\r\n") + "\r\n"
      );
    },
    close: (id) => {
      const session = sessions.get(id);
      if (session?.kind === "whip") published = [];
      session?.pc.close();
      sessions.delete(id);
    },
    pause: (it) => {
      paused = it;
    },
  };
}
