package live.banyan.sfu.sctp;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Text that a peer sent and that is sent on. What is no UTF-8 is refused: replaced characters would
 * take more bytes than came, and another name than the peer's.
 */
public final class WireText {
  private WireText() {}

  /**
   * @return null where the bytes are not UTF-8
   */
  public static @Nullable String read(byte[] utf8) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException refused) {
      return null;
    }
  }
}
