package live.banyan.mesh;

import java.util.List;

/**
 * What the nodes of a site tell of themselves.
 *
 * @param nodeId first 128 bits of SHA-256 of the node's Ed25519 key, lower-case hex
 * @param http base URL for clients, without a trailing slash
 * @param udp announced media addresses, {@code host:port} or {@code [v6]:port}
 * @param fingerprint SHA-256 of the DTLS certificate, as in SDP: upper-case hex with colons
 * @param maxChildren relays that this node serves at once, over all streams
 */
public record NodeRecord(
    String nodeId,
    String http,
    List<String> udp,
    String fingerprint,
    int maxChildren,
    boolean draining,
    long startedAtMs) {}
