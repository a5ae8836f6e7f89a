package live.banyan.node.control;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import live.banyan.mesh.Directory.StreamRecord;
import live.banyan.mesh.NodeRecord;
import live.banyan.mesh.site.SoloDirectory;
import live.banyan.node.data.DataPlane;
import live.banyan.sfu.ice.IceCredentials;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.packet.SrtpKeys;
import live.banyan.sfu.packet.SrtpProfile;
import live.banyan.sfu.shard.ShardCommand;
import live.banyan.sfu.shard.ShardEvent;
import live.banyan.sfu.srtp.PacketCiphers;
import live.banyan.signaling.port.MediaPlane.InnerLayer;
import live.banyan.signaling.port.MediaPlane.Kind;
import live.banyan.signaling.port.MediaPlane.LayerChoice;
import live.banyan.signaling.port.MediaPlane.LayerWish;
import live.banyan.signaling.port.MediaPlane.NegotiatedCodec;
import live.banyan.signaling.port.MediaPlane.NegotiatedMedia;
import live.banyan.signaling.port.MediaPlane.Opened;
import live.banyan.signaling.port.MediaPlane.RemoteSession;
import live.banyan.signaling.port.MediaPlane.VideoLayer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How sessions end: the shard is told once, and nothing of what it has closed by itself. */
class SessionsTest {
  private final PoliteHandshakes handshakes = new PoliteHandshakes();
  private static final String STREAM = "show";
  private static final byte[] GOOD_BYE = {21};

  private final ControlThread thread = new ControlThread();
  private final List<ShardCommand> commands = new ArrayList<>(); // the control thread's
  private final List<String> ended = new ArrayList<>(); // the control thread's
  private final AtomicLong ids = new AtomicLong();
  private final SoloDirectory directory =
      new SoloDirectory(new NodeRecord("self", "http://self", List.of(), "", 1, false, 0));
  private final Streams streams =
      new Streams(
          thread,
          commands::add,
          directory,
          new FakeOverlay(),
          ids,
          60_000,
          List.of(),
          UplinkGate.OPEN);
  private final DataPlane data =
      new DataPlane(new Random(8), "self", 1120, 1100, (node, packet) -> false);
  private final Sessions sessions =
      new Sessions(
          thread,
          commands::add,
          streams,
          directory,
          handshakes,
          new Random(7),
          new FreshNames(),
          ids,
          List.of(),
          10,
          seconds -> {},
          data,
          UplinkGate.OPEN);

  private long transportId;

  /** Of a node with one shard. */
  private static final class FreshNames implements TransportNames {
    private final Random random = new Random(9);

    @Override
    public IceCredentials next() {
      return IceCredentials.generate(random);
    }

    @Override
    public IceCredentials again(long transportId) {
      return next();
    }
  }

  /** Says good-bye when it is closed, as DTLS does. */
  private static final class PoliteHandshakes implements Handshakes {
    private Consumer<SrtpKeys> keyed = keys -> {};

    @Override
    public String fingerprint() {
      return "";
    }

    @Override
    public Association open(
        boolean server,
        String fingerprintAlgorithm,
        String fingerprint,
        Consumer<byte[]> send,
        Consumer<SrtpKeys> keyed,
        Consumer<byte[]> data,
        Consumer<String> ended) {
      this.keyed = keyed;
      return new Association() {
        @Override
        public void receive(byte[] datagram) {}

        @Override
        public boolean send(byte[] record) {
          return false;
        }

        @Override
        public void close(Runnable closed) {
          send.accept(GOOD_BYE);
          closed.run();
        }
      };
    }

    @Override
    public PacketCipher cipher(SrtpKeys keys) {
      return PacketCiphers.create(keys);
    }
  }

  @BeforeEach
  void watch() throws Exception {
    StreamDescription description =
        StreamDescription.of(
            List.of(new StreamDescription.Track("VP8", 0, "", 1, false, List.of())));
    directory.putStream(new StreamRecord(STREAM, 5, "ingest", true, 0, description.toJson()));
    sessions.onSessionEnded((id, why) -> ended.add(id));
    sessions.find(STREAM).toCompletableFuture().get(5, TimeUnit.SECONDS);
    var remote = new RemoteSession("ufrag", "p".repeat(22), "sha-256", "", false, List.of(), null);
    assertInstanceOf(
        Opened.class,
        sessions
            .subscribe("viewer", STREAM, remote)
            .toCompletableFuture()
            .get(5, TimeUnit.SECONDS));
    transportId = opened();
    event(new ShardEvent.TransportConnected(transportId));
    on(commands::clear);
  }

  @AfterEach
  void close() {
    thread.close();
    data.close();
    directory.close();
  }

  private void on(Runnable task) throws Exception {
    thread
        .call(
            () -> {
              task.run();
              return "";
            })
        .toCompletableFuture()
        .get(5, TimeUnit.SECONDS);
  }

  private void event(ShardEvent event) throws Exception {
    on(() -> sessions.onShardEvent(event));
  }

  private long opened() throws Exception {
    AtomicLong id = new AtomicLong();
    on(
        () ->
            commands.forEach(
                command -> {
                  if (command instanceof ShardCommand.OpenTransport open) {
                    id.set(open.transportId());
                  }
                }));
    return id.get();
  }

  @Test
  void aViewerWhoLeavesIsToldGoodByeBeforeTheTransportGoes() throws Exception {
    sessions.close("viewer").toCompletableFuture().get(5, TimeUnit.SECONDS);
    on(
        () -> {
          assertInstanceOf(ShardCommand.Send.class, commands.get(0));
          assertInstanceOf(ShardCommand.CloseTransport.class, commands.get(1));
          assertEquals(2, commands.size());
        });
  }

  @Test
  void keysAreWipedOnceTheCipherHasThem() throws Exception {
    SrtpKeys keys = keys();
    handshakes.keyed.accept(keys);
    on(
        () -> {
          assertInstanceOf(ShardCommand.InstallCipher.class, commands.getFirst());
          ((ShardCommand.InstallCipher) commands.getFirst()).cipher().close();
        });
    assertWiped(keys);
  }

  @Test
  void keysOfAViewerWhoHasLeftAreWiped() throws Exception {
    sessions.close("viewer").toCompletableFuture().get(5, TimeUnit.SECONDS);
    on(commands::clear);
    SrtpKeys keys = keys();
    handshakes.keyed.accept(keys);
    on(() -> assertEquals(List.of(), commands));
    assertWiped(keys);
  }

  private static SrtpKeys keys() {
    byte[][] parts = {new byte[16], new byte[12], new byte[16], new byte[12]};
    for (byte[] part : parts) {
      Arrays.fill(part, (byte) 7);
    }
    return new SrtpKeys(SrtpProfile.AEAD_AES_128_GCM, parts[0], parts[1], parts[2], parts[3]);
  }

  private static void assertWiped(SrtpKeys keys) {
    assertArrayEquals(new byte[16], keys.localKey());
    assertArrayEquals(new byte[12], keys.localSalt());
    assertArrayEquals(new byte[16], keys.remoteKey());
    assertArrayEquals(new byte[12], keys.remoteSalt());
  }

  @Test
  void layersGoByTheNamesThatThePublisherGaveThem() throws Exception {
    StreamDescription.Track video =
        new StreamDescription.Track("VP8", 0, "", 3, true, List.of("q", "h", "f"));
    directory.putStream(
        new StreamRecord(
            "tall", 5, "ingest", true, 0, StreamDescription.of(List.of(video)).toJson()));
    sessions.find("tall").toCompletableFuture().get(5, TimeUnit.SECONDS);
    NegotiatedCodec vp8 =
        new NegotiatedCodec(96, "VP8", 90_000, 0, "", 0, 0, true, true, false, true, false, false);
    NegotiatedMedia section =
        new NegotiatedMedia(
            0, "0", Kind.VIDEO, List.of(vp8), Map.of(), List.of(), Map.of(), List.of(), null);
    var remote =
        new RemoteSession("u", "p".repeat(22), "sha-256", "", false, List.of(section), null);
    sessions.subscribe("tall-1", "tall", remote).toCompletableFuture().get(5, TimeUnit.SECONDS);
    on(commands::clear);

    assertEquals(LayerChoice.CHOSEN, choose("tall-1", "h"));
    assertEquals(LayerChoice.CHOSEN, choose("tall-1", null));
    assertEquals(LayerChoice.UNKNOWN_LAYER, choose("tall-1", "x"));
    assertEquals(LayerChoice.UNKNOWN_LAYER, choose("viewer", "0"), "it has no video");
    assertEquals(LayerChoice.NO_SESSION, choose("nobody", "h"));
    var inside = sessions.choose("tall-1", new LayerWish("q", 1, 0)).toCompletableFuture();
    assertEquals(LayerChoice.CHOSEN, inside.get(5, TimeUnit.SECONDS));
    on(
        () ->
            assertEquals(
                List.of(
                    List.of(1, Integer.MAX_VALUE, Integer.MAX_VALUE),
                    List.of(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE),
                    List.of(0, 1, 0)),
                commands.stream()
                    .map(ShardCommand.LimitLayer.class::cast)
                    .map(it -> List.of(it.highest(), it.spatial(), it.temporal()))
                    .toList()));

    on(commands::clear);
    assertTrue(sessions.prioritise("tall-1", 0).toCompletableFuture().get(5, TimeUnit.SECONDS));
    assertFalse(sessions.prioritise("viewer", 0).toCompletableFuture().get(5, TimeUnit.SECONDS));
    assertFalse(sessions.prioritise("nobody", 0).toCompletableFuture().get(5, TimeUnit.SECONDS));
    on(
        () ->
            assertEquals(
                List.of(0),
                commands.stream().map(it -> ((ShardCommand.Prioritise) it).priority()).toList()));

    var layers = sessions.layers("tall").toCompletableFuture();
    on(
        () ->
            ((ShardCommand.TellLayers) commands.getLast())
                .answer()
                .accept(
                    List.of(
                        new ShardCommand.LayerState(
                            true, 320, 180, List.of(inner(0, true), inner(1, false))),
                        ShardCommand.LayerState.SILENT)));
    assertEquals(
        List.of(
            new VideoLayer(
                "q",
                true,
                320,
                180,
                List.of(new InnerLayer(0, 2, true, 160, 90), new InnerLayer(1, 2, false, 160, 90))),
            new VideoLayer("h", false, 0, 0, List.of()),
            new VideoLayer("f", false, 0, 0, List.of())),
        layers.get(5, TimeUnit.SECONDS));
    assertEquals(List.of(), sessions.layers("none").toCompletableFuture().get(5, TimeUnit.SECONDS));
  }

  private static ShardCommand.InnerState inner(int spatial, boolean flowing) {
    return new ShardCommand.InnerState(spatial, 2, flowing, 160, 90);
  }

  private LayerChoice choose(String session, @Nullable String encodingId) throws Exception {
    return sessions
        .choose(session, new LayerWish(encodingId, Integer.MAX_VALUE, Integer.MAX_VALUE))
        .toCompletableFuture()
        .get(5, TimeUnit.SECONDS);
  }

  @Test
  void nothingIsAskedOfATransportThatIsGone() throws Exception {
    event(new ShardEvent.TransportGone(transportId, ShardEvent.GoneReason.SILENT));
    on(
        () -> {
          assertEquals(List.of("viewer"), ended);
          assertEquals(List.of(), commands);
          assertEquals(0, sessions.viewers());
        });
  }
}
