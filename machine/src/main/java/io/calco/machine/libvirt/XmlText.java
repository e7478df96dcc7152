package io.calco.machine.libvirt;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.CharacterData;
import org.w3c.dom.Comment;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NamedNodeMap;
import org.w3c.dom.Node;
import org.w3c.dom.ProcessingInstruction;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;
import org.xml.sax.helpers.DefaultHandler;

/// libvirt's descriptions as trees. Document types, and with them entities, are refused; nothing is
/// fetched. Stateless.
final class XmlText {
  private XmlText() {}

  /// @throws IOException when it is no XML, or has a document type
  static Document parse(String text) throws IOException {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_DTD, "");
      factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "");
      factory.setExpandEntityReferences(false);
      DocumentBuilder builder = factory.newDocumentBuilder();
      builder.setErrorHandler(new Throwing());
      return builder.parse(new InputSource(new StringReader(text)));
    } catch (SAXException e) {
      throw new IOException(
          "libvirt's description of a thing is no proper XML: " + e.getMessage(), e);
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Says nothing to anybody; the default one prints.
  private static final class Throwing extends DefaultHandler {
    @Override
    public void error(SAXParseException e) throws SAXException {
      throw e;
    }
  }

  /// As text. By hand: the JDK's printer takes 50 ms before its first line.
  static String print(Document document) {
    StringBuilder text = new StringBuilder();
    printChildren(document, text);
    return text.append('\n').toString();
  }

  private static void printChildren(Node parent, StringBuilder text) {
    for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      switch (node) {
        case Element element -> print(element, text);
        case CharacterData data when data instanceof Comment ->
            text.append("<!--").append(data.getData()).append("-->");
        case CharacterData data -> escape(data.getData(), false, text); // CDATA is text, too
        case ProcessingInstruction told ->
            text.append("<?%s %s?>".formatted(told.getTarget(), told.getData()));
        default ->
            throw new IllegalStateException(node.getNodeName() + ": is nothing of libvirt's");
      }
    }
  }

  private static void print(Element element, StringBuilder text) {
    text.append('<').append(element.getTagName());
    NamedNodeMap attributes = element.getAttributes();
    for (int i = 0; i < attributes.getLength(); i++) {
      Node attribute = attributes.item(i);
      text.append(' ').append(attribute.getNodeName()).append("=\"");
      escape(attribute.getNodeValue(), true, text);
      text.append('"');
    }
    if (element.hasChildNodes()) {
      text.append('>');
      printChildren(element, text);
      text.append("</").append(element.getTagName()).append('>');
    } else {
      text.append("/>");
    }
  }

  /// Line ends stay in a text; in an attribute they, and tabs, would become blanks.
  private static void escape(String value, boolean attribute, StringBuilder text) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '&' -> text.append("&amp;");
        case '<' -> text.append("&lt;");
        case '>' -> text.append("&gt;");
        case '"' -> text.append("&quot;");
        case '\r' -> text.append("&#13;");
        case '\n', '\t' -> {
          if (attribute) {
            text.append("&#").append((int) c).append(';');
          } else {
            text.append(c);
          }
        }
        default -> text.append(c);
      }
    }
  }

  /// The children of that name, in their order.
  static List<Element> elements(Element parent, String name) {
    List<Element> found = new ArrayList<>();
    for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element element && name.equals(element.getLocalName())) {
        found.add(element);
      }
    }
    return found;
  }

  /// The first child of that name.
  static Optional<Element> element(Element parent, String name) {
    return elements(parent, name).stream().findFirst();
  }

  /// The text of the first child of that name.
  static Optional<String> text(Element parent, String name) {
    return element(parent, name).map(Node::getTextContent).map(String::strip);
  }

  /// An attribute that is there and not empty.
  static Optional<String> attribute(Element element, String name) {
    return Optional.of(element.getAttribute(name)).filter(value -> !value.isEmpty());
  }

  /// An attribute of the first child of that name.
  static Optional<String> attribute(Element parent, String child, String name) {
    return element(parent, child).flatMap(element -> attribute(element, name));
  }

  /// A new last child.
  ///
  /// @param attributes names and values in turn
  static Element add(Element parent, String name, String... attributes) {
    Element element = parent.getOwnerDocument().createElementNS(parent.getNamespaceURI(), name);
    for (int i = 0; i < attributes.length; i += 2) {
      element.setAttribute(attributes[i], attributes[i + 1]);
    }
    parent.appendChild(element);
    return element;
  }

  /// Takes all children of these names away.
  static void remove(Element parent, String... names) {
    for (String name : names) {
      elements(parent, name).forEach(parent::removeChild);
    }
  }
}
