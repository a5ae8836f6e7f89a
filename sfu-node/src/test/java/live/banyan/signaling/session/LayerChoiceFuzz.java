package live.banyan.signaling.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import live.banyan.signaling.port.MediaPlane;
import live.banyan.signaling.port.MediaPlane.LayerWish;

/** What viewers post beside their offers: a choice among the layers, a list of events. */
public final class LayerChoiceFuzz {
  private LayerChoiceFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    String text = new String(data, StandardCharsets.UTF_8);
    switch (LayerChoice.read(text, 1)) {
      case LayerChoice.Unsound unsound -> {
        assertTrue(unsound.status() == 400 || unsound.status() == 422);
        assertTrue(unsound.sentence().endsWith("."));
      }
      case LayerChoice.Sound sound -> {
        LayerWish wish = sound.choice().wish();
        if (wish != null) {
          assertTrue(wish.spatialLayerId() >= 0 && wish.temporalLayerId() >= 0);
          assertFalse("".equals(wish.encodingId()));
        }
        sound
            .choice()
            .priority()
            .ifPresent(most -> assertTrue(most >= 0 && most <= MediaPlane.PRIORITY_MAX));
      }
    }
    LayerChoice.events(text)
        .ifPresent(
            names -> {
              String words = ViewerEvent.words(ViewerEvent.of(names));
              assertFalse(words.isEmpty(), "somebody who asks is told something");
              assertEquals(words, ViewerEvent.words(ViewerEvent.of(words)));
            });
  }
}
