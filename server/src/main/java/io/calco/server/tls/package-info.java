/// The server's certificate: read from PEM files and read anew when they change ([TlsContext]), or
/// made here for a first try ([SelfMadeCertificate]).
///
/// Read: PEM (RFC 7468) of X.509 certificates, the server's first, and of an RSA, EC or Ed25519 key
/// as PKCS #8, PKCS #1 or SEC 1. Refused: encrypted keys, and a key that is not the certificate's.
/// TLS is 1.2 or 1.3 with Jetty's choice of suites.
@NullMarked
package io.calco.server.tls;

import org.jspecify.annotations.NullMarked;
