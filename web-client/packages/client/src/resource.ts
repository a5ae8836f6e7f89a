import { type RequestOptions, request } from "./api.js";
import { BanyanError } from "./errors.js";
import { layerUrlOf, readLayers, type VideoLayer } from "./layers.js";
import { iceServersOf } from "./sdp.js";

/** A session at a node, as WHIP (RFC 9725) and WHEP know it: the HTTP half. */
export class SessionResource {
  #etag: string | undefined;

  private constructor(
    readonly location: string | undefined,
    readonly answer: string,
    readonly iceServers: RTCIceServer[],
    private readonly layerUrl: string | undefined,
    etag: string | undefined,
    private readonly token: string | undefined,
  ) {
    this.#etag = etag;
  }

  /** POSTs an offer. */
  static async open(url: string, offer: string, options: RequestOptions): Promise<SessionResource> {
    const response = await request(
      url,
      { method: "POST", headers: { "content-type": "application/sdp" }, body: offer },
      options,
    );
    const answer = await response.text();
    if (!answer.startsWith("v=0")) {
      throw new BanyanError("bad-answer", "The address does not speak WHIP or WHEP.");
    }
    const location = response.headers.get("location");
    const link = response.headers.get("link");
    return new SessionResource(
      location === null ? undefined : new URL(location, response.url || url).href,
      answer,
      iceServersOf(link),
      layerUrlOf(link, response.url || url),
      response.headers.get("etag") ?? undefined,
      options.token,
    );
  }

  /** Sends candidates. A node that does not want them (ICE-lite needs none) is not an error. */
  async trickle(fragment: string, signal: AbortSignal): Promise<void> {
    if (this.location === undefined || this.#etag === undefined) return;
    await this.#patch(fragment, this.#etag, signal).catch(() => undefined);
  }

  /** New remote credentials and candidates for new local ones. */
  async restart(fragment: string, signal: AbortSignal): Promise<string> {
    if (this.location === undefined) {
      throw new BanyanError("session-gone", "The node gave the session no address.");
    }
    const response = await this.#patch(fragment, "*", signal);
    this.#etag = response.headers.get("etag") ?? this.#etag;
    return await response.text();
  }

  /** Sizes of the picture to choose from, highest first; none where the node does not tell. */
  async layers(): Promise<VideoLayer[]> {
    if (this.layerUrl === undefined) return [];
    try {
      const response = await request(this.layerUrl, {}, { token: this.token });
      return readLayers(await response.json());
    } catch {
      return [];
    }
  }

  /** Asks for a size at most; undefined lets the node choose. */
  async chooseLayer(id: string | undefined): Promise<void> {
    if (this.layerUrl === undefined) {
      throw new BanyanError("unsupported", "This server does not let viewers choose.");
    }
    const body = JSON.stringify(id === undefined ? {} : { encodingId: id });
    const headers = { "content-type": "application/json" };
    await request(this.layerUrl, { method: "POST", headers, body }, { token: this.token });
  }

  /** Ends the session; works while a page is being closed. Errors do not matter any more. */
  async delete(): Promise<void> {
    if (this.location === undefined) return;
    await request(
      this.location,
      { method: "DELETE", keepalive: true },
      { token: this.token },
    ).catch(() => undefined);
  }

  #patch(fragment: string, etag: string, signal: AbortSignal): Promise<Response> {
    return request(
      this.location ?? "",
      {
        method: "PATCH",
        headers: { "content-type": "application/trickle-ice-sdpfrag", "if-match": etag },
        body: fragment,
      },
      { token: this.token, signal },
    );
  }
}
