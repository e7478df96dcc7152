package io.calco.guest.seed;

import io.calco.guest.personalise.AuthorizedKey;
import io.calco.guest.personalise.CloneIdentity;
import io.calco.guest.personalise.CloneUser;
import io.calco.guest.personalise.FirstBootScript;
import io.calco.guest.personalise.Personalisation;
import io.calco.guest.personalise.Regional;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The user data: cloud-config, in cloud-init's words.
final class CloudConfig {
  private static final String SCRIPTS = "/var/lib/calco/seed/";

  /// What the disk holds already runs from there, and not a second time from here.
  private static final String UNLESS_ON_DISK = "[ -d /var/lib/calco/firstboot ] || exec \"$0\"";

  private CloudConfig() {}

  static Map<String, Object> of(Personalisation clone, CloneIdentity identity) {
    Map<String, Object> config = new LinkedHashMap<>();
    String name = clone.hostname().value();
    config.put("hostname", clone.hostname().label());
    if (name.indexOf('.') >= 0) {
      config.put("fqdn", name);
      config.put("prefer_fqdn_over_hostname", true);
    }
    config.put("ssh_deletekeys", false);
    List<String> types =
        identity.sshHostKeys().stream()
            .map(key -> key.type().replaceFirst("^ssh-", "").replaceFirst("^ecdsa-.*", "ecdsa"))
            .distinct()
            .toList();
    if (!types.isEmpty()) {
      config.put("ssh_genkeytypes", types);
    }
    users(config, clone);
    regional(config, clone.regional());
    firstBoot(config, clone.firstBoot());
    return config;
  }

  private static void users(Map<String, Object> config, Personalisation clone) {
    Set<String> names = new LinkedHashSet<>(clone.users().stream().map(CloneUser::name).toList());
    clone.authorizedKeys().forEach(key -> names.add(key.user()));
    List<Map<String, Object>> users = new ArrayList<>();
    for (String name : names) {
      Map<String, Object> user = new LinkedHashMap<>();
      user.put("name", name);
      user.put("lock_passwd", false); // the template's passwords stay; new accounts have none
      if (clone.users().contains(new CloneUser(name, CloneUser.Privilege.ADMINISTRATOR))) {
        user.put("sudo", "ALL=(ALL:ALL) NOPASSWD:ALL");
      }
      List<String> keys =
          clone.authorizedKeys().stream()
              .filter(key -> key.user().equals(name))
              .map(AuthorizedKey::line)
              .toList();
      if (!keys.isEmpty()) {
        user.put("ssh_authorized_keys", keys);
      }
      users.add(user);
    }
    if (clone.authorizedKeys().stream().anyMatch(key -> key.user().equals("root"))) {
      config.put("disable_root", false);
    }
    if (!users.isEmpty()) {
      config.put("users", users);
    }
  }

  private static void regional(Map<String, Object> config, Regional regional) {
    regional.locale().ifPresent(locale -> config.put("locale", locale));
    regional.timezone().ifPresent(zone -> config.put("timezone", zone));
    if (regional.keyboard().isPresent()) {
      Map<String, Object> keyboard = new LinkedHashMap<>();
      keyboard.put("layout", regional.layout());
      if (!regional.variant().isEmpty()) {
        keyboard.put("variant", regional.variant());
      }
      config.put("keyboard", keyboard);
    }
  }

  private static void firstBoot(Map<String, Object> config, List<FirstBootScript> scripts) {
    List<Map<String, Object>> files = new ArrayList<>();
    List<List<String>> commands = new ArrayList<>();
    for (int i = 0; i < scripts.size(); i++) {
      FirstBootScript script = scripts.get(i);
      String path = "%s%04d-%s".formatted(SCRIPTS, i + 1, script.name());
      Map<String, Object> file = new LinkedHashMap<>();
      file.put("path", path);
      file.put("permissions", "0700");
      file.put("encoding", "b64");
      file.put("content", Base64.getEncoder().encodeToString(script.content().bytes()));
      files.add(file);
      commands.add(List.of("sh", "-c", UNLESS_ON_DISK, path));
    }
    if (!files.isEmpty()) {
      config.put("write_files", files);
      config.put("runcmd", commands);
    }
  }
}
