package live.banyan.mesh.kademlia;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/** A point of the 128-bit space in which nodes and records lie; the distance is XOR. */
public record Point(long high, long low) {
  public static final int BYTES = 16;

  /** Of 32 hex digits: a node id, or the target of a record. */
  public static Point of(String hex) {
    return of(HexFormat.of().parseHex(hex));
  }

  /** Of 16 bytes. */
  public static Point of(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    return new Point(in.getLong(), in.getLong());
  }

  static Point any(RandomGenerator random) {
    return new Point(random.nextLong(), random.nextLong());
  }

  public byte[] bytes() {
    return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
  }

  /** 32 hex digits. */
  public String hex() {
    return HexFormat.of().formatHex(bytes());
  }

  /** How many leading bits are the same, 0 to 128. */
  public int sharedBits(Point other) {
    long first = high ^ other.high;
    return first != 0
        ? Long.numberOfLeadingZeros(first)
        : 64 + Long.numberOfLeadingZeros(low ^ other.low);
  }

  /** Negative where {@code a} is nearer to this point than {@code b}. */
  public int compareDistance(Point a, Point b) {
    int order = Long.compareUnsigned(a.high ^ high, b.high ^ high);
    return order != 0 ? order : Long.compareUnsigned(a.low ^ low, b.low ^ low);
  }
}
