package live.banyan.sfu.relay;

import org.jspecify.annotations.Nullable;

/** What came of reading an offer or an answer. */
sealed interface OfferReading permits LinkOffer, OfferReading.Unusable, OfferReading.Refused {
  /** This end cannot use it. */
  record Unusable(OfferRefusal reason) implements OfferReading {}

  /** The peer refused; null where its reason is none that this version knows. */
  record Refused(@Nullable OfferRefusal reason) implements OfferReading {}
}
