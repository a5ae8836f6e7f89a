package live.banyan.mesh;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows of this module, and what its pure packages must not touch. */
@AnalyzeClasses(packages = "live.banyan.mesh", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String[] PURE = {
    "live.banyan.mesh.identity..",
    "live.banyan.mesh.wire..",
    "live.banyan.mesh.record..",
    "live.banyan.mesh.kademlia..",
    "live.banyan.mesh.tree..",
    "live.banyan.mesh.sim..",
    "live.banyan.mesh.policy.."
  };

  @ArchTest
  static final ArchRule noCycles =
      slices().matching("live.banyan.mesh.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule noOtherModule =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("live.banyan.sfu..", "live.banyan.signaling..", "live.banyan.node..");

  @ArchTest
  static final ArchRule hazelcastStaysInItsRoom =
      noClasses()
          .that()
          .resideOutsideOfPackage("live.banyan.mesh.site..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.hazelcast..", "io.vertx..");

  @ArchTest
  static final ArchRule aNodeWithoutSiteLoadsNoHazelcast =
      noClasses()
          .that()
          .haveSimpleNameStartingWith("Solo")
          .or()
          .haveSimpleName("DirectoryRecords")
          .or()
          .haveSimpleName("Callbacks")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.hazelcast..", "io.vertx..");

  @ArchTest
  static final ArchRule pureHasNoIo =
      noClasses()
          .that()
          .resideInAnyPackage(PURE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.net..",
              "java.nio.channels..",
              "java.nio.file..",
              "java.util.concurrent..",
              "org.slf4j..",
              "io.prometheus..")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.lang.Thread");

  @ArchTest
  static final ArchRule pureHasNoClockAndNoChance =
      noClasses()
          .that()
          .resideInAnyPackage(PURE)
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(java.time.Instant.class, "now")
          .orShould()
          .callMethod(java.util.UUID.class, "randomUUID")
          .orShould()
          .callMethod(Math.class, "random")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.security.SecureRandom");

  @ArchTest
  static final ArchRule theTreeKnowsOnlyTheWire =
      noClasses()
          .that()
          .resideInAPackage("live.banyan.mesh.tree..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "live.banyan.mesh.site..", "live.banyan.mesh.host..", "live.banyan.mesh.sim..");
}
