package io.calco.nbd;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/// How a server's connections are encrypted.
///
/// @param context has the server's certificate, and trusts those of clients
/// @param use whether clients have to
/// @param clients who may
public record NbdTls(SSLContext context, Use use, Clients clients) {
  /// Whether clients may do without.
  public enum Use {
    OFFERED,
    REQUIRED
  }

  /// Whether clients show who they are.
  public enum Clients {
    ANYBODY,
    /// They show a certificate that the context trusts.
    CERTIFIED
  }

  SSLEngine engine() {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    engine.setNeedClientAuth(clients == Clients.CERTIFIED);
    engine.setEnabledProtocols(protocols());
    return engine;
  }

  static String[] protocols() {
    return new String[] {"TLSv1.3", "TLSv1.2"};
  }
}
