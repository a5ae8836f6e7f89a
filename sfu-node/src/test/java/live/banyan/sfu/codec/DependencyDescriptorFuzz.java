package live.banyan.sfu.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import live.banyan.fuzz.FuzzInput;

/** A dependency descriptor, and the template structure that a keyframe's one carries. */
public final class DependencyDescriptorFuzz {
  private static final int AT = FuzzInput.LEAD;

  private DependencyDescriptorFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    MemorySegment segment = FuzzInput.packet(data);
    TemplateStructure structure = new TemplateStructure();
    boolean parsed = structure.parse(segment, AT, data.length);
    if (!parsed) {
      assertEquals(0, structure.templateCount());
    }
    for (int id = 0; id < 64; id++) {
      int index = structure.indexOf(id);
      assertTrue(index >= -1 && index < structure.templateCount());
      assertTrue(index < 0 || parsed);
      if (index >= 0) {
        template(structure, index);
      }
    }
    if (!DependencyDescriptor.isValid(data.length)) {
      assertTrue(!parsed);
      return;
    }
    assertTrue(DependencyDescriptor.templateId(segment, AT) <= 63);
    assertTrue(DependencyDescriptor.frameNumber(segment, AT) <= 0xffff);
    DependencyDescriptor.startsFrame(segment, AT);
    DependencyDescriptor.endsFrame(segment, AT);
    if (parsed) {
      assertTrue(DependencyDescriptor.hasStructure(segment, AT, data.length));
      assertTrue(structure.templateCount() <= TemplateStructure.MAX_TEMPLATES);
      assertTrue(structure.decodeTargetCount() >= 1);
      assertTrue(structure.decodeTargetCount() <= TemplateStructure.MAX_DECODE_TARGETS);
      assertTrue(structure.chainCount() >= 0);
      assertTrue(structure.chainCount() <= structure.decodeTargetCount());
      for (int layer = 0; layer <= structure.maxSpatialLayer(); layer++) {
        assertTrue(structure.width(layer) >= 0 && structure.width(layer) <= 65_536);
        assertTrue(structure.height(layer) >= 0 && structure.height(layer) <= 65_536);
      }
    }
  }

  private static void template(TemplateStructure structure, int index) {
    assertTrue(structure.spatialLayer(index) >= 0);
    assertTrue(structure.spatialLayer(index) <= structure.maxSpatialLayer());
    assertTrue(structure.temporalLayer(index) >= 0 && structure.temporalLayer(index) <= 7);
    for (int target = 0; target < structure.decodeTargetCount(); target++) {
      int indication = structure.indication(index, target);
      assertTrue(indication >= 0 && indication <= 3);
    }
  }
}
