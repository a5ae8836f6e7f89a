package live.banyan.signaling.session;

import live.banyan.signaling.auth.Access;
import live.banyan.signaling.auth.Grant;
import live.banyan.signaling.sdp.Negotiation;

/**
 * An open session as signalling keeps it. A restart of ICE replaces the record.
 *
 * @param id unguessable; names the resource
 * @param grant PUBLISH for WHIP, WATCH for WHEP
 * @param receipt of the token that opened it
 * @param etag strong entity tag of the ICE session, with its quotes
 * @param remoteUfrag the far end's present user name fragment
 * @param remotePassword and its password
 * @param tag the section that stands for the transport
 * @param videoSection index of the m-section that shows a viewer the picture, or -1
 */
public record Session(
    String id,
    Grant grant,
    String stream,
    Access.Receipt receipt,
    String etag,
    String remoteUfrag,
    String remotePassword,
    Negotiation.Tag tag,
    int videoSection) {
  Session restarted(String newEtag, String ufrag, String password) {
    return new Session(id, grant, stream, receipt, newEtag, ufrag, password, tag, videoSection);
  }

  @Override
  public String toString() {
    return "Session[" + grant + " " + stream + "]";
  }
}
