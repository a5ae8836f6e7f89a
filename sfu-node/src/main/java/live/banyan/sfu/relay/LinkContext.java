package live.banyan.sfu.relay;

import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.packet.SrtpKeys;
import live.banyan.sfu.shard.ShardCommand;

/**
 * What every link of a node shares.
 *
 * @param own announced addresses of this node
 * @param stand see {@link InjectedSocket}
 */
record LinkContext(
    String selfId,
    List<InetSocketAddress> own,
    LinkSettings settings,
    Consumer<ShardCommand> commands,
    SecureChannel.Factory channels,
    Function<SrtpKeys, PacketCipher> ciphers,
    LinkLoop loop,
    LinkCounters counters,
    DatagramSocket stand,
    Link.Events events) {}
