package live.banyan.signaling.session;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import live.banyan.signaling.port.MediaPlane.VideoLayer;

/**
 * Video layers as WHEP's {@code layers} event puts them (draft-ietf-wish-whep-00, "layers event"):
 * by index of the m-section, highest first. {@code layers} has those that can be chosen now.
 */
public final class LayerList {
  private LayerList() {}

  /** One line of JSON; an empty object where the session has no video. */
  public static String json(int videoSection, List<VideoLayer> lowestFirst) {
    ObjectNode list = JsonNodeFactory.instance.objectNode();
    if (videoSection >= 0 && !lowestFirst.isEmpty()) {
      ObjectNode section = list.putObject(Integer.toString(videoSection));
      ArrayNode active = section.putArray("active");
      ArrayNode inactive = section.putArray("inactive");
      ArrayNode layers = section.putArray("layers");
      for (int i = lowestFirst.size() - 1; i >= 0; i--) {
        VideoLayer layer = lowestFirst.get(i);
        describe((layer.active() ? active : inactive).addObject(), "id", layer, i);
        if (layer.active()) {
          describe(layers.addObject(), "encodingId", layer, i);
        }
      }
    }
    return list.toString();
  }

  private static void describe(ObjectNode node, String name, VideoLayer layer, int place) {
    node.put(name, layer.encodingId()).put("simulcastIdx", place);
    if (layer.width() > 0 && layer.height() > 0) {
      node.put("width", layer.width()).put("height", layer.height());
    }
  }
}
