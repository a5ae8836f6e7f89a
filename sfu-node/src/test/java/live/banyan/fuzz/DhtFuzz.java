package live.banyan.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import live.banyan.mesh.kademlia.DhtCodec;

/** A datagram of a stranger's node to the table of records. */
public final class DhtFuzz {
  private DhtFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    DhtCodec.decode(data)
        .ifPresent(
            message -> {
              assertTrue(message.number() >= 0);
              assertTrue(data.length <= DhtCodec.BYTES_MAX);
            });
  }
}
