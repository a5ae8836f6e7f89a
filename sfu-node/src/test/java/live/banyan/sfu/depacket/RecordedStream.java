package live.banyan.sfu.depacket;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Datagrams and files of {@code src/test/resources/media}. */
final class RecordedStream {
  private RecordedStream() {}

  static byte[] file(String name) {
    try (InputStream in = RecordedStream.class.getResourceAsStream("/media/" + name)) {
      if (in == null) {
        throw new IllegalArgumentException("no recording " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<byte[]> datagrams(String name) {
    byte[] file = file(name);
    List<byte[]> datagrams = new ArrayList<>();
    for (int at = 0; at < file.length; ) {
      int length = (file[at] & 0xFF) << 8 | file[at + 1] & 0xFF;
      datagrams.add(Arrays.copyOfRange(file, at + 2, at + 2 + length));
      at += 2 + length;
    }
    return datagrams;
  }

  static List<byte[]> ivfFrames(String name) {
    IvfReader reader = new IvfReader(MemorySegment.ofArray(file(name)));
    List<byte[]> frames = new ArrayList<>();
    while (reader.next()) {
      frames.add(reader.frame());
    }
    return frames;
  }
}
