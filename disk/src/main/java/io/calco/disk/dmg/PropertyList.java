package io.calco.disk.dmg;

import io.calco.disk.CorruptImageException;
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/// The property list: of all its dictionaries only the chunk tables are taken, the data under
/// `resource-fork`, `blkx`, `Data`. Its document type is skipped, so there are no entities, and
/// nothing outside is ever opened. Confined.
final class PropertyList {
  /// Ours: dictionaries and arrays within each other; Apple's tools write four.
  private static final int DEPTH_MAX = 64;

  private static final List<String> TABLES = List.of("", "resource-fork", "blkx", "");
  private static final String TABLE_KEY = "Data";

  private final String file;

  /// For each dictionary and array that is open, the key it stands under.
  private final List<String> path = new ArrayList<>();

  private final List<byte[]> tables = new ArrayList<>();
  private String key = "";
  private @Nullable ByteArrayOutputStream text;

  private PropertyList(String file) {
    this.file = file;
  }

  /// The chunk tables, as they stand in the list.
  static List<byte[]> chunkTables(String file, byte[] xml) throws CorruptImageException {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    PropertyList list = new PropertyList(file);
    try {
      // As text: on bytes that are no UTF-8 the JDK's parser prints to standard error.
      String text = new String(xml, StandardCharsets.UTF_8);
      XMLStreamReader in = factory.createXMLStreamReader(new StringReader(text));
      while (in.hasNext()) {
        switch (in.next()) {
          case XMLStreamConstants.START_ELEMENT -> list.begin(in.getLocalName());
          case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> list.add(in);
          case XMLStreamConstants.END_ELEMENT -> list.end(in.getLocalName());
          case XMLStreamConstants.ENTITY_REFERENCE -> throw list.bad("it has entities");
          default -> {}
        }
      }
      in.close();
    } catch (XMLStreamException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNumber();
      throw list.bad("it is no XML at line " + line);
    } catch (RuntimeException e) {
      // The JDK's parser throws others than its own on some broken input.
      throw list.bad("it is no XML");
    }
    return list.tables;
  }

  private void begin(String element) throws CorruptImageException {
    switch (element) {
      case "dict", "array" -> {
        if (path.size() == DEPTH_MAX) {
          throw bad("dictionaries lie more than %d deep".formatted(DEPTH_MAX));
        }
        path.add(key);
        key = "";
      }
      case "key" -> text = new ByteArrayOutputStream();
      case "data" -> {
        boolean wanted = path.equals(TABLES) && key.equals(TABLE_KEY);
        text = wanted ? new ByteArrayOutputStream() : null;
      }
      default -> text = null;
    }
  }

  /// Base64 is often broken into lines, and keys of interest are ASCII.
  private void add(XMLStreamReader in) {
    ByteArrayOutputStream to = text;
    if (to != null) {
      char[] chars = in.getTextCharacters();
      int start = in.getTextStart();
      for (int i = start; i < start + in.getTextLength(); i++) {
        if (chars[i] > ' ') {
          to.write(chars[i] < 0x7f ? chars[i] : '?');
        }
      }
    }
  }

  private void end(String element) throws CorruptImageException {
    ByteArrayOutputStream ended = text;
    text = null;
    if (element.equals("key")) {
      key = ended == null ? "" : ended.toString(StandardCharsets.US_ASCII);
      return;
    }
    key = "";
    if ((element.equals("dict") || element.equals("array")) && !path.isEmpty()) {
      path.removeLast();
    } else if (element.equals("data") && ended != null) {
      tables.add(decode(ended.toByteArray()));
    }
  }

  private byte[] decode(byte[] base64) throws CorruptImageException {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw bad("a chunk table is no base64");
    }
  }

  private CorruptImageException bad(String what) {
    return new CorruptImageException("%s: property list: %s".formatted(file, what));
  }
}
