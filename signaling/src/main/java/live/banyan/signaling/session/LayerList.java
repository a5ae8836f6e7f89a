package live.banyan.signaling.session;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import live.banyan.signaling.port.MediaPlane.InnerLayer;
import live.banyan.signaling.port.MediaPlane.VideoLayer;

/**
 * Video layers as WHEP's {@code layers} event puts them (draft-ietf-wish-whep-00, "layers event"):
 * by index of the m-section, highest first. {@code layers} has those that can be chosen now: of an
 * encoding with layers inside each of these.
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
        ObjectNode encoding = (layer.active() ? active : inactive).addObject();
        encoding.put("id", layer.encodingId()).put("simulcastIdx", i);
        size(encoding, layer.width(), layer.height());
        if (!layer.inside().isEmpty()) {
          inside(encoding.putArray("layers"), layer, i, false);
        }
        if (layer.active() && layer.inside().isEmpty()) {
          ObjectNode choice = layers.addObject();
          choice.put("encodingId", layer.encodingId()).put("simulcastIdx", i);
          size(choice, layer.width(), layer.height());
        } else if (layer.active()) {
          inside(layers, layer, i, true);
        }
      }
    }
    return list.toString();
  }

  private static void inside(ArrayNode list, VideoLayer encoding, int place, boolean named) {
    for (InnerLayer layer : encoding.inside().reversed()) {
      if (layer.active()) {
        ObjectNode node = list.addObject();
        if (named) {
          node.put("encodingId", encoding.encodingId());
        }
        node.put("simulcastIdx", place)
            .put("spatialLayerId", layer.spatialLayerId())
            .put("temporalLayerId", layer.temporalLayerId());
        size(node, layer.width(), layer.height());
      }
    }
  }

  private static void size(ObjectNode node, int width, int height) {
    if (width > 0 && height > 0) {
      node.put("width", width).put("height", height);
    }
  }
}
