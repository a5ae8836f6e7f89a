package live.banyan.sfu.rtp;

/** Arithmetic on wrapping 16-bit sequence numbers and 32-bit timestamps. Stateless, any thread. */
public final class SequenceNumbers {
  private SequenceNumbers() {}

  /**
   * The packet index that {@code sequence} most likely means (RFC 3711 §3.3.1 and appendix A).
   *
   * @param reference index of the newest packet known: ROC &lt;&lt; 16 | SEQ
   * @param sequence 16 bits
   * @return may be negative for a packet from before ROC 0
   */
  public static long extend(long reference, int sequence) {
    int newest = (int) (reference & 0xFFFF);
    int delta = sequence - newest;
    if (newest < 0x8000) {
      if (delta > 0x8000) {
        delta -= 0x10000;
      }
    } else if (newest - 0x8000 > sequence) {
      delta += 0x10000;
    }
    return reference + delta;
  }

  /** The 64-bit timestamp nearest to {@code reference} with these low 32 bits. */
  public static long extendTimestamp(long reference, int timestamp) {
    return reference + (timestamp - (int) reference);
  }

  /** Whether 16-bit {@code a} comes after {@code b}; half the space away counts as before. */
  public static boolean isNewer(int a, int b) {
    return distance(b, a) > 0;
  }

  /** Steps from 16-bit {@code from} to {@code to}, -32,768 to 32,767. */
  public static int distance(int from, int to) {
    return (short) (to - from);
  }

  /** Whether 32-bit timestamp {@code a} comes after {@code b}. */
  public static boolean isNewerTimestamp(int a, int b) {
    return a - b > 0;
  }
}
