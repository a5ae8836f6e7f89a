package live.banyan;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.SYNCHRONIZED;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import java.util.TreeSet;

/** The house rules of this module: what is pure stays pure, and arrows point one way. */
@AnalyzeClasses(
    packages = {"live.banyan.sfu", "live.banyan.node"},
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String SFU = "live.banyan.sfu.";

  /** Packages without socket, clock, thread, lock, randomness or logger. */
  private static final String[] PURE = {
    SFU + "packet..",
    SFU + "rtp..",
    SFU + "rtcp..",
    SFU + "codec..",
    SFU + "congestion..",
    SFU + "media..",
    SFU + "ice..",
    SFU + "sctp..",
    SFU + "shard..",
    SFU + "depacket.."
  };

  /** Calls by which time, chance or an unstable order would come in unseen. */
  private static final Set<String> BANNED_CALLS =
      new TreeSet<>(
          Set.of(
              "java.lang.System.nanoTime",
              "java.lang.System.currentTimeMillis",
              "java.lang.System.identityHashCode",
              "java.lang.System.getenv",
              "java.lang.System.getProperty",
              "java.lang.Math.random",
              "java.time.Instant.now",
              "java.time.LocalDateTime.now",
              "java.time.LocalDate.now",
              "java.time.ZonedDateTime.now",
              "java.time.OffsetDateTime.now",
              "java.time.Clock.systemUTC",
              "java.time.Clock.systemDefaultZone",
              "java.util.UUID.randomUUID",
              "java.lang.Object.wait",
              "java.lang.Object.notify",
              "java.lang.Object.notifyAll"));

  @ArchTest
  static final ArchRule pureCodeTouchesNoWorld =
      noClasses()
          .that()
          .resideInAnyPackage(PURE)
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                      "java.net..",
                      "java.nio.channels..",
                      "java.nio.file..",
                      "java.util.concurrent..",
                      "java.util.logging..",
                      "org.slf4j..",
                      "ch.qos.logback..",
                      "io.vertx..",
                      "com.hazelcast..",
                      "org.ice4j..",
                      "org.bouncycastle..",
                      "io.prometheus..")
                  .and(DescribedPredicate.not(counterOrTimeUnit())))
          .because("a pure package is driven by its caller's clock, sockets and chance");

  @ArchTest
  static final ArchRule pureCodeHasNoThreadsAndNoChanceOfItsOwn =
      noClasses()
          .that()
          .resideInAnyPackage(PURE)
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(
              Thread.class,
              ThreadLocal.class,
              java.util.Random.class,
              java.util.SplittableRandom.class,
              java.util.Timer.class,
              java.security.SecureRandom.class,
              java.util.IdentityHashMap.class)
          .because("threads and randomness are arguments");

  @ArchTest
  static final ArchRule pureCodeAsksForNoTimeOrChance =
      noClasses().that().resideInAnyPackage(PURE).should().callMethodWhere(banned());

  @ArchTest
  static final ArchRule pureCodeLocksNothing =
      noMethods()
          .that()
          .areDeclaredInClassesThat()
          .resideInAnyPackage(PURE)
          .should()
          .haveModifier(SYNCHRONIZED);

  @ArchTest
  static final ArchRule nativeCallsStayAtTheEdge =
      noClasses()
          .that()
          .resideOutsideOfPackages(SFU + "io..", SFU + "srtp..")
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(java.lang.foreign.Linker.class, java.lang.foreign.SymbolLookup.class);

  @ArchTest
  static final ArchRule packagesFormNoCycles =
      slices().matching("live.banyan.sfu.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule theMediaPlaneKnowsNoHigherRoom =
      noClasses()
          .that()
          .resideInAPackage("live.banyan.sfu..")
          .and()
          .resideOutsideOfPackage(SFU + "client..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("live.banyan.node..", "live.banyan.signaling..");

  /** A client of WHIP and WHEP writes offers and reads answers; of signalling that is all. */
  @ArchTest
  static final ArchRule theClientKnowsSdpAlone =
      noClasses()
          .that()
          .resideInAPackage(SFU + "client..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("live.banyan.node..", "live.banyan.signaling..")
                  .and(DescribedPredicate.not(resideInAnyPackage("live.banyan.signaling.sdp.."))));

  @ArchTest
  static final ArchRule theVocabularyDependsOnNothing =
      noClasses()
          .that()
          .resideInAPackage(SFU + "packet..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("live.banyan..")
                  .and(DescribedPredicate.not(resideInAnyPackage(SFU + "packet.."))));

  @ArchTest
  static final ArchRule theShardKnowsNoSocketsAndNoCiphers =
      noClasses()
          .that()
          .resideInAnyPackage(SFU + "shard..", SFU + "media..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              SFU + "io..", SFU + "srtp..", SFU + "dtls..", SFU + "relay..", SFU + "client..");

  private static DescribedPredicate<JavaClass> counterOrTimeUnit() {
    return DescribedPredicate.describe(
        "counters that other threads read",
        type ->
            type.getPackageName().equals("java.util.concurrent.atomic")
                || type.getName().equals("java.util.concurrent.TimeUnit"));
  }

  private static DescribedPredicate<JavaCall<?>> banned() {
    return DescribedPredicate.describe(
        "time, chance or an unstable order", call -> BANNED_CALLS.contains(nameOf(call)));
  }

  private static String nameOf(JavaAccess<?> access) {
    return access.getTargetOwner().getName() + "." + access.getTarget().getName();
  }
}
