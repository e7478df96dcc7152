package io.calco.guest.seed;

import io.calco.fs.iso9660.IsoImage;
import io.calco.guest.personalise.CloneIdentity;
import io.calco.guest.personalise.Personalisation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a machine's first start is told, and the disc that tells it. Holds what the first-boot
/// scripts hold: it may be secret.
public final class Seed {

  /// Where a first start looks for it.
  public enum Form {
    /// cloud-init's own, label `CIDATA`.
    NOCLOUD("CIDATA"),
    /// OpenStack's, label `config-2`; cloud-init and cloudbase-init read it.
    CONFIGDRIVE("config-2");

    private final String label;

    Form(String label) {
      this.label = label;
    }
  }

  private final Form form;
  private final String instance;
  private final Personalisation clone;
  private final CloneIdentity identity;

  private Seed(Form form, String instance, Personalisation clone, CloneIdentity identity) {
    this.form = form;
    this.instance = instance;
    this.clone = clone;
    this.identity = identity;
  }

  /// The disc: an ISO 9660 image.
  ///
  /// @param instance a name that no other machine ever has: another one is another first start
  /// @param clone what the clone is given
  /// @param identity who it has become
  /// @throws IOException when the first-boot scripts are too large for one
  public static byte[] image(
      Form form, String instance, Personalisation clone, CloneIdentity identity)
      throws IOException {
    IsoImage image = IsoImage.labelled(form.label, clone.now());
    for (Map.Entry<String, String> file : documents(form, instance, clone, identity).entrySet()) {
      image.add(file.getKey(), file.getValue().getBytes(StandardCharsets.UTF_8));
    }
    return image.bytes();
  }

  /// The files on it, by path.
  static Map<String, String> documents(
      Form form, String instance, Personalisation clone, CloneIdentity identity) {
    Seed seed = new Seed(form, instance, clone, identity);
    return Collections.unmodifiableMap(seed.documents());
  }

  private Map<String, String> documents() {
    Map<String, String> files = new LinkedHashMap<>();
    String name = clone.hostname().value();
    Map<String, Object> facts = new LinkedHashMap<>();
    String userData = "#cloud-config\n" + SeedText.of(CloudConfig.of(clone, identity));
    switch (form) {
      case NOCLOUD -> {
        facts.put("instance-id", instance);
        facts.put("local-hostname", name);
        files.put("meta-data", SeedText.of(facts));
        files.put("user-data", userData);
        if (!clone.network().isEmpty()) {
          files.put("network-config", SeedText.of(SeedNetwork.version1(clone.network())));
        }
      }
      case CONFIGDRIVE -> {
        facts.put("uuid", instance);
        facts.put("hostname", name);
        facts.put("name", name);
        files.put("openstack/latest/meta_data.json", SeedText.of(facts));
        files.put("openstack/latest/user_data", userData);
        if (!clone.network().isEmpty()) {
          files.put(
              "openstack/latest/network_data.json",
              SeedText.of(SeedNetwork.openStack(clone.network())));
        }
      }
    }
    return files;
  }
}
