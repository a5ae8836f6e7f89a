package live.banyan.signaling;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "live.banyan.signaling",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule SDP_IS_PURE =
      noClasses()
          .that()
          .resideInAPackage("..signaling.sdp..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.io..",
              "java.net..",
              "java.nio..",
              "java.security..",
              "java.time..",
              "java.util.concurrent..",
              "java.util.random..",
              "io..",
              "com..",
              "org.slf4j..")
          .orShould()
          .dependOnClassesThat()
          .haveNameMatching("java\\.lang\\.(Thread|ThreadLocal|Process.*|Runtime)")
          .orShould()
          .dependOnClassesThat()
          .haveNameMatching("java\\.util\\.(Random|UUID|Timer|Date)")
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis");

  @ArchTest
  static final ArchRule ARROWS_POINT_DOWN =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("http")
          .definedBy("..signaling.http..")
          .layer("whip")
          .definedBy("..signaling.whip..")
          .layer("whep")
          .definedBy("..signaling.whep..")
          .layer("session")
          .definedBy("..signaling.session..")
          .layer("auth")
          .definedBy("..signaling.auth..")
          .layer("sdp")
          .definedBy("..signaling.sdp..")
          .layer("port")
          .definedBy("..signaling.port..")
          .whereLayer("http")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("whip")
          .mayOnlyBeAccessedByLayers("http")
          .whereLayer("whep")
          .mayOnlyBeAccessedByLayers("http")
          .whereLayer("session")
          .mayOnlyBeAccessedByLayers("http", "whip", "whep")
          .whereLayer("sdp")
          .mayOnlyBeAccessedByLayers("session", "whip", "whep")
          .whereLayer("auth")
          .mayOnlyBeAccessedByLayers("http", "session", "whip", "whep")
          .whereLayer("port")
          .mayNotAccessAnyLayer();

  @ArchTest
  static final ArchRule NO_CYCLES =
      slices().matching("live.banyan.signaling.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule NEIGHBOURS_ARE_UNKNOWN =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("live.banyan.sfu..", "live.banyan.mesh..", "live.banyan.node..");

  @ArchTest
  static final ArchRule AUTH_KNOWS_NO_HTTP =
      noClasses()
          .that()
          .resideInAnyPackage("..signaling.auth..", "..signaling.port..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.vertx..");
}
