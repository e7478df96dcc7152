package io.calco.backup.windows;

import io.calco.disk.CorruptImageException;
import java.io.StringReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/// The text `BackupSpecs.xml`: which volumes were backed up.
///
/// ```
/// <BackupSpecs><FileSpecs>
///   <Volume Name="\\?\Volume{9b9cfbc4-…}\" AccessPath="C:" Label="" …>…</Volume>
/// </FileSpecs>…</BackupSpecs>
/// ```
final class BackupSpecs {
  private static final int VOLUMES_MAX = 1000; // ours
  private static final int TEXT_MAX = 200; // ours
  private static final Pattern GUID =
      Pattern.compile("\\{([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})}");
  private static final XMLInputFactory FACTORY = factory();

  /// What is told of a volume.
  record Volume(Optional<String> path, Optional<String> label) {}

  private BackupSpecs() {}

  private static XMLInputFactory factory() {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    return factory;
  }

  /// The volumes by their GUIDs, lower case, in the text's order.
  ///
  /// @param file for messages
  static SequencedMap<String, Volume> read(String file, byte[] xml) throws CorruptImageException {
    SequencedMap<String, Volume> volumes = new LinkedHashMap<>();
    try {
      XMLStreamReader in = FACTORY.createXMLStreamReader(new StringReader(decode(xml)));
      while (in.hasNext()) {
        switch (in.next()) {
          case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
              throw new CorruptImageException(file + ": has a document type or entities");
          case XMLStreamConstants.START_ELEMENT -> {
            if (in.getLocalName().equals("Volume")) {
              add(volumes, in);
            }
          }
          default -> {}
        }
        if (volumes.size() > VOLUMES_MAX) {
          throw new CorruptImageException(
              "%s: names more than %d volumes (our limit)".formatted(file, VOLUMES_MAX));
        }
      }
      in.close();
      return volumes;
    } catch (XMLStreamException e) {
      throw new CorruptImageException(
          "%s: is no XML at line %d"
              .formatted(file, e.getLocation() == null ? 1 : e.getLocation().getLineNumber()));
    }
  }

  private static void add(SequencedMap<String, Volume> volumes, XMLStreamReader in) {
    Matcher guid = GUID.matcher(attribute(in, "Name").orElse(""));
    if (guid.find()) {
      volumes.putIfAbsent(
          guid.group(1).toLowerCase(Locale.ROOT),
          new Volume(
              first(in, "OriginalAccessPath", "AccessPath").map(BackupSpecs::bare),
              first(in, "OriginalLabel", "Label")));
    }
  }

  private static Optional<String> first(XMLStreamReader in, String name, String other) {
    return attribute(in, name).or(() -> attribute(in, other));
  }

  private static Optional<String> attribute(XMLStreamReader in, String name) {
    String value = in.getAttributeValue(null, name);
    return value == null || value.isBlank()
        ? Optional.empty()
        : Optional.of(value.substring(0, Math.min(value.length(), TEXT_MAX)));
  }

  /// `C:` of `C:\`.
  private static String bare(String path) {
    return path.length() > 1 && path.endsWith("\\") ? path.substring(0, path.length() - 1) : path;
  }

  /// UTF-16 with or without a mark, which Windows writes without a declaration; else UTF-8.
  private static String decode(byte[] xml) {
    String text = new String(xml, charset(xml));
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  private static Charset charset(byte[] xml) {
    if (xml.length < 2) {
      return StandardCharsets.UTF_8;
    }
    if (((xml[0] ^ xml[1]) & 0xff) == 0x01) { // FF FE, FE FF
      return StandardCharsets.UTF_16;
    }
    return xml[1] == 0
        ? StandardCharsets.UTF_16LE
        : xml[0] == 0 ? StandardCharsets.UTF_16BE : StandardCharsets.UTF_8;
  }
}
