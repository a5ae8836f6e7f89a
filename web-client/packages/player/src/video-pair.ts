/** How long the old picture may stand while the new one does not come. */
const FIRST_FRAME_MS_MAX = 5_000;

/**
 * Two video elements, one seen. New media starts in the other one, and they change places on its
 * first frame: setting `srcObject` on the visible one would show black meanwhile.
 */
export class VideoPair {
  #shown: HTMLVideoElement;
  #spare: HTMLVideoElement;
  #turn = 0;

  constructor(first: HTMLVideoElement, second: HTMLVideoElement) {
    this.#shown = first;
    this.#spare = second;
    this.#mark();
  }

  /** The element that a viewer sees. */
  get current(): HTMLVideoElement {
    return this.#shown;
  }

  /** Shows `stream` once it has a frame (sound alone counts after a while). */
  async show(stream: MediaStream): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    if (!this.#shown.srcObject) {
      this.#shown.srcObject = stream;
      await firstFrame(this.#shown);
      return;
    }
    const [old, next] = [this.#shown, this.#spare];
    next.muted = true;
    next.srcObject = stream;
    if (!old.paused) await next.play().catch(() => undefined);
    await firstFrame(next);
    if (turn !== this.#turn) return;
    next.volume = old.volume;
    next.muted = old.muted;
    this.#shown = next;
    this.#spare = old;
    this.#mark();
    // Needs no gesture while another element holds the window.
    const root = old.getRootNode() as ShadowRoot;
    if (root.pictureInPictureElement === old) {
      await next.requestPictureInPicture().catch(() => undefined);
    }
    old.muted = true;
    old.srcObject = null;
  }

  /** Forgets all media. */
  clear(): void {
    this.#turn += 1;
    this.#shown.srcObject = null;
    this.#spare.srcObject = null;
  }

  #mark(): void {
    for (const video of [this.#shown, this.#spare]) {
      const shown = video === this.#shown;
      video.classList.toggle("spare", !shown);
      video.dataset["testid"] = shown ? "player-video" : "player-video-spare";
      video.toggleAttribute("inert", !shown);
      video.setAttribute("part", shown ? "video" : "");
      if (shown) video.removeAttribute("aria-hidden");
      else video.setAttribute("aria-hidden", "true");
    }
  }
}

function firstFrame(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, FIRST_FRAME_MS_MAX);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(done);
    else (video as HTMLVideoElement).addEventListener("loadeddata", done, { once: true });
  });
}
