package live.banyan.sfu.relay;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import live.banyan.sfu.dtls.DtlsListener;
import live.banyan.sfu.packet.SrtpKeys;
import live.banyan.sfu.packet.SrtpProfile;

/** DTLS's outward behaviour without its cryptography: for what is not about cryptography. */
record PlainChannels(String ownFingerprint) implements SecureChannel.Factory {
  private static final int HANDSHAKE = 22;
  private static final int DATA = 23;
  private static final int CLOSE = 21;

  @Override
  public SecureChannel open(
      boolean client, String peerFingerprint, Consumer<byte[]> output, DtlsListener listener) {
    return new Channel(client, peerFingerprint, output, listener);
  }

  private final class Channel implements SecureChannel {
    private final String expected;
    private final Consumer<byte[]> output;
    private final DtlsListener listener;
    private final CountDownLatch greeted = new CountDownLatch(1);
    private final AtomicBoolean closed = new AtomicBoolean();

    Channel(boolean client, String expected, Consumer<byte[]> output, DtlsListener listener) {
      this.expected = expected;
      this.output = output;
      this.listener = listener;
      if (client) {
        Thread.startVirtualThread(this::knock);
      }
    }

    private void knock() {
      try {
        do {
          write(HANDSHAKE, ownFingerprint.getBytes(StandardCharsets.US_ASCII));
        } while (!greeted.await(20, TimeUnit.MILLISECONDS) && !closed.get());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public synchronized void receive(byte[] datagram) {
      byte[] content = Arrays.copyOfRange(datagram, 1, datagram.length);
      switch (datagram[0]) {
        case HANDSHAKE -> {
          if (greeted.getCount() == 0) {
            return;
          }
          if (!new String(content, StandardCharsets.US_ASCII).equals(expected)) {
            end(DtlsListener.Ending.WRONG_FINGERPRINT);
            return;
          }
          greeted.countDown();
          write(HANDSHAKE, ownFingerprint.getBytes(StandardCharsets.US_ASCII));
          listener.onKeys(
              new SrtpKeys(
                  SrtpProfile.AEAD_AES_128_GCM,
                  new byte[16],
                  new byte[12],
                  new byte[16],
                  new byte[12]));
        }
        case DATA -> {
          if (greeted.getCount() == 0) {
            listener.onApplicationData(content);
          }
        }
        case CLOSE -> end(DtlsListener.Ending.CLOSED_BY_PEER);
        default -> throw new AssertionError("byte " + datagram[0]);
      }
    }

    @Override
    public boolean send(byte[] data) {
      if (greeted.getCount() > 0 || closed.get()) {
        return false;
      }
      write(DATA, data);
      return true;
    }

    @Override
    public void close() {
      write(CLOSE, new byte[0]);
      end(DtlsListener.Ending.CLOSED);
    }

    private void end(DtlsListener.Ending ending) {
      if (closed.compareAndSet(false, true)) {
        listener.onClosed(ending);
      }
    }

    private void write(int type, byte[] content) {
      byte[] datagram = new byte[1 + content.length];
      datagram[0] = (byte) type;
      System.arraycopy(content, 0, datagram, 1, content.length);
      output.accept(datagram);
    }
  }
}
