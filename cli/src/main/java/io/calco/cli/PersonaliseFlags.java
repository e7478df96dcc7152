package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.disk.Passphrase;
import io.calco.engine.NamePattern;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.guest.Content;
import io.calco.guest.identity.Hostname;
import io.calco.guest.network.InterfaceSettings;
import io.calco.guest.personalise.AuthorizedKey;
import io.calco.guest.personalise.CloneUser;
import io.calco.guest.personalise.CopyIn;
import io.calco.guest.personalise.FirstBootScript;
import io.calco.guest.personalise.MachineIdSource;
import io.calco.guest.personalise.Personalisation;
import io.calco.guest.personalise.Regional;
import io.calco.guest.personalise.WindowsSetup;
import io.calco.guest.sshkey.HostKeyType;
import io.calco.guest.sshkey.IdentitySeed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Options that say what a clone gets besides its name.
final class PersonaliseFlags {
  private static final String AT_FIRST_BOOT = "firstboot";
  private static final long MOST_BYTES = 1 << 20;

  private final Values<String> authorizedKeys;
  private final Values<String> users;
  private final Values<String> administrators;
  private final Values<Path> firstBoot;
  private final Values<String> copies;
  private final Value<String> machineId;
  private final Value<Path> seed;
  private final Flag rsa;
  private final Values<String> interfaces;
  private final Value<String> locale;
  private final Value<String> timezone;
  private final Value<String> keyboard;
  private final Value<String> windowsPassword;
  private final Value<String> productKey;

  PersonaliseFlags(Syntax words) {
    interfaces =
        words.options(
            "--ip",
            "IF=ADDR/N,gw=..,dns=..",
            String.class,
            "Set an interface, by its name or hardware address, the way the guest's own network"
                + " service has it: addresses with their prefix, or dhcp; gw=, dns= and search= after"
                + " commas. 192.0.2.{11..40} gives each clone the next; may be repeated.");
    locale = words.option("--locale", "LANG", String.class, "The language, such as es_ES.UTF-8.");
    timezone =
        words.option("--timezone", "ZONE", String.class, "The time zone, such as Europe/Madrid.");
    keyboard = words.option("--keyboard", "LAYOUT", String.class, "The keyboard, such as es.");
    windowsPassword =
        words.option(
            "--windows-password-file",
            "FILE",
            String.class,
            "A Windows' administrator gets the password in this file (- for standard input).");
    productKey = words.option("--product-key", "KEY", String.class, "A Windows' product key.");
    authorizedKeys =
        words.options(
            "--authorized-key",
            "[USER:]FILE",
            String.class,
            "Let the keys in this .pub file log in as USER (default: root, or the first --user);"
                + " may be repeated.");
    users =
        words.options(
            "--user",
            "NAME",
            String.class,
            "An account each clone has, made if it is not in the template; may be repeated.");
    administrators =
        words.options(
            "--admin",
            "NAME",
            String.class,
            "As --user, and it may do everything with sudo; may be repeated.");
    firstBoot =
        words.options(
            "--firstboot",
            "SCRIPT",
            Path.class,
            "A program to run once, at the first boot; may be repeated, run in order.");
    copies =
        words.options(
            "--copy-in",
            "LOCAL:REMOTE",
            String.class,
            "Copy a file or directory into the clone's directory REMOTE; may be repeated.");
    machineId =
        words.option(
            "--machine-id",
            "FROM",
            String.class,
            AT_FIRST_BOOT,
            "firstboot: the clone makes it when it first starts; seed: Calco gives one, derived from"
                + " the seed and the name; or 32 hexadecimal digits (default: ${DEFAULT-VALUE}).");
    seed =
        words.option(
            "--seed",
            "FILE",
            Path.class,
            "Derive identities from this secret file and each clone's name, so that they can be made"
                + " again; without it they are random.");
    rsa =
        words.flag(
            "--rsa-host-key",
            "An RSA host key too, for clients of before 2014 (takes a second each).");
  }

  /// True when any of them was given.
  boolean given() {
    return Stream.of(locale, timezone, keyboard, windowsPassword, productKey, seed)
            .anyMatch(Value::given)
        || !machineId.get().equals(AT_FIRST_BOOT)
        || Stream.of(interfaces, authorizedKeys, users, administrators, firstBoot, copies)
            .anyMatch(values -> !values.all().isEmpty())
        || rsa.given();
  }

  /// What each clone gets, by its host name. Files are read now, once for all clones.
  ///
  /// @param names of all clones, in the order in which they are given addresses
  Function<Hostname, Personalisation> personalisation(List<String> names) throws IOException {
    try {
      List<Consumer<Personalisation.Builder>> parts = new ArrayList<>();
      users
          .all()
          .forEach(
              user -> parts.add(b -> b.user(new CloneUser(user, CloneUser.Privilege.ORDINARY))));
      administrators
          .all()
          .forEach(user ->
              parts.add(b -> b.user(new CloneUser(user, CloneUser.Privilege.ADMINISTRATOR))));
      for (String argument : authorizedKeys.all()) {
        parts.addAll(keys(argument));
      }
      for (Path script : firstBoot.all()) {
        Content content = Content.of(read(script));
        String name = String.valueOf(script.getFileName());
        FirstBootScript program = new FirstBootScript(name, content);
        parts.add(b -> b.firstBoot(program));
      }
      for (String copy : copies.all()) {
        CopyIn files = copyIn(copy);
        parts.add(b -> b.copyIn(files));
      }
      MachineIdSource source = machineIdSource();
      byte @Nullable [] secret = seed.given() ? read(seed.get()) : null;
      List<List<InterfaceSettings>> networks = networks(names.size());
      Regional regional = new Regional(locale.optional(), timezone.optional(), keyboard.optional());
      WindowsSetup windows = new WindowsSetup(windowsPassword(), productKey.optional());
      return hostname -> {
        Personalisation.Builder builder =
            builder(hostname, source, secret).regional(regional).windows(windows);
        parts.forEach(part -> part.accept(builder));
        int number = names.indexOf(hostname.value());
        networks.forEach(each -> builder.network(each.get(number)));
        return builder.build();
      };
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  private Optional<Content> windowsPassword() throws IOException {
    Optional<Passphrase> given = PassphraseFile.read(windowsPassword.optional());
    if (given.isEmpty()) {
      return Optional.empty();
    }
    try (Passphrase password = given.get()) {
      Content content = Content.of(password.bytes());
      if (content.size() == 0) {
        throw usage(windowsPassword.get() + ": holds no password");
      }
      return Optional.of(content);
    }
  }

  /// For each `--ip` what each clone gets.
  private List<List<InterfaceSettings>> networks(int clones) {
    List<List<InterfaceSettings>> networks = new ArrayList<>();
    for (String pattern : interfaces.all()) {
      networks.add(
          NamePattern.pairwise(pattern, clones).stream().map(InterfaceSettings::parse).toList());
    }
    return networks;
  }

  private Personalisation.Builder builder(
      Hostname hostname, MachineIdSource source, byte @Nullable [] secret) {
    Personalisation.Builder builder = Personalisation.builder(hostname).machineId(source);
    if (secret != null) {
      builder.seed(IdentitySeed.of(secret, hostname.value()));
    }
    if (rsa.given()) {
      builder.hostKey(HostKeyType.RSA);
    }
    return builder;
  }

  private List<Consumer<Personalisation.Builder>> keys(String argument) throws IOException {
    int colon = argument.indexOf(':');
    String user = colon > 0 ? argument.substring(0, colon) : defaultUser();
    Path file = Path.of(argument.substring(colon + 1));
    List<Consumer<Personalisation.Builder>> parts = new ArrayList<>();
    for (String line :
        new String(read(file), java.nio.charset.StandardCharsets.UTF_8).split("\n")) {
      if (!line.isBlank() && !line.startsWith("#")) {
        AuthorizedKey key = new AuthorizedKey(user, line.strip());
        parts.add(b -> b.authorizedKey(key));
      }
    }
    if (parts.isEmpty()) {
      throw usage(file + ": holds no public key");
    }
    return parts;
  }

  private String defaultUser() {
    if (!administrators.all().isEmpty()) {
      return administrators.all().getFirst();
    }
    return users.all().isEmpty() ? "root" : users.all().getFirst();
  }

  private static CopyIn copyIn(String argument) {
    int colon = argument.lastIndexOf(':');
    if (colon < 1 || colon == argument.length() - 1) {
      throw usage("\"%s\" is not LOCAL:REMOTE".formatted(argument));
    }
    return new CopyIn(Path.of(argument.substring(0, colon)), argument.substring(colon + 1));
  }

  private MachineIdSource machineIdSource() {
    return switch (machineId.get()) {
      case AT_FIRST_BOOT -> new MachineIdSource.FirstBoot();
      case "seed" -> new MachineIdSource.FromSeed();
      default -> new MachineIdSource.Given(machineId.get());
    };
  }

  private static byte[] read(Path file) throws IOException {
    if (Files.size(file) > MOST_BYTES) {
      throw usage("%s: larger than %s".formatted(file, Text.size(MOST_BYTES)));
    }
    return Files.readAllBytes(file);
  }

  private static OperationException usage(String message) {
    return new OperationException(Kind.USAGE, message, "see: calco clone create --help");
  }
}
