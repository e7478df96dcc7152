package io.calco.cli;

import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageInspection;
import io.calco.catalog.ImageMember;
import io.calco.catalog.ImageOrigin;
import io.calco.catalog.ImageUse;
import io.calco.cli.Syntax.Value;
import io.calco.engine.Calco;
import io.calco.engine.identity.Caller;
import io.calco.engine.identity.Identity;
import io.calco.engine.images.ImageService;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `calco image show`.
final class ImageShowCommand extends ImagesCommand {
  private final Value<String> image =
      words.parameter(
          "IMAGE", String.class, "Its name (debian:12, debian:latest, debian), alias or id.");

  ImageShowCommand() {
    super(
        "show", "All that is known of an image: what is in it, where it came from, what uses it.");
    words.examples("calco image show debian:12", "calco image show --output json debian:latest");
  }

  @Override
  int run(Calco calco, ImageService images, Caller caller) throws IOException {
    ImageEntry found = images.names().get(caller, image.get());
    images.inspections().find(caller, found.id());
    images.inspections().await();
    Optional<ImageInspection> inside = images.inspections().find(caller, found.id());
    Optional<ImageOrigin> origin = images.origins().find(caller, found.id());
    List<ImageUse> uses = images.images().uses(caller, found.id());
    List<String> members = members(calco, images, caller, found);
    if (json()) {
      Json.print(
          out(),
          ImageText.json(found)
              .put("members", members)
              .put("origin", origin.map(ImageText::json))
              .put("inspection", inside.map(ImageText::json))
              .put("used-by", uses.stream().map(ImageText::json).toList()));
      return ExitCode.DONE;
    }
    print(found, ownerName(calco, found), members);
    origin.ifPresent(this::print);
    inside.ifPresent(facts -> print(out(), facts));
    if (!uses.isEmpty()) {
      line("used by", ImageText.uses(uses));
    }
    return ExitCode.DONE;
  }

  private static List<String> members(
      Calco calco, ImageService images, Caller caller, ImageEntry image) throws IOException {
    if (image.facts().visibility() != ImageEntry.Visibility.SHARED) {
      return List.of();
    }
    Identity identity = new Identity(calco.catalog());
    List<String> names = new ArrayList<>();
    for (ImageMember member : images.sharing().list(caller, image.id())) {
      String name =
          identity
              .projects()
              .find(member.member())
              .map(project -> project.name())
              .orElse(member.member());
      names.add("%s (%s)".formatted(name, member.status().text()));
    }
    return names;
  }

  private static String ownerName(Calco calco, ImageEntry image) throws IOException {
    return new Identity(calco.catalog())
        .projects()
        .find(image.owner())
        .map(project -> project.name())
        .orElse(image.owner());
  }

  private void line(String name, String value) {
    out().println(name + ": " + Text.safe(value));
  }

  private void print(ImageEntry found, String owner, List<String> members) {
    line("name", found.facts().name());
    line("id", found.id());
    line("status", found.status().text() + (found.facts().isProtected() ? ", protected" : ""));
    line(
        "seen by",
        found.facts().visibility().text()
            + (members.isEmpty() ? "" : ": " + String.join(", ", members)));
    line("project", owner);
    line("format", ImageText.format(found));
    found
        .data()
        .ifPresent(data -> {
          line("size", "%s (%d bytes)".formatted(Text.size(data.size()), data.size()));
          data.virtualSize()
              .ifPresent(
                  size -> line("virtual size", "%s (%d bytes)".formatted(Text.size(size), size)));
          line("sha256", data.sha256());
        });
    if (!found.tags().isEmpty()) {
      line("tags", String.join(", ", found.tags()));
    }
    found.properties().forEach((name, value) -> line("property " + Text.safe(name), value));
    line("created", ImageText.moment(found.createdAt()));
  }

  private void print(ImageOrigin origin) {
    String place = origin.place().isEmpty() ? origin.kind().text() : origin.place();
    line("from", place + (origin.takenBy().isEmpty() ? "" : ", by " + origin.takenBy()));
    ImageOrigin.Verified verified = origin.verified();
    if (!verified.checksum().isEmpty()) {
      String where = verified.checksumList().isEmpty() ? "" : ", in " + verified.checksumList();
      line("verified", verified.checksum() + where);
    }
    if (!verified.keyFingerprint().isEmpty()) {
      line("signed by", "%s, key %s".formatted(verified.signer(), verified.keyFingerprint()));
    }
  }

  /// What was found in an image.
  static void print(PrintStream out, ImageInspection facts) {
    ImageInspection.OperatingSystem system = facts.system();
    if (!system.kind().isEmpty()) {
      String architecture = system.architecture().isEmpty() ? "" : ", " + system.architecture();
      out.println(
          "system: "
              + Text.safe((system.name().isEmpty() ? system.id() : system.name()) + architecture));
    }
    if (!facts.partitionTable().isEmpty()) {
      out.println(
          "partition table: %s, boots by %s"
              .formatted(facts.partitionTable(), facts.bootMode().text().replace("-", " ")));
    }
    if (!facts.problem().isEmpty()) {
      out.println("remark: " + Text.safe(facts.problem()));
    }
    if (!facts.volumes().isEmpty()) {
      Table table = new Table("PART", "SIZE", "USED", "CONTENT", "MOUNTED");
      for (ImageInspection.Volume volume : facts.volumes()) {
        table.add(
            volume.number().isPresent()
                ? String.valueOf(volume.number().getAsInt())
                : volume.device().isEmpty() ? "disk" : volume.device(),
            Text.size(volume.size()),
            volume.used().isPresent() ? Text.size(volume.used().getAsLong()) : "-",
            volume.content().isEmpty() ? "-" : volume.content(),
            volume.mountPoint().isEmpty() ? "-" : volume.mountPoint());
      }
      table.print(out);
    }
  }
}
