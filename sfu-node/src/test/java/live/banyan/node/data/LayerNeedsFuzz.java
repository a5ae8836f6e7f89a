package live.banyan.node.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

/** What a child says of the layers that it needs. */
public final class LayerNeedsFuzz {
  private LayerNeedsFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    LayerNeeds needs = LayerNeeds.decode(data);
    if (needs != null) {
      byte[] written = needs.encode();
      assertArrayEquals(data, written, "there is one way to say it");
      assertEquals(needs, LayerNeeds.decode(written));
    }
  }
}
