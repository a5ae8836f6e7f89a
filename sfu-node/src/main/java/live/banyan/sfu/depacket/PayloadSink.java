package live.banyan.sfu.depacket;

import java.lang.foreign.MemorySegment;

/** Takes the payloads of one frame in order. */
@FunctionalInterface
public interface PayloadSink {
  /**
   * @param payload from offset 0; valid during the call
   * @param marker of the RTP header: the frame's last packet
   */
  void payload(MemorySegment payload, int length, boolean marker);
}
