package live.banyan.sfu.io;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What passed through one socket since it was opened. Written by the socket's thread alone, once
 * per batch; readable from any thread, where a value may lag by one batch.
 */
public final class IoCounters {
  private final AtomicLong receivedDatagrams = new AtomicLong();
  private final AtomicLong receivedMessages = new AtomicLong();
  private final AtomicLong receivedBytes = new AtomicLong();
  private final AtomicLong receiveTruncated = new AtomicLong();
  private final AtomicLong receiveErrors = new AtomicLong();
  private final AtomicLong receiveOverflows = new AtomicLong();
  private final AtomicLong sentDatagrams = new AtomicLong();
  private final AtomicLong sentBytes = new AtomicLong();
  private final AtomicLong sentMessages = new AtomicLong();
  private final AtomicLong sendRefusals = new AtomicLong();
  private final AtomicLong segmentationFallbacks = new AtomicLong();

  /** Datagrams handed to the caller. */
  public long receivedDatagrams() {
    return receivedDatagrams.get();
  }

  /**
   * Messages that the kernel handed over; {@link #receivedDatagrams()} over this is the mean number
   * of datagrams that it put together.
   */
  public long receivedMessages() {
    return receivedMessages.get();
  }

  /** Bytes of UDP payload handed to the caller. */
  public long receivedBytes() {
    return receivedBytes.get();
  }

  /** Datagrams dropped because they were longer than {@link DatagramIo#SLOT_BYTES}. */
  public long receiveTruncated() {
    return receiveTruncated.get();
  }

  /** Receive calls that failed, for instance with an ICMP error that an earlier send caused. */
  public long receiveErrors() {
    return receiveErrors.get();
  }

  /**
   * Messages that the kernel dropped because the receive buffer was full, of one datagram each or,
   * where it coalesces, of several; read from the kernel now and then. Always 0 over NIO, which
   * cannot ask.
   */
  public long receiveOverflows() {
    return receiveOverflows.get();
  }

  /** Datagrams that the kernel took. */
  public long sentDatagrams() {
    return sentDatagrams.get();
  }

  /** Bytes of UDP payload that the kernel took. */
  public long sentBytes() {
    return sentBytes.get();
  }

  /**
   * Messages that the kernel took; {@link #sentDatagrams()} over this is the mean number of
   * segments per send.
   */
  public long sentMessages() {
    return sentMessages.get();
  }

  /** Datagrams that the kernel did not take. */
  public long sendRefusals() {
    return sendRefusals.get();
  }

  /** Segmented messages that were refused and went out again as single datagrams. */
  public long segmentationFallbacks() {
    return segmentationFallbacks.get();
  }

  void received(int messages, int datagrams, long bytes, int truncated) {
    add(receivedMessages, messages);
    add(receivedDatagrams, datagrams);
    add(receivedBytes, bytes);
    if (truncated > 0) {
      add(receiveTruncated, truncated);
    }
  }

  void receiveFailed() {
    add(receiveErrors, 1);
  }

  void overflowed(long sinceOpened) {
    receiveOverflows.lazySet(sinceOpened);
  }

  void sent(int messages, int datagrams, long bytes) {
    add(sentMessages, messages);
    add(sentDatagrams, datagrams);
    add(sentBytes, bytes);
  }

  void refused(int datagrams) {
    add(sendRefusals, datagrams);
  }

  void segmentationFellBack() {
    add(segmentationFallbacks, 1);
  }

  /** One writer, so a plain read and an ordered write do: no locked instruction. */
  private static void add(AtomicLong counter, long n) {
    counter.lazySet(counter.getPlain() + n);
  }
}
