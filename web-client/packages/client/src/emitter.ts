/** Listeners by event name. A listener that throws does not keep the others from being called. */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();

  /** Calls `listener` on each event until the returned function is called or `signal` aborts. */
  on<K extends keyof Events>(
    type: K,
    listener: (event: Events[K]) => void,
    options: { signal?: AbortSignal } = {},
  ): () => void {
    const set = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, set);
    set.add(listener);
    const off = () => void set.delete(listener);
    if (options.signal?.aborted) off();
    options.signal?.addEventListener("abort", off, { once: true });
    return off;
  }

  protected emit<K extends keyof Events>(type: K, event: Events[K]): void {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) {
      try {
        (listener as (event: Events[K]) => void)(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
