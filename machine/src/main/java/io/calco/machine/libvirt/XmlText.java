package io.calco.machine.libvirt;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
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

  static String print(Document document) {
    try {
      TransformerFactory factory = TransformerFactory.newDefaultInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      Transformer transformer = factory.newTransformer();
      transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
      StringWriter text = new StringWriter();
      transformer.transform(new DOMSource(document), new StreamResult(text));
      return text.append('\n').toString();
    } catch (TransformerException e) {
      throw new IllegalStateException(e);
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
