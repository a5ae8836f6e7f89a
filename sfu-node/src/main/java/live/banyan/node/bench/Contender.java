package live.banyan.node.bench;

import java.io.IOException;
import live.banyan.sfu.client.LatencyHistogram;

/** A process that forwards a {@link ForwardLoad}, with its broadcaster and its subscribers here. */
interface Contender extends AutoCloseable {
  /**
   * What has passed so far.
   *
   * @param received packets that all subscribers got
   * @param latencies arrival minus capture, of all of these
   */
  record Traffic(long received, LatencyHistogram latencies) {}

  /** The process that forwards. */
  long pid();

  /** Lets the broadcast flow, or stops it. */
  void flow(boolean open);

  Traffic traffic() throws IOException, InterruptedException;

  @Override
  void close();
}
