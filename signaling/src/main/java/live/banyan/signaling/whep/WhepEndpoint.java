package live.banyan.signaling.whep;

import io.vertx.ext.web.RoutingContext;
import java.util.List;
import live.banyan.signaling.auth.Grant;
import live.banyan.signaling.port.MediaPlane;
import live.banyan.signaling.port.MediaPlane.Found;
import live.banyan.signaling.port.MediaPlane.Refused;
import live.banyan.signaling.port.MediaPlane.TrackDescription;
import live.banyan.signaling.sdp.Negotiation;
import live.banyan.signaling.sdp.Negotiator;
import live.banyan.signaling.session.OfferIntake;
import live.banyan.signaling.session.SessionOpening;

/** {@code POST /whep/{stream}}: an offer that receives becomes a viewer's session. */
public final class WhepEndpoint {
  private final MediaPlane plane;
  private final OfferIntake intake;
  private final SessionOpening opening;

  /** The endpoint of all streams. */
  public WhepEndpoint(MediaPlane plane, OfferIntake intake, SessionOpening opening) {
    this.plane = plane;
    this.intake = intake;
    this.opening = opening;
  }

  /** Handles a POST for this stream, whose name is valid. */
  public void post(RoutingContext context, String stream) {
    intake.read(context, Grant.WATCH, stream, this::find);
  }

  private void find(OfferIntake.Offer offer) {
    opening
        .await(offer, () -> plane.find(offer.stream()))
        .onSuccess(
            lookup -> {
              switch (lookup) {
                case Refused refused -> opening.reject(offer, refused);
                case Found found -> answer(offer, found.tracks());
              }
            })
        .onFailure(cause -> opening.fail(offer, cause));
  }

  private void answer(OfferIntake.Offer offer, List<TrackDescription> tracks) {
    switch (Negotiator.watch(offer.description(), tracks)) {
      case Negotiation.Rejected rejected -> opening.reject(offer, rejected);
      case Negotiation.Agreed agreed ->
          opening.open(offer, agreed, id -> plane.subscribe(id, offer.stream(), agreed.remote()));
    }
  }
}
