package live.banyan.mesh.site;

import live.banyan.mesh.Directory.CarrierRecord;
import live.banyan.mesh.Directory.StreamRecord;
import live.banyan.mesh.NodeRecord;

/** One thing that a member tells of itself. */
sealed interface SiteRecord {
  /** This is the node. */
  record Node(NodeRecord node) implements SiteRecord {}

  /** The node is the ingest of this stream. */
  record Stream(StreamRecord stream) implements SiteRecord {}

  /** The node carries this stream. */
  record Carrier(CarrierRecord carrier) implements SiteRecord {}

  /** The node is the ingest of this stream no more. */
  record NoStream(String stream) implements SiteRecord {}

  /** The node carries this stream no more. */
  record NoCarrier(String stream) implements SiteRecord {}
}
