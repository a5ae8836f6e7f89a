package live.banyan.fuzz;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import live.banyan.mesh.identity.Signed;
import live.banyan.mesh.identity.SignedType;
import live.banyan.mesh.identity.SigningKey;
import live.banyan.mesh.record.Checked;
import live.banyan.mesh.record.Delegation;
import live.banyan.mesh.record.LinkPlace;
import live.banyan.mesh.record.NodeRecord;
import live.banyan.mesh.record.ProviderRecord;
import live.banyan.mesh.record.Revocation;
import live.banyan.mesh.record.SealedRecord;
import live.banyan.mesh.record.StoredRecord;
import live.banyan.mesh.record.StreamLink;
import live.banyan.mesh.record.StreamRecord;
import live.banyan.mesh.wire.MalformedException;

/**
 * A record of a stranger: the bytes as they come, and what its owner may sign. The first byte says
 * which kind of record the rest is the payload of; 0: the rest is the whole.
 */
public final class RecordFuzz {
  private static final SigningKey KEY = SigningKey.ofSeed(new byte[32]);
  private static final StreamLink LINK = new StreamLink(KEY.publicKey(), "s", new byte[0]);
  private static final long NOW_MS = 1_800_000_000_000L;

  private RecordFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    FuzzInput in = new FuzzInput(data);
    int kind = in.u8() % (SignedType.values().length + 1);
    byte[] rest = in.rest();
    if (kind == 0) {
      whole(rest);
    } else if (rest.length <= Signed.PAYLOAD_BYTES_MAX) {
      payload(Signed.sign(KEY, SignedType.values()[kind - 1], rest));
    }
  }

  private static void whole(byte[] bytes) {
    try {
      Signed signed = Signed.read(bytes);
      assertTrue(signed.payload().length <= bytes.length);
      signed.isVerified();
    } catch (MalformedException e) {
      // What most inputs are.
    }
    StoredRecord.check(bytes, NOW_MS);
  }

  private static void payload(Signed signed) {
    NodeRecord.check(signed, NOW_MS);
    ProviderRecord.check(signed, LINK, NOW_MS);
    StreamRecord.check(signed, LINK, Optional.empty(), NOW_MS);
    Delegation.check(signed);
    Revocation.check(signed);
    if (SealedRecord.check(signed, NOW_MS)
        instanceof Checked.Valid<SealedRecord>(SealedRecord sealed)) {
      sealed.open(LinkPlace.of(LINK, NOW_MS));
    }
    if (StoredRecord.check(signed.bytes(), NOW_MS)
        instanceof Checked.Valid<StoredRecord>(StoredRecord stored)) {
      assertArrayEquals(signed.bytes(), stored.bytes());
      assertEquals(32, stored.target().length());
    }
  }
}
