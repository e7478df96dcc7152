package io.calco.guest.inspect.packages;

import io.calco.disk.bytes.LittleEndian;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/// rpm's databases as rpm, sqlite3 and db_load make them, with packages that rpmbuild made: some
/// hundred small ones, so that a table has more than one page, and one with a header of 100 KB.
final class RpmDatabases {
  private static final String SPEC =
      """
      Name: calco-alpha
      Version: 1.2
      Release: 3
      Epoch: 7
      Summary: first
      License: none
      %description
      d
      %package -n libbeta++
      Summary: of an epoch that is nought
      Epoch: 0
      Version: 0~rc1
      Release: 1.fc99
      BuildArch: noarch
      %description -n libbeta++
      d
      %package -n large
      Summary: a long header
      Version: 2024.01
      Release: 1^git
      %description -n large
      d
      %install
      mkdir -p %{buildroot}/opt/large
      for i in $(seq 1 900); do : > %{buildroot}/opt/large/file-$i; done
      %files
      %files -n libbeta++
      %files -n large
      /opt/large
      """;
  private static final int SMALL = 100;

  private final Path directory;

  private RpmDatabases(Path directory) {
    this.directory = directory;
  }

  /// Makes them, below a directory.
  static RpmDatabases make(Path directory) throws IOException {
    Path spec = directory.resolve("x.spec");
    StringBuilder text = new StringBuilder(SPEC);
    for (int i = 0; i < SMALL; i++) {
      text.append(
          """
          %%package more-%1$d
          Summary: x
          %%description more-%1$d
          x
          %%files more-%1$d
          """
              .formatted(i));
    }
    Files.writeString(spec, text);
    Path packages = directory.resolve("rpms");
    Oracle.named("rpmbuild")
        .run(
            "-bb",
            "--quiet",
            "--define",
            "_topdir " + directory.resolve("top"),
            "--define",
            "_rpmdir " + packages,
            "--define",
            "_binary_payload w0.gzdio",
            "--define",
            "__os_install_post %{nil}",
            spec)
        .succeeds();
    RpmDatabases made = new RpmDatabases(directory);
    List<Object> install =
        new ArrayList<>(
            List.of("--dbpath", made.sqlite().getParent(), "-i", "--justdb", "--nodeps"));
    try (var files = Files.walk(packages)) {
      files.filter(file -> file.toString().endsWith(".rpm")).sorted().forEach(install::add);
    }
    Oracle.named("rpm").run(install.toArray()).succeeds();
    made.loadBerkeley();
    return made;
  }

  Path sqlite() {
    return directory.resolve("sqlite/rpmdb.sqlite");
  }

  Path berkeley() {
    return directory.resolve("berkeley/Packages");
  }

  /// What `rpm -qa` says of a database.
  static List<String> query(Path database, String backend) {
    return Oracle.named("rpm")
        .run(
            "--dbpath",
            database.getParent(),
            "--define",
            "_db_backend " + backend,
            "-qa",
            "--qf",
            "%{NAME}|%|EPOCH?{%{EPOCH}}:{-}||%{VERSION}|%{RELEASE}|%{ARCH}\\n")
        .succeeds()
        .out()
        .lines()
        .toList();
  }

  /// The headers in the SQLite database, as sqlite3 reads them.
  List<byte[]> headers() {
    return Oracle.named("sqlite3")
        .run("-readonly", sqlite(), "select hex(blob) from Packages")
        .succeeds()
        .out()
        .lines()
        .map(HexFormat.of()::parseHex)
        .toList();
  }

  private void loadBerkeley() throws IOException {
    StringBuilder dump =
        new StringBuilder(
            "VERSION=3\nformat=bytevalue\ntype=hash\ndb_pagesize=4096\nHEADER=END\n"
                + " 00000000\n 04000000\n");
    int number = 1;
    for (byte[] header : headers()) {
      byte[] key = new byte[4];
      LittleEndian.put32(key, 0, number++);
      dump.append(' ').append(HexFormat.of().formatHex(key));
      dump.append("\n ").append(HexFormat.of().formatHex(header)).append('\n');
    }
    Path file = directory.resolve("dump");
    Files.writeString(file, dump.append("DATA=END\n"), StandardCharsets.US_ASCII);
    Files.createDirectories(berkeley().getParent());
    Oracle.named("db_load").run("-f", file, berkeley()).succeeds();
  }

  /// An "ndb" of these headers, laid out as rpm's `rpmpkg.c` tells: a page of slots, then blobs.
  static byte[] ndb(List<byte[]> headers) {
    int pages = (2 + headers.size()) * 16 / 4096 + 1;
    byte[] file = new byte[pages * 4096];
    LittleEndian.put32(file, 0, 0x506D7052);
    LittleEndian.put32(file, 8, 1);
    LittleEndian.put32(file, 12, pages);
    LittleEndian.put32(file, 16, headers.size() + 1);
    for (int at = 32; at < file.length; at += 16) {
      LittleEndian.put32(file, at, 0x746F6C53);
    }
    for (int i = 0; i < headers.size(); i++) {
      byte[] header = headers.get(i);
      int blocks = (16 + header.length + 12 + 15) / 16;
      int slot = 32 + 16 * i;
      int offset = file.length;
      LittleEndian.put32(file, slot + 4, i + 1);
      LittleEndian.put32(file, slot + 8, offset / 16);
      LittleEndian.put32(file, slot + 12, blocks);
      file = Arrays.copyOf(file, offset + blocks * 16);
      LittleEndian.put32(file, offset, 0x53626C42);
      LittleEndian.put32(file, offset + 4, i + 1);
      LittleEndian.put32(file, offset + 8, 1);
      LittleEndian.put32(file, offset + 12, header.length);
      System.arraycopy(header, 0, file, offset + 16, header.length);
      LittleEndian.put32(file, file.length - 8, header.length);
      LittleEndian.put32(file, file.length - 4, 0x45626C42);
    }
    return file;
  }
}
