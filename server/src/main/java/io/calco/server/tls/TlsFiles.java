package io.calco.server.tls;

import java.nio.file.Path;
import java.time.Duration;

/// A certificate and its key.
///
/// @param certificate PEM, the server's own first, then those that vouch for it
/// @param key PEM, not encrypted
/// @param hsts for how long browsers are told to come by TLS alone; zero does not tell them
public record TlsFiles(Path certificate, Path key, Duration hsts) {}
