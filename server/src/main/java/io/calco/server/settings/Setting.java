package io.calco.server.settings;

import java.util.Locale;
import java.util.Optional;

/// Everything that can be set of a server, in the order in which it is documented.
public enum Setting {
  /// Where to listen.
  LISTEN("HOST:PORT", "127.0.0.1:9292", "where to listen; port 0 is any that is free"),
  /// Whether others may be served unencrypted.
  ALLOW_PLAIN_HTTP(
      "yes|no", "no", "serve other machines without TLS: behind a proxy that has it, or in a lab"),

  /// Where the certificate comes from.
  TLS(
      "off|files|self-made",
      "",
      "`files` are those of the next two, `self-made` is a certificate made once and kept in the"
          + " home, for a first try; without it `files` where they are named, and `off` else"),
  /// The certificate chain.
  TLS_CERTIFICATE("FILE", "", "PEM, the server's certificate first; read anew when it changes"),
  /// Its private key.
  TLS_KEY("FILE", "", "PEM, not encrypted; read anew when it changes"),
  /// How long browsers keep to TLS.
  HSTS(
      "DURATION",
      "365d",
      "for how long browsers are told to come by TLS alone (with `tls = files`); 0s does not tell"),

  /// The administrator's first password.
  ADMIN_PASSWORD(Kind.SECRET, "", "the administrator's first password; without it one is made"),
  /// Who validates tokens.
  AUTH("embedded|keystone", "embedded", "who validates tokens: Calco, or a Keystone elsewhere"),
  /// What else the catalogue of services names.
  SERVICES(
      "TYPE=URL,…",
      "",
      "services of other servers that the embedded identity's catalogue names, such as"
          + " volumev3=https://cinder.example/v3"),
  /// Where Keystone is.
  KEYSTONE_URL("URL", "", "of the Keystone's v3, such as https://keystone.example:5000/v3"),
  /// Who asks it.
  KEYSTONE_USER("NAME", "", "who asks it: a user with the role admin or service"),
  /// Their password.
  KEYSTONE_PASSWORD(Kind.SECRET, "", "that user's password"),
  /// Within which project.
  KEYSTONE_PROJECT("NAME", "", "the project in which that user asks"),
  /// Of both.
  KEYSTONE_DOMAIN("NAME", "Default", "the domain of that user and project"),

  /// What content may be an image's.
  CONTENT_CHECK(
      "declared|known",
      "declared",
      "`declared`: content must be of the format that the image says; `known`: what is of no known"
          + " format may be called anything, as Glance has it"),
  /// What `web-download` may reach.
  IMPORT_ALLOW(
      "HOSTS",
      "",
      "hosts, or host:port, of this machine or of private networks that `web-download` may read"
          + " from, with commas between"),
  /// Further stores.
  STORES(
      "NAME=DIRECTORY,…",
      "",
      "stores beside the home's own, which is `calco`: images are imported into any, and copied"
          + " between them"),
  /// Where content goes.
  DEFAULT_STORE("NAME", "calco", "the store for content that comes without the name of one"),
  /// Whether clients see where content lies.
  LOCATIONS(
      "hide|show",
      "hide",
      "`show`: clients see where content lies, and may say that it lies at an address on the web,"
          + " where it is fetched from whenever it is read"),
  /// Image services elsewhere.
  REMOTE_IMAGES(
      "REGION=URL,…",
      "",
      "image services of other regions, from which `glance-download` fetches with the caller's"
          + " token"),
  /// Who may sign images.
  CERTIFICATES(
      "DIRECTORY",
      "",
      "the certificates that images may be signed with, each a file UUID.pem; without it a signed"
          + " image is refused"),

  /// What opens an encrypted store.
  STORE_PASSPHRASE_FILE("FILE", "", "holds the store's passphrase, or its recovery key"),
  /// How often garbage is collected.
  STORE_COLLECT("DURATION|never", "1h", "how often what no image needs is deleted from the store"),
  /// What uploads leave free.
  STORE_RESERVE(
      "SIZE",
      "",
      "room on the store's disk that uploads leave free; below it /healthz is not ready; without it"
          + " a fiftieth of the disk, at least 256M and at most 4G"),
  /// How many uploads may run at once.
  UPLOADS("NUMBER", "", "how many may run at once; without it as many as half of the memory holds"),

  /// Who may work with templates and clones.
  HOST_WORK(
      "admins|members",
      "admins",
      "who may make and delete templates and clones of this host: administrators, or members of any"
          + " project too"),

  /// Whose machines are shown.
  LIBVIRT(
      "URI|off",
      "qemu:///system",
      "the libvirt whose machines the pages show; those who may work with clones may work with"
          + " them"),

  /// Repositories of restore points.
  REPOSITORIES(
      "NAME=ADDRESS,…",
      "",
      "repositories of restore points whose pages administrators see, such as"
          + " nas=sftp://calco@nas/srv/backups; a comma in an address is written %2C"),
  /// What opens them.
  REPOSITORY_KEYS("NAME=FILE,…", "", "holds the passphrase of a repository, or its recovery key"),
  /// Where repositories are kept for others.
  REPOSITORIES_DIRECTORY(
      "DIRECTORY",
      "",
      "in which repositories are kept for Calcos on other machines, each of a project; without it"
          + " none are"),
  /// Who may delete in them.
  REPOSITORIES_DELETE(
      "members|admins",
      "members",
      "who may delete in them: `admins` makes all of them append-only for everybody else"),
  /// How much they may take.
  REPOSITORIES_QUOTA(
      "SIZE",
      "",
      "what the repositories of each project may take together; its administrators may go over it,"
          + " everybody else by a 32nd with what is no content; without it as much as the disk"
          + " holds"),
  /// Where restores may make files.
  RESTORE_DIRECTORIES(
      "DIRECTORY,…",
      "",
      "in which administrators may have restore points written to files, with commas between"),
  /// Whether restores may write to disks.
  RESTORE_DEVICES(
      "yes|no",
      "no",
      "whether administrators may have restore points written to disks of this host that nobody"
          + " uses"),

  /// What plans made in the pages may back up.
  BACKUP_SOURCES(
      "PATH,…",
      "",
      "disks, and directories of disks and image files, that plans made in the pages may back up,"
          + " with commas between"),

  /// Who sends mail.
  MAIL_SERVER(
      "URL",
      "",
      "who sends mail about plans: `smtp://[USER@]HOST[:PORT]` by STARTTLS, `smtps://…` by TLS,"
          + " `smtp-plain://HOST` in the clear, without a user"),
  /// As whom.
  MAIL_PASSWORD(Kind.SECRET, "", "that user's password"),
  /// Whose mail it is.
  MAIL_FROM(
      "ADDRESS", "", "whose mail it is; without it the user if that is an address, or calco@HOST"),
  /// Who vouches for the server.
  MAIL_CA_FILE(
      "FILE", "", "certificates, PEM, that mail's server is trusted by, instead of those of Java"),

  /// Whose word about the client counts.
  TRUSTED_PROXIES(
      "ADDRESSES",
      "",
      "addresses or networks (10.0.0.0/8), with commas between, whose `X-Forwarded-For`, `-Proto`"
          + " and `-Host` are believed"),
  /// How many requests one client may make.
  REQUESTS_PER_MINUTE("NUMBER", "0", "of one address, before it is told to wait; 0 is any number"),
  /// How many connections there may be.
  CONNECTIONS_MAX("NUMBER", "4096", "how many connections may be open; further ones wait"),
  /// How long a connection may be silent.
  IDLE_TIMEOUT("DURATION", "60s", "after which a connection on which nothing moves is closed"),
  /// How large the head of a request may be.
  HEADER_MAX("SIZE", "16K", "how large the head of a request may be"),
  /// How long stopping may take.
  STOP_TIMEOUT(
      "DURATION", "60s", "how long requests that run when the server is stopped may take to end"),

  /// Who may read the metrics.
  METRICS("loopback|token|off", "", "who may read /metrics; `token` where one is set"),
  /// The bearer token for metrics.
  METRICS_TOKEN(Kind.SECRET, "", "what `Authorization: Bearer …` must hold to read /metrics"),
  /// How the log looks.
  LOG_FORMAT(
      "auto|text|json",
      "auto",
      "`auto` is text on a terminal and in systemd's journal, and a JSON object a line elsewhere"),
  /// From which level on.
  LOG_LEVEL("debug|info|warn|error", "info", "the least that is logged"),
  /// Which requests are logged.
  ACCESS_LOG("all|failures|off", "all", "which requests are logged, at most 100 a second");

  private final String form;
  private final String otherwise;
  private final boolean secret;
  private final String about;

  /// How a secret is told from the rest.
  private enum Kind {
    SECRET
  }

  Setting(String form, String otherwise, String about) {
    this.form = form;
    this.otherwise = otherwise;
    this.secret = false;
    this.about = about;
  }

  Setting(Kind secret, String otherwise, String about) {
    this.form = secret.name();
    this.otherwise = otherwise;
    this.secret = true;
    this.about = about;
  }

  /// Its name in the file: `tls-key`.
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// Its name in the environment: `CALCO_TLS_KEY`.
  public String variable() {
    return "CALCO_" + name();
  }

  /// What is to be given: words to choose from, or a kind of value in capitals.
  public String form() {
    return form;
  }

  /// What holds when nothing is set; empty when nothing does.
  public Optional<String> otherwise() {
    return otherwise.isEmpty() ? Optional.empty() : Optional.of(otherwise);
  }

  /// Whether it is not to be shown, and may lie in a file of its own.
  public boolean secret() {
    return secret;
  }

  /// What it is for, in Markdown, without a full stop.
  public String about() {
    return about;
  }
}
