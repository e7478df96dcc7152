package io.calco.engine.images;

import io.calco.catalog.ImageAlias;
import io.calco.catalog.ImageData;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageEntry.Visibility;
import io.calco.catalog.ImageFacts;
import io.calco.catalog.ImageMember;
import io.calco.catalog.ImageOrigin;
import io.calco.catalog.ImageOrigin.Verified;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// What a store notes beside content: the image that it is of. Enough to record the image anew
/// where the catalogue is lost. Written as `docs/format/image-description.md` has it; of another
/// version all is read that is known here.
///
/// @param image with its content
/// @param members with whom it is shared
/// @param aliases what else could mean it
/// @param origin where it came from
record ImageDescription(
    ImageEntry image,
    List<ImageMember> members,
    List<ImageAlias> aliases,
    Optional<ImageOrigin> origin) {
  private static final int VERSION = 2;
  private static final JsonMapper JSON = new JsonMapper();
  private static final String IMAGE = "image";

  /// Ours, in characters; an image's properties may be larger, and are left out then.
  private static final int LENGTH_MAX = 256 << 10;

  /// Ours: nobody writes more.
  private static final int ENTRIES_MAX = 10_000;

  /// Copies the lists.
  ImageDescription {
    members = List.copyOf(members);
    aliases = List.copyOf(aliases);
  }

  /// True for what [#text] made.
  static boolean isOne(String text) {
    return text.startsWith("{\"image\":");
  }

  /// As it is written. What is too long is left out: properties, then aliases.
  String text() {
    String all = text(image.properties(), aliases);
    if (all.length() > LENGTH_MAX) {
      all = text(Map.of(), aliases);
    }
    return all.length() <= LENGTH_MAX ? all : text(Map.of(), List.of());
  }

  private String text(Map<String, String> properties, List<ImageAlias> others) {
    ObjectNode root = JSON.createObjectNode();
    put(root.putObject(IMAGE), properties);
    root.put("version", VERSION);
    for (ImageMember member : members) {
      root.withArray("members")
          .addObject()
          .put("member", member.member())
          .put("status", member.status().text());
    }
    for (ImageAlias alias : others) {
      root.withArray("aliases")
          .addObject()
          .put("owner", alias.owner())
          .put("name", alias.name())
          .put("target", alias.target())
          .put("everybody", alias.everybody())
          .put("created_at", alias.createdAt().toString());
    }
    origin.ifPresent(from -> put(root.putObject("origin"), from));
    return JSON.writeValueAsString(root);
  }

  private static void put(ObjectNode node, ImageOrigin origin) {
    Verified verified = origin.verified();
    node.put("kind", origin.kind().text())
        .put("place", origin.place())
        .put("taken_by", origin.takenBy())
        .put("taken_at", origin.takenAt().toString())
        .put("checksum", verified.checksum())
        .put("checksum_list", verified.checksumList())
        .put("key_fingerprint", verified.keyFingerprint())
        .put("signer", verified.signer())
        .put("signed_at", verified.signedAt().map(Instant::toString).orElse(""));
  }

  private void put(ObjectNode node, Map<String, String> properties) {
    ImageFacts facts = image.facts();
    ImageData data = image.data().orElseThrow();
    node.put("id", image.id())
        .put("owner", image.owner())
        .put("name", facts.name())
        .put("status", image.status().text())
        .put("visibility", facts.visibility().text())
        .put("protected", facts.isProtected())
        .put("hidden", facts.hidden())
        .put("disk_format", facts.diskFormat())
        .put("container_format", facts.containerFormat())
        .put("min_disk", facts.minDisk())
        .put("min_ram", facts.minRam())
        .put("size", data.size())
        .put("virtual_size", data.virtualSize().orElse(-1))
        .put("md5", data.md5())
        .put("sha256", data.sha256())
        .put("sha512", data.sha512())
        .put("source", data.source())
        .put("created_at", image.createdAt().toString());
    image.tags().forEach(node.putArray("tags")::add);
    ObjectNode more = node.putObject("properties");
    properties.forEach(more::put);
  }

  /// What a description says; empty when it cannot be understood.
  ///
  /// @param place where the image's content lies
  static Optional<ImageDescription> parse(String text, String place) {
    try {
      JsonNode root = JSON.readTree(text);
      ImageEntry image = image(root.path(IMAGE), place);
      return Optional.of(
          new ImageDescription(
              image,
              members(root.path("members"), image),
              aliases(root.path("aliases")),
              origin(root.path("origin"))));
    } catch (JacksonException | IllegalArgumentException | java.time.DateTimeException e) {
      return Optional.empty();
    }
  }

  private static ImageEntry image(JsonNode node, String place) {
    TreeSet<String> tags = new TreeSet<>();
    node.path("tags").forEach(tag -> tags.add(tag.asString("")));
    TreeMap<String, String> properties = new TreeMap<>();
    node.path("properties")
        .properties()
        .forEach(each -> properties.put(each.getKey(), each.getValue().asString("")));
    String id = text(node, "id");
    if (!id.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
        || text(node, "disk_format").isEmpty()) {
      throw new IllegalArgumentException("no image: " + id);
    }
    long virtualSize = node.path("virtual_size").asLong(-1);
    Instant created = Instant.parse(text(node, "created_at"));
    return new ImageEntry(
        id,
        text(node, "owner"),
        text(node, "status").equals(Status.DEACTIVATED.text()) ? Status.DEACTIVATED : Status.ACTIVE,
        new ImageFacts(
            text(node, "name"),
            Visibility.of(text(node, "visibility")).orElse(Visibility.PRIVATE),
            node.path("protected").asBoolean(false),
            node.path("hidden").asBoolean(false),
            text(node, "disk_format"),
            text(node, "container_format"),
            Math.max(0, node.path("min_disk").asInt(0)),
            Math.max(0, node.path("min_ram").asInt(0))),
        Optional.of(
            new ImageData(
                place,
                node.path("size").asLong(0),
                virtualSize < 0 ? OptionalLong.empty() : OptionalLong.of(virtualSize),
                text(node, "md5"),
                text(node, "sha256"),
                text(node, "sha512"),
                text(node, "source"))),
        tags,
        properties,
        created,
        created);
  }

  private static String text(JsonNode node, String name) {
    return node.path(name).asString("");
  }

  private static List<ImageMember> members(JsonNode node, ImageEntry image) {
    List<ImageMember> members = new ArrayList<>();
    for (JsonNode each : node) {
      ImageMember.Status status =
          ImageMember.Status.of(text(each, "status")).orElse(ImageMember.Status.PENDING);
      if (!text(each, "member").isEmpty() && members.size() < ENTRIES_MAX) {
        members.add(
            new ImageMember(
                image.id(), text(each, "member"), status, image.createdAt(), image.createdAt()));
      }
    }
    return members;
  }

  private static List<ImageAlias> aliases(JsonNode node) {
    List<ImageAlias> aliases = new ArrayList<>();
    for (JsonNode each : node) {
      if (!text(each, "name").isEmpty() && aliases.size() < ENTRIES_MAX) {
        aliases.add(
            new ImageAlias(
                text(each, "owner"),
                text(each, "name"),
                text(each, "target"),
                each.path("everybody").asBoolean(false),
                Instant.parse(text(each, "created_at"))));
      }
    }
    return aliases;
  }

  private static Optional<ImageOrigin> origin(JsonNode node) {
    if (!node.isObject()) {
      return Optional.empty();
    }
    String signedAt = text(node, "signed_at");
    return ImageOrigin.Kind.find(text(node, "kind"))
        .map(kind ->
            new ImageOrigin(
                kind,
                text(node, "place"),
                text(node, "taken_by"),
                Instant.parse(text(node, "taken_at")),
                new Verified(
                    text(node, "checksum"),
                    text(node, "checksum_list"),
                    text(node, "key_fingerprint"),
                    text(node, "signer"),
                    signedAt.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(signedAt)))));
  }
}
