package io.calco.server.image;

import io.calco.catalog.ImageData;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageFacts;
import io.calco.catalog.ImageLocation;
import io.calco.catalog.ImageMember;
import io.calco.engine.images.ContentStores;
import io.calco.server.http.Json;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Images and members as the API shows them.
final class ImageText {
  private ImageText() {}

  static Map<String, @Nullable Object> of(ImageEntry image) {
    String self = ImageApi.PREFIX + "/images/" + image.id();
    ImageFacts facts = image.facts();
    Optional<ImageData> data = image.data();
    Optional<ImageData> known = image.content();
    Map<String, @Nullable Object> text = new LinkedHashMap<>();
    text.putAll(image.properties());
    text.put("name", orNull(facts.name()));
    text.put("disk_format", orNull(facts.diskFormat()));
    text.put("container_format", orNull(facts.containerFormat()));
    text.put("visibility", facts.visibility().text());
    text.put("size", data.map(ImageData::size));
    text.put(
        "virtual_size",
        known.isPresent() && known.get().virtualSize().isPresent()
            ? known.get().virtualSize().getAsLong()
            : null);
    text.put("status", image.status().text());
    text.put("checksum", orNull(known.map(ImageData::md5).orElse("")));
    text.put("protected", facts.isProtected());
    text.put("min_ram", facts.minRam());
    text.put("min_disk", facts.minDisk());
    text.put("owner", orNull(image.owner()));
    text.put("os_hidden", facts.hidden());
    putHash(text, known);
    text.put("id", image.id());
    text.put("created_at", moment(image.createdAt()));
    text.put("updated_at", moment(image.updatedAt()));
    text.put("tags", image.tags());
    text.put("self", self);
    text.put("file", self + "/file");
    text.put("schema", ImageApi.PREFIX + "/schemas/image");
    known.ifPresent(content -> text.put("stores", stores(content)));
    return text;
  }

  /// The hash that the image has: the longer where it has both.
  private static void putHash(Map<String, @Nullable Object> text, Optional<ImageData> known) {
    String sha512 = known.map(ImageData::sha512).orElse("");
    String sha256 = known.map(ImageData::sha256).orElse("");
    String algorithm = !sha512.isEmpty() ? "sha512" : !sha256.isEmpty() ? "sha256" : "";
    text.put("os_hash_algo", orNull(algorithm));
    text.put("os_hash_value", orNull(sha512.isEmpty() ? sha256 : sha512));
  }

  private static String stores(ImageData content) {
    return content.places().stream()
        .map(ContentStores::storeOf)
        .distinct()
        .sorted()
        .collect(Collectors.joining(","));
  }

  /// Where content lies, and what is said of it, the store among it.
  static Map<String, Object> of(ImageLocation location) {
    ObjectNode metadata = (ObjectNode) Json.parse(location.metadata());
    metadata.put("store", ContentStores.storeOf(location.place()));
    Map<String, Object> text = new LinkedHashMap<>();
    text.put("url", ContentStores.addressOf(location.place()));
    text.put("metadata", metadata);
    return text;
  }

  static Map<String, Object> of(ImageMember member) {
    Map<String, Object> text = new LinkedHashMap<>();
    text.put("member_id", member.member());
    text.put("image_id", member.imageId());
    text.put("status", member.status().text());
    text.put("created_at", moment(member.createdAt()));
    text.put("updated_at", moment(member.updatedAt()));
    text.put("schema", ImageApi.PREFIX + "/schemas/member");
    return text;
  }

  /// To the second, as Glance has it.
  static String moment(Instant moment) {
    return moment.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }
}
