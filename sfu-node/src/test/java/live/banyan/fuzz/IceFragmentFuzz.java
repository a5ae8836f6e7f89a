package live.banyan.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import live.banyan.signaling.sdp.IceCandidate;
import live.banyan.signaling.sdp.IceFragment;

/** The body of a PATCH: trickled candidates, or an ICE restart. */
public final class IceFragmentFuzz {
  private IceFragmentFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    switch (IceFragment.parse(new String(data, StandardCharsets.UTF_8))) {
      case IceFragment.Malformed malformed -> assertTrue(malformed.sentence().endsWith("."));
      case IceFragment.Read read -> {
        IceFragment fragment = read.fragment();
        assertTrue(fragment.candidates().size() <= IceFragment.CANDIDATES_MAX);
        for (IceCandidate candidate : fragment.candidates()) {
          assertEquals(Optional.of(candidate), IceCandidate.parse(candidate.text()));
        }
        fragment.ufrag().ifPresent(u -> assertTrue(u.length() >= 4 && u.length() <= 256));
        fragment.password().ifPresent(p -> assertTrue(p.length() >= 22 && p.length() <= 256));
      }
    }
  }
}
