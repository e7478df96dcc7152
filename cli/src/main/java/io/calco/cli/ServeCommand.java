package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.engine.OperationException;
import io.calco.engine.ServiceManager;
import io.calco.server.CalcoServer;
import io.calco.server.ServerSettings;
import io.calco.server.http.ListenAddress;
import io.calco.server.settings.Setting;
import io.calco.server.settings.Settings;
import io.calco.server.settings.SettingsFile;
import io.calco.server.watch.ServerLog;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/// `calco serve`.
final class ServeCommand extends CommandBase {
  private final Value<String> listen =
      words.option(
          "--listen",
          "HOST:PORT",
          String.class,
          "Where to listen (default: %s); port 0 is any that is free."
              .formatted(ListenAddress.DEFAULT));
  private final Value<String> tls =
      words.option(
          "--tls",
          "self-made|files|off",
          String.class,
          "Encrypt: with a certificate made once for a first try, or with the files that the"
              + " settings tls-certificate and tls-key name.");
  private final Value<String> connect =
      words.option(
          "--connect",
          "URI|off",
          String.class,
          "The libvirt whose machines the pages show: qemu:///system (the default),"
              + " qemu:///session or qemu+unix:///system?socket=FILE.");
  private final HomeCommand.At home = new HomeCommand.At(words);
  private final Value<Path> config =
      words.option(
          "--config",
          "FILE",
          Path.class,
          "The file of settings (default: /etc/calco/calco.properties for root,"
              + " ~/.config/calco/calco.properties for others, if it is there).");
  private final Values<String> set =
      words.options(
          "--set",
          "KEY=VALUE",
          String.class,
          "Any setting; may be repeated. It wins over the environment, and that over the file.");
  private final Flag printConfig =
      words.flag("--print-config", "Print all settings, and where each comes from, and exit.");
  private final StoreKeyFile keyFile = new StoreKeyFile(words);

  ServeCommand() {
    super(
        "serve",
        "Serve the catalogue by HTTP, until SIGTERM or Ctrl-C.",
        "Prints where it listens and, the first time, the administrator's password, which the"
            + " setting admin-password sets otherwise.",
        "Clients find the Image API at that address, and OpenStack's Identity API at /identity/v3"
            + " below it. With the setting auth = keystone an external Keystone validates the"
            + " tokens.",
        "A setting such as keystone-url stands in the file of settings, or in the environment as"
            + " CALCO_KEYSTONE_URL; --print-config lists them.",
        "A new home's store is encrypted when a passphrase is given for it, and needs it ever"
            + " after.");
    words.examples(
        "calco serve",
        "calco serve --listen 0.0.0.0:9292 --tls self-made --home /srv/calco",
        "calco serve --set log-format=json --set access-log=failures");
  }

  @Override
  int run() throws IOException {
    Settings set = settings();
    if (printConfig.given()) {
      print(set);
      return ExitCode.DONE;
    }
    ServerSettings stated = ServerSettings.of(set);
    ServerSettings settings =
        keyFile.given().map(secret -> stated.with(stated.store().with(secret))).orElse(stated);
    ServerLog.Reader reader = ServerLog.Reader.ofStandardError(System.getenv());
    ServerLog.begin(set, reader);
    Logger log = System.getLogger(ServeCommand.class.getName()); // not before the log has begun
    CountDownLatch closed = new CountDownLatch(1);
    Thread serving = Thread.currentThread();
    try (CalcoServer server = CalcoServer.open(home.get(), settings);
        ServiceManager manager = new ServiceManager(System.getenv(), server::isAlive)) {
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    manager.tellStopping(settings.http().stopTimeout());
                    stop(serving, closed);
                  },
                  "stop"));
      tell(server, settings, reader == ServerLog.Reader.JOURNAL);
      log.log(Level.INFO, "serving {0} at {1}", home.get().directory(), server.address());
      manager.tellReady(server.address());
      new CountDownLatch(1).await();
    } catch (InterruptedException stopped) {
      log.log(Level.INFO, "stopped");
    } finally {
      closed.countDown();
    }
    return ExitCode.DONE;
  }

  /// Once: nothing keeps the password but its hash.
  ///
  /// @param kept whether the journal keeps what is printed, and many read it
  private void tell(CalcoServer server, ServerSettings settings, boolean kept) throws IOException {
    if (json()) {
      Json.print(
          out(),
          Json.object()
              .put("address", server.address())
              .put("fingerprint", server.fingerprint())
              .put("first-password", server.firstPassword()));
    } else {
      out().println(server.address());
      server
          .fingerprint()
          .ifPresent(hash -> out().println("self-made certificate, SHA-256 " + hash));
      if (server.firstPassword().isPresent() && settings.firstPassword().isEmpty()) {
        String password =
            kept ? "in " + server.keepFirstPassword().orElseThrow() : server.firstPassword().get();
        out().println("user admin, project admin, domain Default, password " + password);
      }
    }
    out().flush();
  }

  /// The process ends when its shutdown hooks have.
  private static void stop(Thread serving, CountDownLatch closed) {
    serving.interrupt();
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Settings settings() throws IOException {
    Map<String, String> environment = System.getenv();
    Map<String, String> given = new LinkedHashMap<>();
    listen.optional().ifPresent(value -> given.put(Setting.LISTEN.key(), value));
    tls.optional().ifPresent(value -> given.put(Setting.TLS.key(), value));
    connect.optional().ifPresent(value -> given.put(Setting.LIBVIRT.key(), value));
    for (String pair : set.all()) {
      int equals = pair.indexOf('=');
      if (equals < 1) {
        throw new OperationException(
            OperationException.Kind.USAGE,
            "\"%s\" is not KEY=VALUE".formatted(pair),
            "such as --set log-format=json");
      }
      if (given.put(pair.substring(0, equals), pair.substring(equals + 1)) != null) {
        throw new OperationException(
            OperationException.Kind.USAGE, pair.substring(0, equals) + " is given twice");
      }
    }
    return Settings.read(SettingsFile.find(config.optional(), environment), environment, given);
  }

  private void print(Settings settings) {
    if (json()) {
      Json.Fields fields = Json.object();
      for (Settings.Shown shown : settings.shown()) {
        fields.put(
            shown.setting().key(),
            Json.object().put("value", shown.value()).put("from", shown.from()));
      }
      Json.print(out(), fields);
      return;
    }
    Table table = new Table("SETTING", "VALUE", "FROM");
    settings
        .shown()
        .forEach(shown -> table.add(shown.setting().key(), shown.value(), shown.from()));
    table.print(out());
  }
}
