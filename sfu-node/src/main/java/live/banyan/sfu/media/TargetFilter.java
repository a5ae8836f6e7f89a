package live.banyan.sfu.media;

import java.util.Arrays;

/**
 * A viewer's place among the decode targets of an encoding: whether it is sent a frame, and when it
 * may move to another target. Up only where the frame opens the target and all that it refers to
 * has been sent; down where the viewer has had all that the lower target needs, which in some
 * structures is at a keyframe only. Spatial moves happen between pictures. Not thread safe.
 */
final class TargetFilter {
  private static final int MEMORY = 256;
  private static final byte UNKNOWN = 0;
  private static final byte SENT = 1;
  private static final byte OUT = 2;

  private final int[] frames = new int[MEMORY];
  private final byte[] fates = new byte[MEMORY];
  // Frames left out before each, for picture ids; and the target that the viewer was on.
  private final int[] outBefore = new int[MEMORY];
  private final byte[] places = new byte[MEMORY];
  private final boolean[] announced = new boolean[MEMORY];
  private int current = TargetGrid.BEST;
  private int wanted = TargetGrid.BEST;
  private int newest = Scalability.NO_FRAME;
  private int framesOut;
  private int pictureTimestamp;
  private boolean pictureStarted;
  private boolean announcing;

  /** The target that the viewer ought to be on. */
  void want(int place) {
    wanted = place;
  }

  /** The target that the viewer is on. */
  int current() {
    return current;
  }

  /** Begins at a keyframe, on the wanted target. */
  void begin() {
    Arrays.fill(fates, UNKNOWN);
    newest = Scalability.NO_FRAME;
    framesOut = 0;
    current = wanted;
    pictureStarted = false;
    announcing = true;
  }

  /** Whether only a keyframe leads to the wanted target, or to its spatial layer. */
  boolean waits(TargetGrid grid) {
    int there = grid.nearest(wanted);
    int here = grid.nearest(current);
    return there >= 0
        && TargetGrid.spatial(there) != TargetGrid.spatial(here)
        && !grid.covers(here, there)
        && !grid.covers(here, TargetGrid.place(TargetGrid.spatial(there), 0));
  }

  /** Whether the frame of a packet is sent; the same for all its packets, in whatever order. */
  boolean admits(Scalability scalability, int slot, int timestamp) {
    int frame = scalability.frame(slot);
    if (frame == Scalability.NO_FRAME) {
      return true;
    }
    int at = frame & MEMORY - 1;
    if (knows(frame)) {
      return fates[at] == SENT;
    }
    boolean isNew = newest == Scalability.NO_FRAME || (short) (frame - newest) > 0;
    if (isNew) {
      forgetBetween(frame);
      newest = frame;
      decide(scalability, slot, timestamp);
    }
    boolean sent = (scalability.needing(slot) >> current & 1) != 0;
    frames[at] = frame;
    fates[at] = sent ? SENT : OUT;
    outBefore[at] = framesOut;
    places[at] = (byte) current;
    announced[at] = announcing;
    if (isNew) {
      framesOut += sent ? 0 : 1;
      pictureStarted |= sent;
    }
    return sent;
  }

  private void forgetBetween(int frame) {
    if (newest != Scalability.NO_FRAME && (frame - newest & 0xFFFF) >= MEMORY) {
      Arrays.fill(fates, UNKNOWN);
    }
  }

  private void decide(Scalability scalability, int slot, int timestamp) {
    TargetGrid grid = scalability.grid();
    boolean newPicture = !pictureStarted || timestamp != pictureTimestamp;
    if (timestamp != pictureTimestamp) {
      pictureStarted = false;
      announcing = false;
    }
    pictureTimestamp = timestamp;
    int here = grid.nearest(current);
    int there = grid.nearest(wanted);
    if (here == there || here < 0) {
      return;
    }
    int next = there;
    if (!mayMove(scalability, slot, here, next, newPicture)) {
      int least = Math.min(TargetGrid.temporal(here), TargetGrid.temporal(there));
      next = TargetGrid.place(TargetGrid.spatial(there), least);
      if (!mayMove(scalability, slot, here, next, newPicture)) {
        next = TargetGrid.place(TargetGrid.spatial(here), TargetGrid.temporal(there));
        if (!mayMove(scalability, slot, here, next, newPicture)) {
          return;
        }
      }
    }
    if (next != here) {
      current = next;
      announcing = true;
    }
  }

  private boolean mayMove(
      Scalability scalability, int slot, int here, int next, boolean newPicture) {
    TargetGrid grid = scalability.grid();
    boolean sameSpatial = TargetGrid.spatial(next) == TargetGrid.spatial(here);
    if (!newPicture && !sameSpatial) {
      return false;
    }
    if (grid.covers(here, next)) {
      return true;
    }
    if ((scalability.opening(slot) >> next & 1) == 0) {
      return false;
    }
    return scalability.forMembers(slot)
        ? sameSpatial && (scalability.needing(slot) >> here & 1) != 0
        : hasAll(scalability.frame(slot), scalability.references(slot));
  }

  /** Whether all the frames that one refers to have been sent. */
  private boolean hasAll(int frame, long references) {
    for (long left = references; left != 0; left &= left - 1) {
      int back = Long.numberOfTrailingZeros(left) + 1;
      int number = frame - back & 0xFFFF;
      int at = number & MEMORY - 1;
      if (back == Long.SIZE || fates[at] != SENT || frames[at] != number) {
        return false;
      }
    }
    return true;
  }

  /** Frames left out before the one of this packet, since the beginning. */
  int outBefore(int frame) {
    return knows(frame) ? outBefore[frame & MEMORY - 1] : framesOut;
  }

  /** Whether a frame is known to be left out. */
  boolean isOut(int frame) {
    return knows(frame) && fates[frame & MEMORY - 1] == OUT;
  }

  /** Whether it is remembered what became of a frame. */
  boolean knows(int frame) {
    int at = frame & MEMORY - 1;
    return fates[at] != UNKNOWN && frames[at] == frame;
  }

  /** Whether a frame is of a picture at which the viewer came to another target. */
  boolean announces(int frame) {
    return knows(frame) && announced[frame & MEMORY - 1];
  }

  /** The target that the viewer was on when a frame was sent. */
  int placeAt(int frame) {
    return knows(frame) ? places[frame & MEMORY - 1] : current;
  }

  /** Whether a picture that was sent up to its highest layer ends with this packet. */
  boolean endsPicture(Scalability scalability, int slot) {
    int here = scalability.grid().nearest(placeAt(scalability.frame(slot)));
    return here >= 0
        && scalability.endsFrame(slot)
        && scalability.spatial(slot) == TargetGrid.spatial(here);
  }
}
