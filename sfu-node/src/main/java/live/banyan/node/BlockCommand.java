package live.banyan.node;

import java.util.concurrent.Callable;
import live.banyan.node.volunteer.BlockList;
import live.banyan.signaling.port.StreamName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./banyan block}: what this machine's node never carries. */
@Command(
    name = "block",
    header = "Keeps a channel or stream off this machine's node.",
    mixinStandardHelpOptions = true,
    description = {
      "A running node notices within a second: viewers and relays of the stream move elsewhere.",
      "",
      "  ./banyan block somechannel          all of a channel",
      "  ./banyan block somechannel/show     one stream",
      "  ./banyan block --undo somechannel   carry it again, where you have chosen it"
    })
final class BlockCommand implements Callable<Integer> {
  @Parameters(paramLabel = "CHANNEL", description = "A channel, or a stream as channel/name.")
  private String entry = "";

  @Option(names = "--undo", description = "Take the block back.")
  private boolean undo;

  @Option(names = "--data", paramLabel = "DIR", description = "The node's data directory.")
  private @Nullable String data;

  @Override
  public Integer call() throws Exception {
    if (!StreamName.isValid(entry)) {
      throw new NodeConfig.Broken(
          "\"" + entry + "\" names no channel or stream: " + StreamName.RULE);
    }
    var directory = NodeConfig.dataDirectory(data == null ? "" : data);
    DataDirectory.create(directory);
    new BlockList(directory).set(entry, !undo);
    System.out.println(entry + (undo ? " is blocked no more." : " is blocked."));
    return 0;
  }
}
