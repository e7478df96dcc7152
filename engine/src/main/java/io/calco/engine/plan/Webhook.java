package io.calco.engine.plan;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.images.WebAddresses;
import io.calco.engine.plan.PlanNotices.Reach;
import java.io.IOException;
import java.net.URI;
import java.util.Set;

/// Tells an address of the web what came of a run, by POST of JSON. It is judged as those are that
/// images are fetched from: nothing of this machine or its network unless the plan says so; where
/// it redirects to is not followed, and what is answered is not read.
///
/// Thread rule: safe.
final class Webhook {
  private final URI address;
  private final WebAddresses allowed;

  private Webhook(URI address, WebAddresses allowed) {
    this.address = address;
    this.allowed = allowed;
  }

  /// Judges an address by what stands in it.
  ///
  /// @throws OperationException USAGE when it is none of the web's
  static Webhook of(PlanNotices.Webhook webhook) {
    WebAddresses none = new WebAddresses(Set.of());
    return new Webhook(
        none.parse(webhook.address()),
        webhook.reach() == Reach.LOCAL ? none.allowing(webhook.address()) : none);
  }

  /// Whom it tells: the rest of an address may be a secret.
  String host() {
    return address.getHost();
  }

  /// Tells it.
  ///
  /// @throws OperationException when it may not be told, does not answer, or did not take it
  void tell(String json) throws IOException {
    int status;
    try {
      status = allowed.post(address, json);
    } catch (OperationException e) {
      // its message may have the address, which may be a secret
      throw new OperationException(
          e.kind(),
          String.valueOf(e.getMessage()).replace(address.toString(), address.getHost()),
          e.kind() == Kind.DENIED ? "calco plan change … --webhook-allow-local" : "");
    }
    if (status / 100 != 2) {
      throw new OperationException(
          Kind.SYSTEM,
          "the webhook at %s answers with status %d".formatted(address.getHost(), status));
    }
  }
}
