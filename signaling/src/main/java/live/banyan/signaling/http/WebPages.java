package live.banyan.signaling.http;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import live.banyan.signaling.session.Problem;
import org.jspecify.annotations.Nullable;

/**
 * The pages and their assets, from the class path folder {@code web/}. Files are read once, off the
 * event loop, and kept with their gzip form; what is not there is not remembered.
 */
final class WebPages {
  private static final Pattern PATH =
      Pattern.compile("([A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*");

  /** Names that carry a hash of the content, as Vite writes them: {@code main-B1x_9dQz.js}. */
  private static final Pattern HASHED = Pattern.compile(".*[-.][A-Za-z0-9_-]{8,}\\.[a-z0-9]+");

  private static final int FILES_MAX = 512;
  private static final int FILE_BYTES_MAX = 8 << 20;
  private static final int GZIP_BYTES_MIN = 512;

  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("html", "text/html; charset=utf-8"),
          Map.entry("js", "text/javascript; charset=utf-8"),
          Map.entry("mjs", "text/javascript; charset=utf-8"),
          Map.entry("css", "text/css; charset=utf-8"),
          Map.entry("json", "application/json"),
          Map.entry("map", "application/json"),
          Map.entry("webmanifest", "application/manifest+json"),
          Map.entry("svg", "image/svg+xml"),
          Map.entry("txt", "text/plain; charset=utf-8"),
          Map.entry("png", "image/png"),
          Map.entry("jpg", "image/jpeg"),
          Map.entry("ico", "image/x-icon"),
          Map.entry("woff2", "font/woff2"),
          Map.entry("wasm", "application/wasm"));

  private final ClassLoader loader;
  private final Map<String, Page> pages = new ConcurrentHashMap<>();

  WebPages(ClassLoader loader) {
    this.loader = loader;
  }

  private record Page(
      String type, String etag, boolean immutable, Buffer plain, @Nullable Buffer gzip) {}

  /** Answers with this file, or with a friendly 404. */
  void send(RoutingContext context, String file) {
    if (!PATH.matcher(file).matches()) {
      notFound(context);
      return;
    }
    Page known = pages.get(file);
    if (known != null) {
      send(context, known);
      return;
    }
    Vertx vertx = context.vertx();
    vertx
        .executeBlocking(() -> load(file), false)
        .onSuccess(page -> page.ifPresentOrElse(p -> send(context, p), () -> notFound(context)))
        .onFailure(context::fail);
  }

  private Optional<Page> load(String file) {
    byte[] bytes;
    try (InputStream in = loader.getResourceAsStream("web/" + file)) {
      if (in == null) {
        return Optional.empty();
      }
      bytes = in.readNBytes(FILE_BYTES_MAX + 1);
    } catch (IOException unreadable) {
      throw new UncheckedIOException("cannot read web/" + file, unreadable);
    }
    int dot = file.lastIndexOf('.');
    String type = TYPES.get(dot < 0 ? "" : file.substring(dot + 1));
    if (type == null || bytes.length > FILE_BYTES_MAX) {
      return Optional.empty();
    }
    boolean immutable = HASHED.matcher(file).matches() && !file.endsWith(".html");
    Page page = new Page(type, etag(bytes), immutable, Buffer.buffer(bytes), gzip(type, bytes));
    if (pages.size() < FILES_MAX) {
      pages.put(file, page);
    }
    return Optional.of(page);
  }

  private static void send(RoutingContext context, Page page) {
    HttpServerResponse response = context.response();
    response
        .putHeader("ETag", page.etag())
        .putHeader("Vary", "Accept-Encoding")
        .putHeader(
            "Cache-Control", page.immutable() ? "public, max-age=31536000, immutable" : "no-cache");
    String known = context.request().getHeader("If-None-Match");
    if (known != null && known.contains(page.etag())) {
      response.setStatusCode(304).end();
      return;
    }
    response.putHeader("Content-Type", page.type());
    String accepted = context.request().getHeader("Accept-Encoding");
    Buffer gzip = accepted != null && accepted.contains("gzip") ? page.gzip() : null;
    if (gzip != null) {
      response.putHeader("Content-Encoding", "gzip");
    }
    end(context, gzip == null ? page.plain() : gzip);
  }

  private static void end(RoutingContext context, Buffer body) {
    HttpServerResponse response = context.response();
    if (context.request().method() == HttpMethod.HEAD) {
      response.putHeader("Content-Length", Integer.toString(body.length())).end();
    } else {
      response.end(body);
    }
  }

  /** A page for browsers, a problem for programs. */
  static void notFound(RoutingContext context) {
    String accepted = context.request().getHeader("Accept");
    if (accepted == null || !accepted.contains("text/html")) {
      Problem.of(404, "unknown-resource", "There is nothing at this address: check its path.")
          .send(context.response());
      return;
    }
    context
        .response()
        .setStatusCode(404)
        .putHeader("Content-Type", "text/html; charset=utf-8")
        .putHeader("Cache-Control", "no-cache");
    end(
        context,
        Buffer.buffer(
            """
            <!doctype html><html lang="en"><meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <meta name="color-scheme" content="light dark"><title>Not here - Banyan</title>
            <h1>There is nothing at this address</h1>
            <p>A watch page is at /watch/ and the stream's name.
            <a href="/">See what is live on this node.</a></p></html>
            """));
  }

  private static @Nullable Buffer gzip(String type, byte[] bytes) {
    boolean packed = type.startsWith("image/") && !type.contains("svg") || type.startsWith("font/");
    if (packed || bytes.length < GZIP_BYTES_MIN) {
      return null;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return Buffer.buffer(out.toByteArray());
  }

  private static String etag(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return '"' + HexFormat.of().formatHex(digest, 0, 8) + '"';
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JDK has SHA-256", impossible);
    }
  }
}
