package io.calco.engine.plan;

import io.calco.engine.images.WebAddresses;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Set;

/// Tells an address of the web what came of a run, by POST of JSON. The address is the choice of
/// whoever made the plan on this host, so that it may lie in the own network; where it redirects to
/// is not, and is not followed. What is answered is not read.
///
/// Thread rule: safe.
final class Webhook {
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration ANSWER = Duration.ofSeconds(30);

  private final URI address;

  private Webhook(URI address) {
    this.address = address;
  }

  /// Judges an address by what stands in it.
  ///
  /// @throws io.calco.engine.OperationException USAGE when it is none of the web's
  static Webhook check(String address) {
    return new Webhook(new WebAddresses(Set.of()).parse(address));
  }

  /// Whom it tells: the rest of an address may be a secret.
  String host() {
    return address.getHost();
  }

  /// Tells it.
  ///
  /// @throws IOException when it does not answer, or that it did not take it
  void tell(String json) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .timeout(ANSWER)
            .header("Content-Type", "application/json")
            .header("User-Agent", "Calco")
            .POST(BodyPublishers.ofString(json))
            .build();
    try (HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .version(HttpClient.Version.HTTP_1_1)
            .build()) {
      int status = client.send(request, BodyHandlers.discarding()).statusCode();
      if (status / 100 != 2) {
        throw new IOException(
            "the webhook at %s answers with status %d".formatted(address.getHost(), status));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while the webhook was told");
    }
  }
}
