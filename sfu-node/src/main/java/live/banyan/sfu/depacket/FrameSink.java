package live.banyan.sfu.depacket;

/** Takes frames in decoding order. */
@FunctionalInterface
public interface FrameSink {
  void frame(Frame frame);
}
