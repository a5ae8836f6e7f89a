package live.banyan.node;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import live.banyan.signaling.auth.AuthKey;
import live.banyan.signaling.auth.Grant;
import live.banyan.signaling.auth.Tokens;
import live.banyan.signaling.port.StreamName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./banyan token}: prints a token signed with the key in the data directory. */
@Command(
    name = "token",
    header = "Makes a token to publish or to watch a stream.",
    mixinStandardHelpOptions = true,
    description = {
      "Prints a token that lets its bearer publish or watch one stream until it expires."
          + " It is signed with auth.key in the data directory; nodes of a site share that file."
          + " For a node that keeps it elsewhere (banyan.auth.key-file), name it with --key."
    })
final class TokenCommand implements Callable<Integer> {
  static final class What {
    @Option(names = "--publish", paramLabel = "STREAM", description = "May publish this stream.")
    @Nullable String publish;

    @Option(names = "--watch", paramLabel = "STREAM", description = "May watch this stream.")
    @Nullable String watch;
  }

  @ArgGroup(exclusive = true, multiplicity = "1")
  private What what = new What();

  @Option(
      names = "--for",
      paramLabel = "TIME",
      defaultValue = "24h",
      converter = Durations.class,
      description = "How long it is valid: 90s, 15m, 24h, 7d. Default: 24h")
  private Duration validity = Duration.ofHours(24);

  @Option(names = "--data", paramLabel = "DIR", description = "The node's data directory.")
  private @Nullable Path data;

  @Option(names = "--key", paramLabel = "FILE", description = "The key to sign with.")
  private @Nullable Path key;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    String publish = what.publish;
    String stream = publish != null ? publish : java.util.Objects.requireNonNull(what.watch);
    if (!stream.equals(Tokens.EVERY_STREAM) && !StreamName.isValid(stream)) {
      throw new ParameterException(
          java.util.Objects.requireNonNull(spec).commandLine(),
          "\"" + stream + "\" is no stream: write name or channel/name, with A-Z a-z 0-9 _ -");
    }
    if (validity.isZero()) {
      throw new ParameterException(
          java.util.Objects.requireNonNull(spec).commandLine(), "--for must be longer than 0");
    }
    Tokens tokens = new Tokens(authKey(), List.of(), InstantSource.system());
    System.out.println(
        tokens.issue(publish != null ? Grant.PUBLISH : Grant.WATCH, stream, validity));
    return 0;
  }

  private AuthKey authKey() throws IOException {
    Path file = key;
    if (file != null) {
      return AuthKey.load(file);
    }
    Path directory = data != null ? data : NodeConfig.dataDirectory("");
    DataDirectory.create(directory);
    return AuthKey.loadOrCreate(directory);
  }
}
