import { html, LitElement, type PropertyValues, type TemplateResult } from "lit";

const TICK_MS = 66;
/** What the meter shows as its left end. */
const FLOOR_DB = -60;

/** Loudness of samples in [-1, 1], in dB below full scale, not less than the floor. */
export function decibels(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i += 1) sum += (samples[i] ?? 0) ** 2;
  const rms = Math.sqrt(sum / Math.max(1, samples.length));
  return Math.max(FLOOR_DB, 20 * Math.log10(Math.max(rms, 1e-9)));
}

/** 0 to 1 along the meter. */
export const share = (db: number): number => Math.min(1, Math.max(0, 1 - db / FLOOR_DB));

/** `<level-meter>`: how loud a stream is. */
class LevelMeter extends LitElement {
  static override properties = { stream: { attribute: false }, words: { state: true } };

  declare stream: MediaStream | undefined;
  private declare words: string;
  #stop: () => void = () => undefined;

  constructor() {
    super();
    this.stream = undefined;
    this.words = "No sound";
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop();
  }

  protected override updated(changed: PropertyValues): void {
    if (!changed.has("stream")) return;
    this.#stop();
    if (this.stream && this.stream.getAudioTracks().length > 0) this.#start(this.stream);
    else this.#show(FLOOR_DB);
  }

  #start(stream: MediaStream): void {
    const context = new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: 2048 });
    context.createMediaStreamSource(stream).connect(analyser);
    void context.resume();
    const samples = new Float32Array(analyser.fftSize);
    let shown = FLOOR_DB;
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      // Quick up, slow down: what a person can follow.
      shown = Math.max(decibels(samples), shown - 1.6);
      this.#show(shown);
    }, TICK_MS);
    this.#stop = () => {
      clearInterval(timer);
      void context.close();
      this.#stop = () => undefined;
    };
  }

  #show(db: number): void {
    const meter = this.querySelector<HTMLElement>(".meter");
    meter?.style.setProperty("--level", `${Math.round(share(db) * 100)}%`);
    meter?.setAttribute("aria-valuenow", String(Math.round(db)));
    const words = db <= -55 ? "No sound" : db < -35 ? "Quiet" : db < -9 ? "Good" : "Very loud";
    meter?.setAttribute("aria-valuetext", words);
    this.words = words;
  }

  protected override render(): TemplateResult {
    return html`
      <div class="row apart small">
        <span class="label" id="meter-label">Sound</span>
        <span class="soft" data-testid="level-words">${this.words}</span>
      </div>
      <div
        class="meter"
        role="meter"
        aria-labelledby="meter-label"
        aria-valuemin=${FLOOR_DB}
        aria-valuemax="0"
        aria-valuenow=${FLOOR_DB}
        data-testid="level-meter"
      >
        <div></div>
      </div>
    `;
  }
}

customElements.define("level-meter", LevelMeter);
