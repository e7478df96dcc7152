package io.calco.server;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.served.BackupSettings;
import io.calco.engine.backup.served.BackupSettings.Devices;
import io.calco.engine.backup.served.BackupSettings.Known;
import io.calco.engine.repository.hosted.Hosting;
import io.calco.server.settings.Setting;
import io.calco.server.settings.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// What settings say of repositories, here and elsewhere, and of restores.
final class RepositorySettings {
  private RepositorySettings() {}

  /// The settings.
  ///
  /// @throws OperationException of kind USAGE when one cannot be understood
  static BackupSettings of(Settings settings) {
    Map<String, String> addresses = settings.named(Setting.REPOSITORIES);
    Map<String, String> keys = settings.named(Setting.REPOSITORY_KEYS);
    for (String name : keys.keySet()) {
      if (!addresses.containsKey(name)) {
        throw settings.refused(
            Setting.REPOSITORY_KEYS, "names a repository that the setting repositories does not");
      }
    }
    List<Known> known = new ArrayList<>();
    addresses.forEach((name, address) ->
        known.add(known(settings, name, address, Optional.ofNullable(keys.get(name)))));
    return new BackupSettings(
        known,
        settings.list(Setting.RESTORE_DIRECTORIES).stream().map(Path::of).toList(),
        settings.yes(Setting.RESTORE_DEVICES) ? Devices.UNUSED : Devices.REFUSED,
        settings.list(Setting.BACKUP_SOURCES).stream().map(Path::of).toList());
  }

  /// How repositories are kept for others; empty for not at all.
  ///
  /// @param reserve bytes that stay free
  static Optional<Hosting> hosting(Settings settings, OptionalLong reserve) {
    Hosting.Deleting deleting =
        settings.choice(Setting.REPOSITORIES_DELETE).equals("admins")
            ? Hosting.Deleting.ADMINS
            : Hosting.Deleting.MEMBERS;
    OptionalLong quota =
        settings.find(Setting.REPOSITORIES_QUOTA).isPresent()
            ? OptionalLong.of(settings.size(Setting.REPOSITORIES_QUOTA))
            : OptionalLong.empty();
    return settings
        .find(Setting.REPOSITORIES_DIRECTORY)
        .map(directory -> new Hosting(Path.of(directory), deleting, reserve, quota));
  }

  private static Known known(Settings settings, String name, String address, Optional<String> key) {
    try {
      return new Known(name, address.replace("%2C", ","), key.map(Path::of));
    } catch (OperationException e) {
      throw new OperationException(
          Kind.USAGE,
          settings.from(Setting.REPOSITORIES) + ": " + e.getMessage(),
          e.hint().orElse(""));
    }
  }
}
