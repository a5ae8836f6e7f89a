package live.banyan.system;

import java.util.ArrayList;
import java.util.List;
import live.banyan.sfu.client.FrameListener;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.depacket.Frame;

/** When a viewer's pictures came, and whether each follows the one before it. */
final class FrameClock implements FrameListener {
  private static final int PICTURES_MAX = 100_000;

  /** 90 kHz at 30 frames a second; rounding may make it one more or less. */
  private static final int STEP = 3_000;

  private record Picture(long ns, int timestamp, boolean decodable) {}

  private final List<Picture> pictures = new ArrayList<>(); // guarded by this

  @Override
  public synchronized void onFrame(Codec codec, Frame frame) {
    if (!codec.audio() && pictures.size() < PICTURES_MAX) {
      pictures.add(new Picture(System.nanoTime(), frame.timestamp(), frame.decodable()));
    }
  }

  /** Decodable pictures since a time. */
  synchronized long since(long ns) {
    return pictures.stream().filter(p -> p.ns - ns >= 0 && p.decodable).count();
  }

  /** The longest time without a decodable picture that began or ended after {@code ns}. */
  synchronized long longestGapNs(long ns) {
    long longest = 0;
    long last = -1;
    for (Picture picture : pictures) {
      if (!picture.decodable) {
        continue;
      }
      if (last >= 0 && picture.ns - ns >= 0) {
        longest = Math.max(longest, picture.ns - last);
      }
      last = picture.ns;
    }
    return longest;
  }

  /** Pictures since a time that are not one frame after the picture before them. */
  synchronized long jumps(long ns) {
    long jumps = 0;
    for (int i = 1; i < pictures.size(); i++) {
      int step = pictures.get(i).timestamp - pictures.get(i - 1).timestamp;
      if (pictures.get(i).ns - ns >= 0 && Math.abs(step - STEP) > 1) {
        jumps++;
      }
    }
    return jumps;
  }
}
