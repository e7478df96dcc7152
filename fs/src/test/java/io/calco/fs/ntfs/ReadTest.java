package io.calco.fs.ntfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.fs.InMemory;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What ntfs-3g writes, as it reads it.
class ReadTest {
  static final String FILL =
      """
      mkdir -p dirs/a/b/c many sparse Straße
      head -c 3000000 /dev/urandom > big
      printf tiny > tiny; head -c 700 /dev/urandom > small; : > empty
      ln big hard; ln tiny dirs/hard2
      ln -s big soft; ln -s ../../tiny dirs/a/up
      for i in $(seq 1 700); do : > "many/file with a name $i"; done
      for i in $(seq 3 7 700); do rm "many/file with a name $i"; done
      truncate -s 30M sparse/huge; echo tail >> sparse/huge
      for i in $(seq 0 40); do echo $i | dd of=sparse/holes bs=1k seek=$((i*200)) conv=notrunc status=none; done
      printf 'xyz' > 'Straße/ÄÖ ü 文字 😀'
      setfattr -n user.zone -v 'stream content' tiny
      setfattr -n user.long -v "$(printf '%03000d' 7)" small
      setfattr -n user.on -v dir dirs
      touch -d '2040-01-02 03:04:05.678' tiny
      touch -d '1650-01-02 03:04:05' small
      """;

  @TempDir(factory = InMemory.class)
  Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"-c 4096", "-c 512", "-c 65536", "-c 2097152"})
  void readsWhatNtfs3gWrites(String options) throws IOException {
    NtfsImage image = NtfsImage.make(directory, 120, options.split(" "));
    image.shell(FILL);
    image.compare();
    image.read(fs -> {
      assertThat(fs.facts().clean()).isTrue();
      assertThat(fs.find("/MANY/FILE WITH A NAME 5")).isPresent();
      assertThat(fs.find("/straSSe")).isEmpty();
      assertThat(fs.extendedAttributes("/tiny")).containsKey("system.ntfs_acl");
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"-c 4096 -C", "-c 512 -C"})
  void readsCompressed(String options) throws IOException {
    NtfsImage image = NtfsImage.make(directory, 40, options.split(" "));
    image.mounted(
        "rw,compression",
        root ->
            Oracle.named("bash")
                .run(
                    "-ec",
                    """
                    cd "$0"; seq 1 100000 > numbers; head -c 300000 /dev/urandom > random
                    head -c 1000000 /dev/zero > zeroes
                    (seq 1 9999; head -c 200000 /dev/urandom; seq 1 30000) > mixed
                    cp /bin/bash bash; printf abc > tiny
                    """,
                    root)
                .succeeds());
    image.compare();
    image.read(fs -> {
      var status = fs.find("/numbers").orElseThrow();
      assertThat(status.allocatedSize()).isLessThan(status.size());
    });
  }
}
