package io.calco.server.tls;

import io.calco.engine.OperationException;
import io.calco.engine.PemFiles;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/// What TLS works with, kept up to date: a thread looks at the files, and when they have changed
/// connections from then on get the new certificate. Files that cannot be used are told in the log
/// once, and the certificate stays as it was.
///
/// Links are followed at each look, so a renewal may also set a link to another directory.
///
/// Thread rule: safe.
public final class TlsContext implements AutoCloseable {
  private static final Logger LOG = System.getLogger(TlsContext.class.getName());

  /// How often the files are looked at.
  public static final Duration LOOK = Duration.ofSeconds(5);

  private final TlsFiles files;
  private final SslContextFactory.Server factory = new SslContextFactory.Server();
  private final Thread watcher;
  private List<Object> seen;

  private TlsContext(TlsFiles files, Duration look) throws IOException {
    this.files = files;
    seen = look();
    factory.setKeyStore(PemFiles.read(files.certificate(), files.key()));
    factory.setKeyStorePassword(PemFiles.PASSWORD);
    factory.setIncludeProtocols("TLSv1.3", "TLSv1.2");
    watcher = Thread.ofVirtual().name("tls-files").start(() -> watch(look));
  }

  /// Reads the files.
  ///
  /// @throws OperationException of kind USAGE when they cannot be used
  public static TlsContext open(TlsFiles files) throws IOException {
    return new TlsContext(files, LOOK);
  }

  static TlsContext open(TlsFiles files, Duration look) throws IOException {
    return new TlsContext(files, look);
  }

  /// For Jetty.
  public SslContextFactory.Server factory() {
    return factory;
  }

  /// For how long browsers are told to come by TLS alone.
  public Duration hsts() {
    return files.hsts();
  }

  private void watch(Duration look) {
    try {
      while (true) {
        Thread.sleep(look);
        readIfChanged();
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private void readIfChanged() {
    try {
      List<Object> now = look();
      if (now.equals(seen)) {
        return;
      }
      seen = now;
      var store = PemFiles.read(files.certificate(), files.key());
      factory.reload(changed -> changed.setKeyStore(store));
      LOG.log(Level.INFO, "read the certificate anew: {0}", files.certificate());
    } catch (Exception e) { // whatever is wrong with it, the old one still serves
      LOG.log(
          Level.ERROR,
          "the certificate stays as it was: {0}",
          OperationException.of(e).getMessage());
    }
  }

  private List<Object> look() throws IOException {
    List<Object> facts = new ArrayList<>();
    for (Path file : List.of(files.certificate(), files.key())) {
      Path real = file.toRealPath();
      FileTime time = Files.getLastModifiedTime(real);
      facts.addAll(List.of(real, time, Files.size(real)));
    }
    return facts;
  }

  @Override
  public void close() {
    watcher.interrupt();
  }
}
