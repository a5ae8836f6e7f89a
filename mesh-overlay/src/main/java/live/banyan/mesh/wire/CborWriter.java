package live.banyan.mesh.wire;

import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;

/** Writes one CBOR array in a fixed order. One use, one thread. */
public final class CborWriter {
  static final CBORFactory FACTORY = new CBORFactory();

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
  private final CBORGenerator out;

  /** Opens an array of exactly {@code size} items. */
  public CborWriter(int size) {
    try {
      out = FACTORY.createGenerator(bytes);
      out.writeStartArray(null, size);
    } catch (IOException e) {
      throw inMemory(e);
    }
  }

  public CborWriter number(long value) {
    try {
      out.writeNumber(value);
      return this;
    } catch (IOException e) {
      throw inMemory(e);
    }
  }

  public CborWriter flag(boolean value) {
    try {
      out.writeBoolean(value);
      return this;
    } catch (IOException e) {
      throw inMemory(e);
    }
  }

  public CborWriter text(String value) {
    try {
      out.writeString(value);
      return this;
    } catch (IOException e) {
      throw inMemory(e);
    }
  }

  public CborWriter bytes(byte[] value) {
    try {
      out.writeBinary(value);
      return this;
    } catch (IOException e) {
      throw inMemory(e);
    }
  }

  public CborWriter texts(List<String> values) {
    try {
      out.writeStartArray(null, values.size());
      for (String value : values) {
        out.writeString(value);
      }
      out.writeEndArray();
      return this;
    } catch (IOException e) {
      throw inMemory(e);
    }
  }

  /** Opens a nested array of exactly {@code size} items; {@link #endList} follows them. */
  public CborWriter list(int size) {
    try {
      out.writeStartArray(null, size);
      return this;
    } catch (IOException e) {
      throw inMemory(e);
    }
  }

  /** Closes the nested array. */
  public CborWriter endList() {
    try {
      out.writeEndArray();
      return this;
    } catch (IOException e) {
      throw inMemory(e);
    }
  }

  /**
   * A node id as its 16 bytes; the empty string, which stands for no node, as no bytes.
   *
   * @throws IllegalArgumentException when it is not hex
   */
  public CborWriter nodeId(String id) {
    return bytes(HexFormat.of().parseHex(id));
  }

  /** Node ids as an array of byte strings. */
  public CborWriter nodeIds(List<String> ids) {
    try {
      out.writeStartArray(null, ids.size());
      for (String id : ids) {
        out.writeBinary(HexFormat.of().parseHex(id));
      }
      out.writeEndArray();
      return this;
    } catch (IOException e) {
      throw inMemory(e);
    }
  }

  /** Closes the array. */
  public byte[] finish() {
    try {
      out.writeEndArray();
      out.close();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw inMemory(e);
    }
  }

  private static UncheckedIOException inMemory(IOException e) {
    return new UncheckedIOException("writing to memory, the number of items must be wrong", e);
  }
}
