package io.calco.engine;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/// Trusts as another does, but does not tell clients whom: the JDK writes the names of issuers in
/// another encoding than their certificates have, and GnuTLS (libnbd, QEMU) then finds none of its
/// certificates fit. Thread rule: as the other.
final class UnnamedTrust extends X509ExtendedTrustManager {
  private final X509ExtendedTrustManager other;

  UnnamedTrust(X509ExtendedTrustManager other) {
    this.other = other;
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String kind, Socket socket)
      throws CertificateException {
    other.checkClientTrusted(chain, kind, socket);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String kind, Socket socket)
      throws CertificateException {
    other.checkServerTrusted(chain, kind, socket);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String kind, SSLEngine engine)
      throws CertificateException {
    other.checkClientTrusted(chain, kind, engine);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String kind, SSLEngine engine)
      throws CertificateException {
    other.checkServerTrusted(chain, kind, engine);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String kind) throws CertificateException {
    other.checkClientTrusted(chain, kind);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String kind) throws CertificateException {
    other.checkServerTrusted(chain, kind);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
