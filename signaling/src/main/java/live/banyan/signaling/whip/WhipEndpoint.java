package live.banyan.signaling.whip;

import io.vertx.ext.web.RoutingContext;
import live.banyan.signaling.auth.Grant;
import live.banyan.signaling.port.MediaPlane;
import live.banyan.signaling.sdp.Negotiation;
import live.banyan.signaling.sdp.Negotiator;
import live.banyan.signaling.session.OfferIntake;
import live.banyan.signaling.session.SessionOpening;

/** {@code POST /whip/{stream}}: an offer that sends becomes a publication. */
public final class WhipEndpoint {
  private final MediaPlane plane;
  private final OfferIntake intake;
  private final SessionOpening opening;

  /** The endpoint of all streams. */
  public WhipEndpoint(MediaPlane plane, OfferIntake intake, SessionOpening opening) {
    this.plane = plane;
    this.intake = intake;
    this.opening = opening;
  }

  /** Handles a POST for this stream, whose name is valid. */
  public void post(RoutingContext context, String stream) {
    intake.read(context, Grant.PUBLISH, stream, this::answer);
  }

  private void answer(OfferIntake.Offer offer) {
    switch (Negotiator.publish(offer.description())) {
      case Negotiation.Rejected rejected -> opening.reject(offer, rejected);
      case Negotiation.Agreed agreed ->
          opening.open(offer, agreed, id -> plane.publish(id, offer.stream(), agreed.remote()));
    }
  }
}
