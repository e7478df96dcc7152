package io.calco.server;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.served.BackupSettings;
import io.calco.engine.host.HostWork;
import io.calco.engine.identity.KeystoneSettings;
import io.calco.engine.images.ImageService;
import io.calco.engine.plan.MailServer;
import io.calco.engine.repository.hosted.Hosting;
import io.calco.engine.store.StoreSettings;
import io.calco.machine.libvirt.LibvirtUri;
import io.calco.server.http.HttpSettings;
import io.calco.server.http.ListenAddress;
import io.calco.server.image.ImageSettings;
import io.calco.server.settings.Setting;
import io.calco.server.settings.Settings;
import io.calco.server.tls.TlsChoice;
import io.calco.server.watch.WatchSettings;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// How a home is served.
///
/// @param http how requests are taken
/// @param tls whether and how they are encrypted
/// @param watch what those who run the server see of it
/// @param firstPassword the administrator's, while there is none; empty for one that is made
/// @param keystone who validates tokens; empty for the embedded identity
/// @param images how images are served
/// @param store how the home's store is used
/// @param hostWork who may work with templates and clones of this host
/// @param backups the repositories that are known, and where restores may write
/// @param hosting how repositories are kept for others; empty for not at all
/// @param mail who sends it; empty for nobody
/// @param libvirt whose machines the pages show; empty for none
/// @param services of other servers that the embedded identity's catalogue names, by their type
public record ServerSettings(
    HttpSettings http,
    TlsChoice tls,
    WatchSettings watch,
    Optional<String> firstPassword,
    Optional<KeystoneSettings> keystone,
    ImageService.Settings images,
    StoreSettings store,
    HostWork.Who hostWork,
    BackupSettings backups,
    Optional<Hosting> hosting,
    Optional<MailServer> mail,
    Optional<LibvirtUri> libvirt,
    Map<String, URI> services) {

  /// The defaults, with the embedded identity, unencrypted at an address.
  public static ServerSettings at(ListenAddress listen) {
    return new ServerSettings(
        HttpSettings.at(listen),
        new TlsChoice.Off(),
        WatchSettings.of(Settings.none()),
        Optional.empty(),
        Optional.empty(),
        ImageService.Settings.defaults(),
        StoreSettings.defaults(),
        HostWork.Who.ADMINS,
        BackupSettings.none(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of());
  }

  /// The same with the administrator's first password.
  public ServerSettings withFirstPassword(String password) {
    return changed(draft -> draft.firstPassword = Optional.of(password));
  }

  /// The same with images served in another way.
  public ServerSettings with(ImageService.Settings other) {
    return changed(draft -> draft.images = other);
  }

  /// The same with another use of the store.
  public ServerSettings with(StoreSettings other) {
    return changed(draft -> draft.store = other);
  }

  /// The same with other backups.
  public ServerSettings with(BackupSettings other) {
    return changed(draft -> draft.backups = other);
  }

  /// The same with repositories that are kept for others.
  public ServerSettings with(Hosting other) {
    return changed(draft -> draft.hosting = Optional.of(other));
  }

  /// What was set.
  ///
  /// @throws OperationException of kind USAGE when something is missing, or cannot be understood;
  ///   REFUSED when other machines would be served unencrypted and that was not allowed
  public static ServerSettings of(Settings settings) throws IOException {
    HttpSettings http = HttpSettings.of(settings);
    TlsChoice tls = TlsChoice.of(settings);
    boolean allowed = settings.yes(Setting.ALLOW_PLAIN_HTTP);
    if (tls instanceof TlsChoice.Off && !http.listen().isLoopback() && !allowed) {
      throw new OperationException(
          Kind.REFUSED,
          "%s: passwords and images would cross the network unencrypted".formatted(http.listen()),
          "give --tls self-made or a certificate; or --set allow-plain-http=yes where a proxy"
              + " encrypts");
    }
    StoreSettings store = StoreSettings.of(settings.variables());
    return new ServerSettings(
        http,
        tls,
        WatchSettings.of(settings),
        settings.find(Setting.ADMIN_PASSWORD),
        settings.choice(Setting.AUTH).equals("keystone")
            ? Optional.of(keystone(settings))
            : Optional.empty(),
        ImageSettings.of(settings, store),
        store,
        settings.choice(Setting.HOST_WORK).equals("members")
            ? HostWork.Who.MEMBERS
            : HostWork.Who.ADMINS,
        RepositorySettings.of(settings),
        RepositorySettings.hosting(settings, store.reserve()),
        MailServer.of(settings.variables()),
        libvirt(settings),
        ImageSettings.addresses(settings, Setting.SERVICES));
  }

  private static Optional<LibvirtUri> libvirt(Settings settings) {
    if (settings.get(Setting.LIBVIRT).equals("off")) {
      return Optional.empty();
    }
    try {
      LibvirtUri uri = LibvirtUri.parse(settings.get(Setting.LIBVIRT), System.getenv());
      if (uri.server().isPresent()) {
        throw new IllegalArgumentException(
            "%s is another host's libvirt: the pages show this host's".formatted(uri));
      }
      return Optional.of(uri);
    } catch (IllegalArgumentException e) {
      throw new OperationException(Kind.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private static KeystoneSettings keystone(Settings settings) {
    return new KeystoneSettings(
        settings.parse(Setting.KEYSTONE_URL, ServerSettings::address),
        settings.get(Setting.KEYSTONE_USER),
        settings.get(Setting.KEYSTONE_PASSWORD),
        settings.get(Setting.KEYSTONE_PROJECT),
        settings.get(Setting.KEYSTONE_DOMAIN));
  }

  private static URI address(String given) {
    String text = given.replaceAll("/+$", "");
    try {
      URI address = new URI(text);
      if (("http".equals(address.getScheme()) || "https".equals(address.getScheme()))
          && address.getHost() != null) {
        return address;
      }
    } catch (URISyntaxException e) {
      // said below
    }
    throw new OperationException(
        Kind.USAGE,
        "\"%s\" is no address".formatted(text),
        "such as https://keystone.example:5000/v3");
  }

  /// The same with the machines of a libvirt.
  public ServerSettings with(LibvirtUri other) {
    return changed(draft -> draft.libvirt = Optional.of(other));
  }

  /// The same with mail.
  public ServerSettings with(MailServer other) {
    return changed(draft -> draft.mail = Optional.of(other));
  }

  private ServerSettings changed(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.settings();
  }

  /// Settings of which some are about to change.
  private static final class Draft {
    HttpSettings http;
    TlsChoice tls;
    WatchSettings watch;
    Optional<String> firstPassword;
    Optional<KeystoneSettings> keystone;
    ImageService.Settings images;
    StoreSettings store;
    HostWork.Who hostWork;
    BackupSettings backups;
    Optional<Hosting> hosting;
    Optional<MailServer> mail;
    Optional<LibvirtUri> libvirt;
    Map<String, URI> services;

    Draft(ServerSettings settings) {
      http = settings.http;
      tls = settings.tls;
      watch = settings.watch;
      firstPassword = settings.firstPassword;
      keystone = settings.keystone;
      images = settings.images;
      store = settings.store;
      hostWork = settings.hostWork;
      backups = settings.backups;
      hosting = settings.hosting;
      mail = settings.mail;
      libvirt = settings.libvirt;
      services = settings.services;
    }

    ServerSettings settings() {
      return new ServerSettings(
          http,
          tls,
          watch,
          firstPassword,
          keystone,
          images,
          store,
          hostWork,
          backups,
          hosting,
          mail,
          libvirt,
          services);
    }
  }

  @Override
  public String toString() {
    return "ServerSettings[" + http.listen() + "]";
  }
}
