package live.banyan.node.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayerNeedsTest {
  private final LayerNeeds needs = new LayerNeeds("channel/näme", 1L << 41, List.of(0, 0b101));

  @Test
  void readsWhatItWrites() {
    assertEquals(needs, LayerNeeds.decode(needs.encode()));
  }

  @Test
  void refusesWhatIsShortOrOfAnotherVersion() {
    byte[] whole = needs.encode();
    int name = "channel/näme".getBytes(StandardCharsets.UTF_8).length;
    for (int length = 0; length <= whole.length - name; length++) {
      assertNull(LayerNeeds.decode(Arrays.copyOf(whole, length)), "length " + length);
    }
    whole[0] = 2;
    assertNull(LayerNeeds.decode(whole));
  }

  @Test
  void refusesWhatIsOverTheBounds() {
    byte[] tracks = needs.encode();
    tracks[9] = 9;
    assertNull(LayerNeeds.decode(tracks));
    tracks[9] = 0;
    assertNull(LayerNeeds.decode(tracks));
    tracks[9] = -1;
    assertNull(LayerNeeds.decode(tracks));
    assertNotNull(LayerNeeds.decode(new LayerNeeds("x".repeat(512), 1, List.of(1)).encode()));
    assertNull(LayerNeeds.decode(new LayerNeeds("x".repeat(513), 1, List.of(1)).encode()));
    byte[] noText = needs.encode();
    noText[noText.length - 1] = (byte) 0xC3;
    assertNull(LayerNeeds.decode(noText), "a name that is no UTF-8");
  }
}
