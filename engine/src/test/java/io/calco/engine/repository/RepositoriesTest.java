package io.calco.engine.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.JobContext;
import io.calco.engine.OperationException;
import io.calco.store.NewStore;
import io.calco.store.Store;
import io.calco.store.StoreKey;
import io.calco.store.backend.Backend;
import io.calco.testkit.SshServer;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Addresses lead to stores.
class RepositoriesTest {
  @TempDir private Path directory;

  @Test
  void opensADirectory() throws IOException {
    String address = directory.resolve("a/b").toString();
    RepositoryOptions options = RepositoryOptions.defaults();
    assertThatThrownBy(() -> Repositories.open(address, options))
        .isInstanceOf(NoSuchFileException.class);
    try (Backend made = Repositories.create(RepositoryAddress.parse(address), options)) {
      Store.create(made, NewStore.plain());
    }
    try (Backend backend = Repositories.open(address, options)) {
      assertThat(Store.isEncrypted(backend)).isFalse();
    }
  }

  @Test
  void opensADirectoryOfAnSshServer(@TempDir Path server) throws IOException {
    try (SshServer sshd = SshServer.start(server)) {
      RepositoryOptions options = RepositoryOptions.defaults().withSshDirectory(sshd.directory());
      String address =
          "sftp://%s@127.0.0.1:%d%s/far"
              .formatted(sshd.user(), sshd.port(), directory.toAbsolutePath());
      try (Backend made = Repositories.create(RepositoryAddress.parse(address), options)) {
        Store.create(made, NewStore.plain());
      }
      try (Backend backend = Repositories.open(address, options)) {
        assertThat(Store.verify(backend, StoreKey.none(), JobContext.SILENT).sound()).isTrue();
      }
    }
  }

  @Test
  void tellsInOneLine() {
    RepositoryOptions options =
        RepositoryOptions.defaults().withSshDirectory(directory.resolve("none"));
    assertThatThrownBy(
            () -> {
              try {
                Repositories.open("sftp://ana@127.0.0.1:9/x", options);
              } catch (IOException e) {
                throw OperationException.of(e);
              }
            })
        .isInstanceOfSatisfying(
            OperationException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(OperationException.Kind.DENIED);
              assertThat(e).hasMessageStartingWith("sftp://ana@127.0.0.1:9: there is no key");
            });
  }
}
