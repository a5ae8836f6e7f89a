package live.banyan.sfu.ice;

import java.nio.charset.StandardCharsets;

/**
 * The lite, controlled end of one transport (RFC 8445 §2.5): answers checks and never sends any.
 * After an ICE restart the owner keeps the instance of the old credentials beside the new one until
 * that is nominated. Not thread safe; owned by the transport's shard; no call allocates.
 */
public final class IceLite {
  private final long localUfragKey;
  private final byte[] username;
  private final StunIntegrity integrity;

  /** Answers checks that carry {@code local.ufrag():remote.ufrag()} under the local password. */
  public IceLite(IceCredentials local, IceCredentials remote) {
    localUfragKey = IceUfrag.key(local.ufrag());
    username = (local.ufrag() + ":" + remote.ufrag()).getBytes(StandardCharsets.UTF_8);
    integrity = new StunIntegrity(local.password());
  }

  /** What became of a request. The response to send, if any, is in the writer. */
  public enum Outcome {
    /** Authenticated: the sender's address works for this transport. */
    ACCEPTED,
    /** Authenticated, and the controlling end chose this address (USE-CANDIDATE). */
    NOMINATED,
    /** Authenticated, but the sender believes to be controlled: 487 tells it to switch. */
    ROLE_CONFLICT,
    /** Authenticated, with attributes that we would have to understand: 420 names them. */
    UNKNOWN_ATTRIBUTES,
    /** USERNAME or MESSAGE-INTEGRITY is missing: 400 (RFC 8489 §9.1.3). */
    UNAUTHENTICATED,
    /** USERNAME or MESSAGE-INTEGRITY is wrong: 401 (RFC 8489 §9.1.3). */
    FORGED;

    /** Whether the request proved knowledge of the password. */
    public boolean authenticated() {
      return this != UNAUTHENTICATED && this != FORGED;
    }
  }

  /** Where the shard finds this end; see {@link StunMessage#localUfragKey()}. */
  public long localUfragKey() {
    return localUfragKey;
  }

  /**
   * Judges a Binding request and writes the response. A response that would be longer than the
   * request is not given, so that nobody is flooded through us from a forged address.
   *
   * @param request a parsed message with {@link StunMessage#isRequest()}
   * @param response holds the response afterwards; length 0: send nothing
   */
  public Outcome answer(
      StunMessage request, StunWriter response, long addressHigh, long addressLow, int port) {
    Outcome outcome = judge(request);
    switch (outcome) {
      case ACCEPTED, NOMINATED -> {
        response.startResponse(request, StunMessage.BINDING_SUCCESS);
        response.xorMappedAddress(addressHigh, addressLow, port);
        response.integrity(integrity);
      }
      case ROLE_CONFLICT -> error(request, response, 487, true);
      case UNKNOWN_ATTRIBUTES -> error(request, response, 420, true);
      case UNAUTHENTICATED -> error(request, response, 400, false);
      case FORGED -> error(request, response, 401, false);
    }
    response.finish();
    if (response.length() > request.length()) {
      response.clear();
    }
    return outcome;
  }

  private Outcome judge(StunMessage request) {
    if (!request.hasUsername() || !request.hasIntegrity()) {
      return Outcome.UNAUTHENTICATED;
    }
    if (!request.hasUsername(username) || !integrity.verifies(request)) {
      return Outcome.FORGED;
    }
    if (request.unknownCount() > 0) {
      return Outcome.UNKNOWN_ATTRIBUTES;
    }
    if (request.controlled()) {
      return Outcome.ROLE_CONFLICT;
    }
    return request.useCandidate() ? Outcome.NOMINATED : Outcome.ACCEPTED;
  }

  private void error(StunMessage request, StunWriter response, int code, boolean sign) {
    response.startResponse(request, StunMessage.BINDING_ERROR);
    response.errorCode(code);
    if (code == 420) {
      response.unknownAttributes(request);
    }
    if (sign) {
      response.integrity(integrity);
    }
  }
}
