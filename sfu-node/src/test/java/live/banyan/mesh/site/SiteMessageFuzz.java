package live.banyan.mesh.site;

import static org.junit.jupiter.api.Assertions.assertEquals;

import live.banyan.mesh.wire.MalformedException;

/** A message of the site's directory. */
public final class SiteMessageFuzz {
  private SiteMessageFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) throws MalformedException {
    SiteMessage message;
    try {
      message = SiteMessageCodec.decode(data);
    } catch (MalformedException refused) {
      return;
    }
    assertEquals(message, SiteMessageCodec.decode(SiteMessageCodec.encode(message)));
  }
}
