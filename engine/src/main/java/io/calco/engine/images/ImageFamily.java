package io.calco.engine.images;

import io.calco.catalog.ImageAlias;
import io.calco.catalog.ImageEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The images of a family as somebody sees them, and which names mean which of them.
///
/// @param name `debian`, for `debian:12` and `debian:13`; empty for an image without a name
/// @param members the highest version first, of one version the newest first
public record ImageFamily(String name, List<Member> members) {
  /// Copies the list.
  public ImageFamily {
    members = List.copyOf(members);
  }

  /// An image of a family.
  ///
  /// @param image what is said of it
  /// @param latest whether the family's name without a version means it
  /// @param meant whether its own name means it, and not a newer image of that name
  /// @param aliases what else means it, by name
  public record Member(ImageEntry image, boolean latest, boolean meant, List<String> aliases) {
    /// Copies the list.
    public Member {
      aliases = List.copyOf(aliases);
    }
  }

  /// True when there is something to tell besides the image itself.
  public boolean tells() {
    return members.size() > 1 || !members.getFirst().aliases().isEmpty();
  }

  /// @param project the caller's
  /// @param image which is among them, wherever it comes from
  /// @param found all others, of one name the one that is meant first
  /// @param latest what the family's name means
  /// @param aliases those that the caller may use
  static ImageFamily of(
      String project,
      String name,
      ImageEntry image,
      List<ImageEntry> found,
      Optional<ImageEntry> latest,
      List<ImageAlias> aliases) {
    Map<String, ImageEntry> all = new LinkedHashMap<>();
    found.forEach(each -> all.put(each.id(), each));
    all.putIfAbsent(image.id(), image);
    Map<String, String> meant = new HashMap<>(); // ids by what means them
    latest.ifPresent(each -> {
      meant.put(name, each.id());
      meant.put(name + ":" + ImageNames.LATEST, each.id());
    });
    for (ImageEntry each : all.values()) {
      meant.put(each.id(), each.id());
    }
    Map<String, String> byName = new HashMap<>();
    all.values().forEach(each -> byName.putIfAbsent(each.facts().name(), each.id()));
    meant.putAll(byName);
    Map<String, List<String>> others = aliases(project, aliases, meant);
    List<Member> members = new ArrayList<>();
    for (ImageEntry each : all.values()) {
      members.add(
          new Member(
              each,
              latest.isPresent() && latest.get().id().equals(each.id()),
              each.id().equals(byName.get(each.facts().name())),
              others.getOrDefault(each.id(), List.of())));
    }
    return new ImageFamily(name, members);
  }

  /// A project's own alias goes before everybody's of that name.
  private static Map<String, List<String>> aliases(
      String project, List<ImageAlias> aliases, Map<String, String> meant) {
    Map<String, ImageAlias> first = new TreeMap<>();
    for (ImageAlias alias : aliases) {
      if (alias.owner().equals(project)) {
        first.put(alias.name(), alias);
      } else {
        first.putIfAbsent(alias.name(), alias);
      }
    }
    Map<String, List<String>> others = new HashMap<>();
    for (ImageAlias alias : first.values()) {
      @Nullable String id = meant.get(alias.target());
      if (id != null) {
        others.computeIfAbsent(id, _ -> new ArrayList<>()).add(alias.name());
      }
    }
    return others;
  }
}
