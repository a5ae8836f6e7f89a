package live.banyan.sfu.shard;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.zip.CRC32;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Binding messages as a controlling browser sends them, and as somebody forges them. */
public final class StunRequests {
  /** Type of a Binding request. */
  public static final int REQUEST = 0x0001;

  /** Type of a Binding success response. */
  public static final int SUCCESS = 0x0101;

  private StunRequests() {}

  /** A check of connectivity. */
  public static byte[] check(String username, String password, boolean nominate) {
    ByteBuffer b = begin(REQUEST, username, nominate);
    sign(b, password);
    return finish(b);
  }

  /** A well-formed message of any type that nobody signed. */
  public static byte[] unsigned(int type, String username) {
    return finish(begin(type, username, false));
  }

  private static ByteBuffer begin(int type, String username, boolean nominate) {
    ByteBuffer b = ByteBuffer.allocate(512);
    b.putShort((short) type).putShort((short) 0).putInt(0x2112A442);
    b.putLong(username.hashCode() * 31L).putInt(7);
    attribute(b, 0x0006, username.getBytes(StandardCharsets.UTF_8));
    attribute(b, 0x0024, new byte[] {0x6e, 0, 1, 0});
    attribute(b, 0x802A, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    if (nominate) {
      attribute(b, 0x0025, new byte[0]);
    }
    return b;
  }

  private static void sign(ByteBuffer b, String password) {
    try {
      b.putShort(2, (short) (b.position() - 20 + 24));
      Mac mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec(password.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
      mac.update(b.array(), 0, b.position());
      attribute(b, 0x0008, mac.doFinal());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] finish(ByteBuffer b) {
    b.putShort(2, (short) (b.position() - 20 + 8));
    CRC32 crc = new CRC32();
    crc.update(b.array(), 0, b.position());
    int value = (int) crc.getValue() ^ 0x5354554E;
    attribute(b, 0x8028, ByteBuffer.allocate(4).putInt(value).array());
    byte[] out = new byte[b.position()];
    b.flip().get(out);
    return out;
  }

  private static void attribute(ByteBuffer b, int type, byte[] value) {
    b.putShort((short) type).putShort((short) value.length).put(value);
    while (b.position() % 4 != 0) {
      b.put((byte) 0);
    }
  }
}
