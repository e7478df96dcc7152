package io.calco.disk.ami;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.io.StringReader;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/// Walks through the elements of a small XML file from a stranger. Elements are known by their
/// local names. Document types are skipped, so there are no entities, and nothing outside is ever
/// opened.
final class XmlElements {
  /// Ours: bytes in a file, and elements within each other.
  private static final int LENGTH_MAX = 1 << 20;

  private static final int DEPTH_MAX = 32;

  private final String file;
  private final Taker taker;
  private final List<String> path = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();

  /// Takes elements, in the order they end.
  interface Taker {
    /// @param path the names from the root to this element
    /// @param text the text in the element after its last child, without spaces around it
    void element(List<String> path, String text) throws CorruptImageException;
  }

  private XmlElements(String file, Taker taker) {
    this.file = file;
    this.taker = taker;
  }

  /// Reads a file.
  ///
  /// @throws CorruptImageException when it is not XML
  /// @throws LimitExceededException when it is longer than 1 MiB
  static void read(HostFile file, Taker taker) throws IOException {
    if (file.size() > LENGTH_MAX) {
      throw new LimitExceededException(
          "%s: XML of %d bytes; at most %d are read (our limit)"
              .formatted(file.name(), file.size(), LENGTH_MAX));
    }
    byte[] xml = new byte[Math.toIntExact(file.size())];
    file.read(0, MemorySegment.ofArray(xml));
    new XmlElements(file.name(), taker).read(new String(xml, StandardCharsets.UTF_8));
  }

  private void read(String xml) throws CorruptImageException {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    try {
      XMLStreamReader in = factory.createXMLStreamReader(new StringReader(xml));
      while (in.hasNext()) {
        step(in, in.next());
      }
      in.close();
    } catch (XMLStreamException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNumber();
      throw bad("is no XML at line " + line);
    }
  }

  private void step(XMLStreamReader in, int event) throws CorruptImageException {
    switch (event) {
      case XMLStreamConstants.START_ELEMENT -> {
        if (path.size() == DEPTH_MAX) {
          throw bad("elements lie more than %d deep".formatted(DEPTH_MAX));
        }
        path.add(in.getLocalName());
        text.setLength(0);
      }
      case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> text.append(in.getText());
      case XMLStreamConstants.END_ELEMENT -> {
        taker.element(Collections.unmodifiableList(path), text.toString().strip());
        path.removeLast();
        text.setLength(0);
      }
      case XMLStreamConstants.ENTITY_REFERENCE -> throw bad("has entities");
      default -> {}
    }
  }

  private CorruptImageException bad(String what) {
    return new CorruptImageException(file + ": " + what);
  }
}
