package live.banyan.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import live.banyan.mesh.wire.Decoded;
import live.banyan.mesh.wire.TreeMessage;
import live.banyan.mesh.wire.TreeMessageCodec;

/** A message of the relay tree. */
public final class TreeMessageFuzz {
  private TreeMessageFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    switch (TreeMessageCodec.decode(data)) {
      case Decoded.Malformed malformed -> {}
      case TreeMessage message ->
          assertEquals(message, TreeMessageCodec.decode(TreeMessageCodec.encode(message)));
    }
  }
}
