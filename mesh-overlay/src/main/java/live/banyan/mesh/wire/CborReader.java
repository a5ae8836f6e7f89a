package live.banyan.mesh.wire;

import com.fasterxml.jackson.core.JsonParser.NumberType;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.cbor.CBORParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads one CBOR array item by item. Whatever the bytes are, a method returns what was asked for or
 * throws {@link MalformedException}. Only the deterministic encoding is read ({@link CborForm}), so
 * that one value has one encoding and what was signed can be compared byte for byte. One use, one
 * thread.
 */
public final class CborReader {
  private static final int NODE_ID_BYTES = 16;

  private final CBORParser in;

  /** Opens the array. */
  public CborReader(byte[] bytes) throws MalformedException {
    CborForm.check(bytes);
    try {
      in = CborWriter.FACTORY.createParser(bytes);
    } catch (IOException e) {
      throw new MalformedException(e);
    }
    expect(JsonToken.START_ARRAY);
  }

  /** An integer within bounds, inclusive. */
  public long number(long min, long max) throws MalformedException {
    expect(JsonToken.VALUE_NUMBER_INT);
    try {
      NumberType type = in.getNumberType();
      if (type == NumberType.INT || type == NumberType.LONG) {
        long value = in.getLongValue();
        if (value >= min && value <= max) {
          return value;
        }
      }
    } catch (IOException | RuntimeException e) {
      throw new MalformedException(e);
    }
    throw new MalformedException("number out of range");
  }

  /** A boolean. */
  public boolean flag() throws MalformedException {
    JsonToken token = next();
    if (token == JsonToken.VALUE_TRUE) {
      return true;
    }
    if (token == JsonToken.VALUE_FALSE) {
      return false;
    }
    throw new MalformedException("no boolean");
  }

  /** A text of at most {@code charsMax} characters. */
  public String text(int charsMax) throws MalformedException {
    expect(JsonToken.VALUE_STRING);
    return currentText(charsMax);
  }

  /** A byte string of at most {@code bytesMax} bytes. */
  public byte[] bytes(int bytesMax) throws MalformedException {
    expect(JsonToken.VALUE_EMBEDDED_OBJECT);
    return currentBytes(bytesMax);
  }

  /** At most {@code countMax} texts. */
  public List<String> texts(int countMax, int charsMax) throws MalformedException {
    expect(JsonToken.START_ARRAY);
    List<String> values = new ArrayList<>();
    for (JsonToken token = next(); token != JsonToken.END_ARRAY; token = next()) {
      if (token != JsonToken.VALUE_STRING || values.size() == countMax) {
        throw new MalformedException("not a short list of texts");
      }
      values.add(currentText(charsMax));
    }
    return List.copyOf(values);
  }

  /** A node id. */
  public String nodeId() throws MalformedException {
    return hex(bytes(NODE_ID_BYTES));
  }

  /** A node id, or the empty string. */
  public String nodeIdOrNone() throws MalformedException {
    byte[] id = bytes(NODE_ID_BYTES);
    return id.length == 0 ? "" : hex(id);
  }

  /** At most {@code countMax} node ids. */
  public List<String> nodeIds(int countMax) throws MalformedException {
    expect(JsonToken.START_ARRAY);
    List<String> ids = new ArrayList<>();
    for (JsonToken token = next(); token != JsonToken.END_ARRAY; token = next()) {
      if (token != JsonToken.VALUE_EMBEDDED_OBJECT || ids.size() == countMax) {
        throw new MalformedException("not a short list of node ids");
      }
      ids.add(hex(currentBytes(NODE_ID_BYTES)));
    }
    return List.copyOf(ids);
  }

  /**
   * Opens a nested array, whose items are read next, and {@link #endList} behind them.
   *
   * @return how many items it has, at most {@code countMax}
   */
  public int list(int countMax) throws MalformedException {
    expect(JsonToken.START_ARRAY);
    int count = in.getParsingContext().getExpectedLength();
    if (count < 0 || count > countMax) {
      throw new MalformedException("not a short list");
    }
    return count;
  }

  /** The nested array must end here. */
  public void endList() throws MalformedException {
    expect(JsonToken.END_ARRAY);
  }

  /** A byte string of exactly {@code count} bytes. */
  public byte[] exactly(int count) throws MalformedException {
    byte[] value = bytes(count);
    if (value.length != count) {
      throw new MalformedException(value.length + " bytes instead of " + count);
    }
    return value;
  }

  /** The array must end here, and the bytes too. */
  public void end() throws MalformedException {
    expect(JsonToken.END_ARRAY);
    if (next() != null) {
      throw new MalformedException("bytes after the end");
    }
  }

  private String currentText(int charsMax) throws MalformedException {
    try {
      String value = in.getText();
      // The library reads half a surrogate pair, and then refuses to write it into the answer.
      if (value != null
          && value.length() <= charsMax
          && StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
        return value;
      }
    } catch (IOException | RuntimeException e) {
      throw new MalformedException(e);
    }
    throw new MalformedException("text too long, or no text");
  }

  private byte[] currentBytes(int bytesMax) throws MalformedException {
    try {
      byte[] value = in.getBinaryValue();
      if (value != null && value.length <= bytesMax) {
        return value;
      }
    } catch (IOException | RuntimeException e) {
      throw new MalformedException(e);
    }
    throw new MalformedException("byte string too long");
  }

  private static String hex(byte[] id) throws MalformedException {
    if (id.length != NODE_ID_BYTES) {
      throw new MalformedException("a node id has 16 bytes");
    }
    return HexFormat.of().formatHex(id);
  }

  private void expect(JsonToken wanted) throws MalformedException {
    JsonToken token = next();
    if (token != wanted) {
      throw new MalformedException("expected " + wanted + ", found " + token);
    }
  }

  /** The parser belongs to a library and the bytes to a stranger: any exception means malformed. */
  private @Nullable JsonToken next() throws MalformedException {
    try {
      return in.nextToken();
    } catch (IOException | RuntimeException e) {
      throw new MalformedException(e);
    }
  }
}
