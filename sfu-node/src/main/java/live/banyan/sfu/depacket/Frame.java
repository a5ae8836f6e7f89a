package live.banyan.sfu.depacket;

/**
 * One picture (all its spatial layers) or one audio packet, as a decoder wants it.
 *
 * @param firstIndex unwrapped sequence number of the first packet that arrived of it
 * @param timestamp RTP timestamp
 * @param keyframe refers to no frame before it; so is all audio
 * @param complete every packet arrived and parsed
 * @param decodable complete, and so is all that it refers to, as far as the payload tells
 * @param data VP8 and VP9 frames as they are, H.264 with start codes (Annex B), AV1 as a temporal
 *     unit with sizes (as IVF has it), Opus packets; what there is of an incomplete frame. Not to
 *     be changed
 * @param emittedNs when the packet that completed it, or the end of patience, let it go
 */
public record Frame(
    long firstIndex,
    int timestamp,
    boolean keyframe,
    boolean complete,
    boolean decodable,
    byte[] data,
    long emittedNs) {}
