package io.calco.ssh;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ByteChannel;
import java.nio.file.AccessDeniedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.sshd.client.ClientBuilder;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.auth.UserAuthFactory;
import org.apache.sshd.client.auth.keyboard.UserAuthKeyboardInteractiveFactory;
import org.apache.sshd.client.auth.password.UserAuthPasswordFactory;
import org.apache.sshd.client.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.SshException;
import org.apache.sshd.common.cipher.BuiltinCiphers;
import org.apache.sshd.common.cipher.Cipher;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.session.ConnectionService;
import org.apache.sshd.common.signature.Signature;
import org.apache.sshd.core.CoreModuleProperties;
import org.jspecify.annotations.Nullable;

/// A connection to an SSH server, made when it is needed and made again when it was lost. Each step
/// has a limit of time.
///
/// Thread rule: safe for several threads at once.
public final class SshConnection implements AutoCloseable {
  private static final Duration CONNECTING = Duration.ofSeconds(15);
  private static final Duration LOGGING_IN = Duration.ofSeconds(20);
  private static final Duration OPENING = Duration.ofSeconds(15);
  private static final int ADDRESSES_MAX = 4;
  private static final int TEXT_MAX = 120;

  /// AES-GCM is computed by the processor, at many times the speed of the others.
  private static final List<NamedFactory<Cipher>> CIPHERS =
      List.of(
          BuiltinCiphers.aes128gcm,
          BuiltinCiphers.aes256gcm,
          BuiltinCiphers.aes128ctr,
          BuiltinCiphers.aes256ctr,
          BuiltinCiphers.cc20p1305_openssh);

  private final SshServer server;
  private final Duration patience;
  private final Identities identities;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable SshClient client;
  private @Nullable ClientSession session;
  private boolean closed;

  /// Reads the keys; the server is not asked before it has to be.
  ///
  /// @param patience how long an answer may take
  /// @throws AccessDeniedException when there is nothing to log in with
  public SshConnection(SshServer server, Duration patience) throws IOException {
    this.server = server;
    this.patience = patience;
    this.identities = Identities.of(server.login());
    if (identities.keys().isEmpty() && identities.password().isEmpty()) {
      throw new AccessDeniedException(
          server.toString(),
          null,
          "there is no key to log in with in %s%s; name one in the address: ?identity=FILE"
              .formatted(
                  server.login().sshDirectory(),
                  identities.names().isEmpty()
                      ? ""
                      : " but " + String.join(", ", identities.names())));
    }
  }

  /// Connects to a socket of the server's host, as its user.
  ///
  /// @param path of the socket there
  /// @throws SshUnreachableException when the server cannot be reached, or does not answer in time
  /// @throws AccessDeniedException when it is not the one that is meant, or refuses the login
  /// @throws IOException when nobody listens there, or the server opens no sockets for others
  public ByteChannel openSocket(String path) throws IOException {
    RemoteSocket channel = new RemoteSocket(path);
    ClientSession live = session();
    try {
      live.getService(ConnectionService.class).registerChannel(channel);
      channel.open().verify(OPENING);
      return channel.bytes();
    } catch (IOException | IllegalStateException e) { // the latter when the session ends just then
      channel.close(true);
      throw new IOException(
          "%s: %s cannot be opened: %s"
              .formatted(server, path, harmless(String.valueOf(e.getMessage()))),
          e);
    }
  }

  /// A server's words, fit for one line of a message.
  public static String harmless(String text) {
    String shown = text.replaceAll("[\\p{Cntrl}\\p{Cf}]+", " ").strip();
    return shown.length() > TEXT_MAX ? shown.substring(0, TEXT_MAX) + "…" : shown;
  }

  /// Ends the connection, so that the next channel is on another.
  public void drop() {
    lock.lock();
    try {
      if (session != null) {
        drop(session);
      }
    } finally {
      lock.unlock();
    }
  }

  private static void drop(ClientSession dead) {
    dead.close(true);
  }

  /// The connection, made when there is none.
  ///
  /// @throws SshUnreachableException when the server cannot be reached, or does not answer in time
  /// @throws AccessDeniedException when it is not the one that is meant, or refuses the login
  public ClientSession session() throws IOException {
    lock.lock();
    try {
      if (closed) {
        throw new IOException(server.toString() + ": closed");
      }
      ClientSession live = session;
      if (live == null || !live.isOpen()) {
        live = connect();
        session = live;
      }
      return live;
    } finally {
      lock.unlock();
    }
  }

  private ClientSession connect() throws IOException {
    KnownHosts known = KnownHosts.of(server);
    SshClient ready = client();
    ready.setServerKeyVerifier(known);
    ready.setSignatureFactories(signatures(known.keyTypes()));
    ClientSession made = reach(ready);
    try {
      identities.password().ifPresent(made::addPasswordIdentity);
      made.auth().verify(LOGGING_IN);
      return made;
    } catch (IOException | IllegalStateException e) {
      made.close(true);
      if (known.refusal().isPresent()) {
        throw new AccessDeniedException(server.toString(), null, known.refusal().get());
      }
      if (e instanceof SshException ssh
          && ssh.getDisconnectCode()
              == SshConstants.SSH2_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE) {
        throw new AccessDeniedException(
            server.toString(),
            null,
            "the server refuses the login of %s with %s"
                .formatted(server.user(), String.join(", ", identities.names())));
      }
      throw new SshUnreachableException(
          server, "no login: " + harmless(String.valueOf(e.getMessage())), e);
    }
  }

  private ClientSession reach(SshClient ready) throws IOException {
    InetAddress[] addresses;
    try {
      addresses = InetAddress.getAllByName(server.host());
    } catch (UnknownHostException e) {
      throw new SshUnreachableException(
          server, "there is no address of the name " + server.host(), e);
    }
    IOException failure = new IOException("no address");
    for (int i = 0; i < Math.min(addresses.length, ADDRESSES_MAX); i++) {
      try {
        InetSocketAddress address = new InetSocketAddress(addresses[i], server.port());
        return ready.connect(server.user(), address).verify(CONNECTING).getSession();
      } catch (IOException e) {
        failure = e;
      }
    }
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    throw new SshUnreachableException(
        server, "cannot be reached: " + harmless(String.valueOf(cause.getMessage())), failure);
  }

  private SshClient client() {
    SshClient ready = client;
    if (ready == null) {
      ready =
          ClientBuilder.builder()
              .cipherFactories(CIPHERS)
              .hostConfigEntryResolver(HostConfigEntryResolver.EMPTY)
              .build();
      ready.setKeyIdentityProvider(KeyIdentityProvider.wrapKeyPairs(identities.keys()));
      ready.setUserAuthFactories(logins());
      CoreModuleProperties.AUTH_TIMEOUT.set(ready, LOGGING_IN);
      CoreModuleProperties.IO_CONNECT_TIMEOUT.set(ready, CONNECTING);
      CoreModuleProperties.WAIT_FOR_SPACE_TIMEOUT.set(ready, patience);
      CoreModuleProperties.STOP_WAIT_TIME.set(ready, Duration.ofSeconds(2));
      CoreModuleProperties.TCP_NODELAY.set(ready, true);
      ready.start();
      client = ready;
    }
    return ready;
  }

  private List<UserAuthFactory> logins() {
    List<UserAuthFactory> logins = new ArrayList<>();
    if (!identities.keys().isEmpty()) {
      logins.add(UserAuthPublicKeyFactory.INSTANCE);
    }
    if (identities.password().isPresent()) {
      logins.add(UserAuthPasswordFactory.INSTANCE);
      logins.add(UserAuthKeyboardInteractiveFactory.INSTANCE);
    }
    return logins;
  }

  /// Those of the known keys first, then Ed25519, which ssh would be shown: a server shows the
  /// first of its keys that the client asks for.
  private static List<NamedFactory<Signature>> signatures(List<String> keyTypes) {
    List<NamedFactory<Signature>> all = ClientBuilder.setUpDefaultSignatureFactories(true);
    Set<NamedFactory<Signature>> sorted = new LinkedHashSet<>();
    all.stream().filter(factory -> keyTypes.contains(keyType(factory))).forEach(sorted::add);
    all.stream()
        .filter(factory -> keyType(factory).equals(KeyPairProvider.SSH_ED25519))
        .forEach(sorted::add);
    sorted.addAll(all);
    return List.copyOf(sorted);
  }

  private static String keyType(NamedFactory<Signature> factory) {
    return KeyUtils.getCanonicalKeyType(factory.getName());
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      if (session != null) {
        drop(session);
      }
      if (client != null) {
        client.stop();
      }
    } finally {
      lock.unlock();
    }
  }
}
