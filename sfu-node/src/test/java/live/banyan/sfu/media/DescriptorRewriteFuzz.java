package live.banyan.sfu.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import live.banyan.fuzz.FuzzInput;
import live.banyan.sfu.codec.DependencyDescriptor;
import live.banyan.sfu.codec.FrameDependencies;
import live.banyan.sfu.codec.TemplateStructure;

/**
 * A whole dependency descriptor behind one that may have brought a structure, as it is written anew
 * for a viewer who is not sent all frames: under another frame number and with other active decode
 * targets it says of the frame what it said before.
 */
public final class DescriptorRewriteFuzz {
  private static final int AT = FuzzInput.LEAD;
  private static final int LENGTH_MAX = 255;

  private DescriptorRewriteFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    FuzzInput input = new FuzzInput(data);
    int frameNumber = input.u16();
    boolean activates = input.flag();
    long active = input.i32() & 0xffff_ffffL;
    byte[] keyframes = input.bytes(input.u8());
    byte[] descriptor = input.bytes(LENGTH_MAX);
    if (!DependencyDescriptor.isValid(descriptor.length)) {
      return;
    }
    TemplateStructure known = structure(keyframes);
    TemplateStructure before = structure(keyframes);
    FrameDependencies said = new FrameDependencies();
    MemorySegment source = FuzzInput.packet(descriptor);
    boolean parsed = said.parse(source, AT, descriptor.length, before);

    FrameEdit edit = new FrameEdit();
    edit.begin(true, frameNumber);
    if (activates) {
      edit.activate(known, active);
    }
    int length = edit.describe(source, AT, descriptor.length);
    assertTrue(length >= DependencyDescriptor.MANDATORY_LENGTH && length <= LENGTH_MAX);
    byte[] written = edit.memory().asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    MemorySegment again = FuzzInput.packet(written);
    assertEquals(frameNumber, DependencyDescriptor.frameNumber(again, AT));
    assertEquals(descriptor[0], written[0], "start, end and template");

    boolean told =
        activates && parsed && descriptor.length + FrameDependencies.GROWTH_MAX <= LENGTH_MAX;
    if (!told) {
      byte[] expected = descriptor.clone();
      expected[1] = (byte) (frameNumber >> 8);
      expected[2] = (byte) frameNumber;
      assertArrayEquals(expected, written, "nothing but the number is another");
      return;
    }
    TemplateStructure after = structure(keyframes);
    FrameDependencies says = new FrameDependencies();
    assertTrue(says.parse(again, AT, length, after), "what we write can be read");
    same(said, before, says, after);
    long targets = (1L << before.decodeTargetCount()) - 1;
    assertEquals(active & targets, says.activeTargets());

    FrameEdit twice = new FrameEdit();
    twice.begin(true, frameNumber);
    twice.activate(structure(keyframes), active);
    if (length + FrameDependencies.GROWTH_MAX <= LENGTH_MAX) {
      int lengthAgain = twice.describe(again, AT, length);
      byte[] writtenAgain = twice.memory().asSlice(0, lengthAgain).toArray(ValueLayout.JAVA_BYTE);
      int shared = Math.min(length, lengthAgain);
      assertEquals(
          -1,
          MemorySegment.ofArray(written)
              .asSlice(0, shared)
              .mismatch(MemorySegment.ofArray(writtenAgain).asSlice(0, shared)),
          "written once is enough");
      assertTrue(lengthAgain <= length);
    }
  }

  private static TemplateStructure structure(byte[] keyframes) {
    TemplateStructure structure = new TemplateStructure();
    structure.parse(FuzzInput.packet(keyframes), AT, keyframes.length);
    return structure;
  }

  private static void same(
      FrameDependencies said,
      TemplateStructure before,
      FrameDependencies says,
      TemplateStructure after) {
    assertEquals(said.bringsStructure(), says.bringsStructure());
    assertEquals(said.template(), says.template());
    assertEquals(said.references(), says.references());
    assertEquals(before.templateCount(), after.templateCount());
    assertEquals(before.decodeTargetCount(), after.decodeTargetCount());
    assertEquals(before.chainCount(), after.chainCount());
    for (int target = 0; target < before.decodeTargetCount(); target++) {
      assertEquals(said.indication(target), says.indication(target));
      for (int template = 0; template < before.templateCount(); template++) {
        assertEquals(before.indication(template, target), after.indication(template, target));
      }
    }
    for (int template = 0; template < before.templateCount(); template++) {
      assertEquals(before.references(template), after.references(template));
      assertEquals(before.spatialLayer(template), after.spatialLayer(template));
      assertEquals(before.temporalLayer(template), after.temporalLayer(template));
    }
    for (int layer = 0; layer <= before.maxSpatialLayer(); layer++) {
      assertEquals(before.width(layer), after.width(layer));
      assertEquals(before.height(layer), after.height(layer));
    }
  }
}
