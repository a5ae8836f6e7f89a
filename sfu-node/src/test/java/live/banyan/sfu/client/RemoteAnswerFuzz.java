package live.banyan.sfu.client;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import live.banyan.sfu.client.RemoteAnswer.Track;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.ice.IceController;
import live.banyan.sfu.ice.IceCredentials;
import live.banyan.sfu.rtp.ExtensionKind;
import org.jspecify.annotations.Nullable;

/** A node's answer as {@code publish} and {@code watch} read it. */
public final class RemoteAnswerFuzz {
  private RemoteAnswerFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    switch (RemoteAnswer.read(new String(data, StandardCharsets.UTF_8))) {
      case RemoteAnswer.Unsound unsound -> assertFalse(unsound.sentence().isBlank());
      case RemoteAnswer.Sound sound -> {
        RemoteAnswer answer = sound.answer();
        IceCredentials theirs = answer.credentials();
        assertTrue(IceCredentials.areValid(theirs.ufrag(), theirs.password()));
        assertFalse(answer.candidates().isEmpty());
        assertTrue(answer.candidates().size() <= IceController.PAIRS_MAX);
        for (RemoteAnswer.Candidate candidate : answer.candidates()) {
          assertTrue(candidate.port() > 0 && candidate.port() <= 0xffff);
          assertTrue(candidate.priority() >= 0);
        }
        track(answer.audio());
        track(answer.video());
      }
    }
  }

  private static void track(@Nullable Track track) {
    if (track == null) {
      return;
    }
    for (Codec codec : Codec.values()) {
      int payloadType = track.payloadType(codec);
      assertTrue(payloadType >= 0 && payloadType <= 127);
      int repair = track.rtxPayloadType(payloadType);
      assertTrue(repair >= 0 && repair <= 127);
    }
    for (ExtensionKind kind : ExtensionKind.values()) {
      int id = track.extensions().id(kind);
      assertTrue(id >= 0 && id < 256);
    }
  }
}
