import { readFragment } from "@banyan/client";
import { LitElement } from "lit";

/** A page's content: renders into the document itself, so that labels, ids and styles reach it. */
export abstract class Page extends LitElement {
  #life = new AbortController();

  /** Aborts when the page is left. */
  protected get life(): AbortSignal {
    return this.#life.signal;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#life = new AbortController();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#life.abort();
  }

  protected override createRenderRoot(): HTMLElement {
    // What stands here for browsers without scripts has done its duty.
    this.replaceChildren();
    return this;
  }

  /** Calls `task` now and then every `ms` while the page is visible, one call at a time. */
  protected every(ms: number, task: () => Promise<void>): void {
    const { signal } = this.#life;
    let timer: ReturnType<typeof setTimeout>;
    let busy = false;
    const tick = async () => {
      clearTimeout(timer);
      if (signal.aborted || busy) return;
      busy = true;
      if (document.visibilityState === "visible") await task().catch(() => undefined);
      busy = false;
      if (!signal.aborted) timer = setTimeout(() => void tick(), ms);
    };
    document.addEventListener("visibilitychange", () => void tick(), { signal });
    signal.addEventListener("abort", () => clearTimeout(timer));
    void tick();
  }
}

/** The token of this page's link. It stays in the fragment, so that a reload finds it again. */
export function tokenOfPage(): string | undefined {
  return readFragment(location.hash).get("token") || undefined;
}
