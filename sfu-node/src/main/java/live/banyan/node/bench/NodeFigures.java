package live.banyan.node.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import live.banyan.node.demo.NodeProcess;

/**
 * What a node's metrics page says.
 *
 * @param allocatedBytes that the media threads put on the heap
 * @param sent datagrams
 * @param sendCalls messages to the kernel, of several datagrams each with segmentation
 * @param received datagrams
 * @param receiveMessages from the kernel, of several datagrams each with coalescing
 */
record NodeFigures(
    double allocatedBytes, double sent, double sendCalls, double received, double receiveMessages) {
  static NodeFigures of(NodeProcess node) throws IOException, InterruptedException {
    String page = page(node);
    return new NodeFigures(
        sum(page, "banyan_shard_allocated_bytes_total"),
        sum(page, "banyan_udp_sent_total"),
        sum(page, "banyan_udp_send_calls_total"),
        sum(page, "banyan_udp_received_total"),
        sum(page, "banyan_udp_receive_messages_total"));
  }

  /** The metrics page. */
  static String page(NodeProcess node) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(node.http() + "/metrics"))
            .timeout(Duration.ofSeconds(5))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }

  /** A metric, added up over its labels. */
  static double sum(String page, String metric) throws IOException {
    double[] values =
        page.lines()
            .filter(line -> line.startsWith(metric + " ") || line.startsWith(metric + "{"))
            .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
            .toArray();
    if (values.length == 0) {
      throw new IOException("the node's metrics lack " + metric);
    }
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }
}
