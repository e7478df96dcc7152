package io.calco.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Disk;
import io.calco.disk.MemoryDriver;
import io.calco.testkit.Certificates;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.Random;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Encrypted connections, with GnuTLS (libnbd, nbdkit) at the other end.
@Timeout(300)
class NbdTlsTest {
  private static final char[] PASSWORD = "calco".toCharArray();
  private static final byte[] CONTENT = new byte[3 << 20];

  @TempDir private static Path files;

  @BeforeAll
  static void makeCertificates() throws IOException {
    new Random(3).nextBytes(CONTENT);
    Certificates.makeIn(files);
    Oracle openssl = Oracle.named("openssl");
    for (String who : List.of("server", "client")) {
      openssl
          .run(
              "pkcs12",
              "-export",
              "-in",
              files.resolve(who + "-cert.pem"),
              "-inkey",
              files.resolve(who + "-key.pem"),
              "-out",
              files.resolve(who + ".p12"),
              "-passout",
              "pass:calco")
          .succeeds();
    }
  }

  private static KeyStore store(String name) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(files.resolve(name))) {
      store.load(in, PASSWORD);
    }
    return store;
  }

  private static KeyStore trust() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (InputStream in = Files.newInputStream(files.resolve("ca-cert.pem"))) {
      store.setCertificateEntry(
          "ca", java.security.cert.CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    return store;
  }

  private static SSLContext context(String own) throws IOException, GeneralSecurityException {
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store(own), PASSWORD);
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trust());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  private static NbdServer serve(NbdTls.Use use, NbdTls.Clients clients)
      throws IOException, GeneralSecurityException {
    Disk disk = Disk.owning(new MemoryDriver(CONTENT.clone()));
    return NbdServer.onTcp(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        List.of(NbdExport.unnamed(disk)),
        NbdServer.Options.defaults().with(new NbdTls(context("server.p12"), use, clients)));
  }

  private static String at(String scheme, NbdServer server) throws IOException {
    int port = ((InetSocketAddress) server.address()).getPort();
    return "%s://localhost:%d/".formatted(scheme, port);
  }

  @Test
  void libnbdReadsEncrypted() throws Exception {
    try (NbdServer server = serve(NbdTls.Use.REQUIRED, NbdTls.Clients.ANYBODY)) {
      Path copy = files.resolve("copy.raw");
      Oracle.named("nbdcopy")
          .run(at("nbds", server) + "?tls-certificates=" + files, copy)
          .succeeds();
      assertThat(Files.readAllBytes(copy)).isEqualTo(CONTENT);
      Oracle.named("nbdinfo").run(at("nbd", server)).exits(1);
    }
  }

  @Test
  void clientsHaveToShowWhoTheyAre() throws Exception {
    try (NbdServer server = serve(NbdTls.Use.REQUIRED, NbdTls.Clients.CERTIFIED)) {
      NbdDisk.Options known = NbdDisk.Options.to(NbdDisk.Access.READ).with(context("client.p12"));
      NbdAddress address = NbdAddress.parse(at("nbds", server));
      try (Disk disk = NbdDisk.open(address, known)) {
        assertThat(disk.readBytes(7, 1)).containsExactly(CONTENT[7]);
      }
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(trust());
      SSLContext nameless = SSLContext.getInstance("TLS");
      nameless.init(null, trust.getTrustManagers(), null);
      assertThatThrownBy(() -> NbdDisk.open(address, known.with(nameless)))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void offeredIsNotRequired() throws Exception {
    try (NbdServer server = serve(NbdTls.Use.OFFERED, NbdTls.Clients.ANYBODY)) {
      Oracle.named("nbdinfo").run(at("nbd", server)).succeeds();
      Oracle.named("nbdinfo").run(at("nbds", server) + "?tls-certificates=" + files).succeeds();
    }
  }

  @Test
  void weReadNbdkitEncrypted() throws Exception {
    Path socket = files.resolve("kit.sock");
    NbdDisk.Options options = NbdDisk.Options.to(NbdDisk.Access.WRITE).with(context("client.p12"));
    try (ForeignServer kit =
        ForeignServer.nbdkit(
            socket, "--tls=require", "--tls-certificates=" + files, "memory", "3M")) {
      NbdAddress address = NbdAddress.parse("nbds+unix:///?socket=" + socket);
      try (Disk disk = NbdDisk.open(address, options)) {
        disk.writeBytes(0, CONTENT);
        assertThat(disk.readBytes(0, CONTENT.length)).isEqualTo(CONTENT);
      }
      assertThatThrownBy(() -> NbdDisk.open(kit.address(), options))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("wants encryption");
    }
  }

  @Test
  void aServerThatNobodyVouchesForIsNotTrusted() throws Exception {
    try (NbdServer server = serve(NbdTls.Use.REQUIRED, NbdTls.Clients.ANYBODY)) {
      NbdDisk.Options jdk = NbdDisk.Options.to(NbdDisk.Access.READ);
      NbdAddress address = NbdAddress.parse(at("nbds", server));
      assertThatThrownBy(() -> NbdDisk.open(address, jdk))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("certification path");
      try (Disk disk = NbdDisk.open(address, jdk.with(context("client.p12")))) {
        assertThat(disk.readBytes(5, 100_000))
            .isEqualTo(java.util.Arrays.copyOfRange(CONTENT, 5, 100_005));
      }
    }
  }
}
