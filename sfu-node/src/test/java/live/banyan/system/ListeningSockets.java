package live.banyan.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What a process listens on, as the kernel tells it in {@code /proc}. */
final class ListeningSockets {
  private static final String TCP_LISTEN = "0A";
  private static final String UDP_UNCONNECTED = "07";

  private ListeningSockets() {}

  /** Sockets as {@code tcp6 ADDRESS:PORT}, addresses as /proc has them. */
  static List<String> of(long pid) throws IOException {
    Set<String> inodes = inodes(pid);
    List<String> sockets = new ArrayList<>();
    for (String table : List.of("tcp", "tcp6", "udp", "udp6")) {
      String wanted = table.startsWith("tcp") ? TCP_LISTEN : UDP_UNCONNECTED;
      for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "net", table))) {
        String[] words = line.strip().split("\\s+");
        if (words.length > 9 && words[3].equals(wanted) && inodes.contains(words[9])) {
          sockets.add(table + " " + words[1]);
        }
      }
    }
    return sockets;
  }

  private static Set<String> inodes(long pid) throws IOException {
    Set<String> inodes = new HashSet<>();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
      for (Path descriptor : descriptors.toList()) {
        try {
          String target = Files.readSymbolicLink(descriptor).toString();
          if (target.startsWith("socket:[")) {
            inodes.add(target.substring("socket:[".length(), target.length() - 1));
          }
        } catch (IOException e) {
          // Closed since it was listed.
        }
      }
    }
    return inodes;
  }

  /** Whether only this machine reaches a socket: 127/8, ::1, or 127/8 in an IPv6 socket. */
  static boolean loopback(String socket) {
    String address = socket.substring(socket.indexOf(' ') + 1, socket.indexOf(':'));
    // Words in the byte order of this machine, little-endian: 127.a.b.c is ccbbaa7F.
    return address.length() == 8
        ? address.endsWith("7F")
        : address.equals("00000000000000000000000001000000")
            || address.startsWith("0000000000000000FFFF0000") && address.endsWith("7F");
  }
}
