package live.banyan.signaling.auth;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;

/** An Ed25519 public key, whose owner's EdDSA tokens (RFC 8037) are accepted. */
public final class Ed25519Key {
  private static final int BYTES = 32;
  private static final int FILE_BYTES_MAX = 4_096;
  private static final String BEGIN = "-----BEGIN PUBLIC KEY-----";
  private static final String END = "-----END PUBLIC KEY-----";

  /** What comes before the key in a SubjectPublicKeyInfo (RFC 8410 §4 and its example, §10.1). */
  private static final byte[] SPKI = {
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00
  };

  private final byte[] bytes;

  private Ed25519Key(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * A key as configured: 32 bytes in base64url, as {@code x} of a JWK is, or else the path of a PEM
   * file ({@code BEGIN PUBLIC KEY}).
   *
   * @throws IOException when it is neither; the message says what it should be
   */
  public static Ed25519Key of(String textOrPath) throws IOException {
    if (textOrPath.matches("[A-Za-z0-9_-]{43}")) {
      return new Ed25519Key(Base64.getUrlDecoder().decode(textOrPath));
    }
    Path file = Path.of(textOrPath);
    if (!Files.isReadable(file) || Files.size(file) > FILE_BYTES_MAX) {
      throw new IOException(
          textOrPath + " is neither 32 bytes in base64url nor a readable PEM file");
    }
    return ofPem(file, Files.readString(file, StandardCharsets.ISO_8859_1));
  }

  private static Ed25519Key ofPem(Path file, String pem) throws IOException {
    int begin = pem.indexOf(BEGIN);
    int end = pem.indexOf(END);
    if (begin >= 0 && end > begin) {
      try {
        byte[] der =
            Base64.getMimeDecoder().decode(pem.substring(begin + BEGIN.length(), end).strip());
        if (der.length == SPKI.length + BYTES
            && Arrays.equals(SPKI, Arrays.copyOf(der, SPKI.length))) {
          return new Ed25519Key(Arrays.copyOfRange(der, SPKI.length, der.length));
        }
      } catch (IllegalArgumentException notBase64) {
        // told below
      }
    }
    throw new IOException(
        file
            + " holds no Ed25519 public key: make one with openssl genpkey -algorithm ed25519, and"
            + " name what openssl pkey -pubout writes");
  }

  byte[] bytes() {
    return bytes.clone();
  }
}
