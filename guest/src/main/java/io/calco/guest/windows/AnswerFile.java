package io.calco.guest.windows;

import io.calco.guest.Content;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/// What a clone of a generalised Windows is to be, as an `unattend.xml`.
///
/// @param architecture of the guest, as Windows writes it: `amd64`, `x86`, `arm64`
/// @param computerName NetBIOS name: 1–15 letters, digits, hyphens, not digits alone
/// @param productKey five groups of five
/// @param locale `es-ES`; for input, system, formats and, where it is installed, the interface
/// @param timeZone Windows' name of it: `Romance Standard Time`
/// @param administratorPassword UTF-8 text
/// @param join the domain that it becomes a member of
/// @param firstLogonCommands run in this order when first somebody logs on
public record AnswerFile(
    String architecture,
    String computerName,
    Optional<String> productKey,
    Optional<String> locale,
    Optional<String> timeZone,
    Optional<Content> administratorPassword,
    Optional<DomainJoin> join,
    List<String> firstLogonCommands) {
  private static final String NAMESPACE = "urn:schemas-microsoft-com:unattend";
  private static final String WCM = "http://schemas.microsoft.com/WMIConfig/2002/State";

  /// An account that may add machines to a domain.
  ///
  /// @param domain the domain's DNS name
  /// @param user without the domain
  /// @param password UTF-8 text; setup reads it as it is
  public record DomainJoin(String domain, String user, Content password) {}

  /// Checks what Windows' setup would refuse, and copies the list.
  ///
  /// @throws IllegalArgumentException naming the value
  public AnswerFile {
    firstLogonCommands = List.copyOf(firstLogonCommands);
    if (!computerName.matches("[A-Za-z0-9][A-Za-z0-9-]{0,14}") || computerName.matches("[0-9]+")) {
      throw new IllegalArgumentException(
          "'%s' is no computer name: 1 to 15 letters, digits and hyphens, not digits alone"
              .formatted(computerName));
    }
    if (productKey.isPresent() && !productKey.get().matches("[A-Z0-9]{5}(-[A-Z0-9]{5}){4}")) {
      throw new IllegalArgumentException("a product key has five groups of five");
    }
    Stream.of(productKey, locale, timeZone).flatMap(Optional::stream).forEach(AnswerFile::check);
    firstLogonCommands.forEach(AnswerFile::check);
    administratorPassword.map(Content::text).ifPresent(AnswerFile::checkSecret);
    join.ifPresent(j -> {
      check(j.domain);
      check(j.user);
      checkSecret(j.password.text());
    });
  }

  /// One that sets the name alone.
  public static AnswerFile named(String architecture, String computerName) {
    return new AnswerFile(
        architecture,
        computerName,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of());
  }

  private static void check(String text) {
    if (!printable(text)) {
      throw new IllegalArgumentException("an answer file takes one line of text: " + text.length());
    }
  }

  private static void checkSecret(String secret) {
    if (!printable(secret)) {
      throw new IllegalArgumentException("a password must be one line of text");
    }
  }

  /// What XML 1.0 can hold on one line.
  private static boolean printable(String text) {
    return text.codePoints()
        .noneMatch(c ->
            c < 0x20
                || c >= 0x7F && c < 0xA0
                || c >= 0xD800 && c < 0xE000
                || c >= 0xFFFE && c <= 0xFFFF);
  }

  /// The file.
  public Content xml() {
    StringWriter text = new StringWriter();
    try {
      XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
      xml.writeStartDocument("utf-8", "1.0");
      xml.writeStartElement("unattend");
      xml.writeDefaultNamespace(NAMESPACE);
      xml.writeNamespace("wcm", WCM);
      specialize(xml);
      oobe(xml);
      xml.writeEndElement();
      xml.writeEndDocument();
      xml.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException("writing to memory cannot fail", e);
    }
    return Content.of(text + "\n");
  }

  private void specialize(XMLStreamWriter xml) throws XMLStreamException {
    startPass(xml, "specialize");
    startComponent(xml, "Microsoft-Windows-Shell-Setup");
    element(xml, "ComputerName", computerName);
    optional(xml, "ProductKey", productKey);
    optional(xml, "TimeZone", timeZone);
    xml.writeEndElement();
    if (join.isPresent()) {
      startComponent(xml, "Microsoft-Windows-UnattendedJoin");
      xml.writeStartElement("Identification");
      xml.writeStartElement("Credentials");
      element(xml, "Domain", join.get().domain);
      element(xml, "Password", join.get().password.text());
      element(xml, "Username", join.get().user);
      xml.writeEndElement();
      element(xml, "JoinDomain", join.get().domain);
      xml.writeEndElement();
      xml.writeEndElement();
    }
    xml.writeEndElement();
  }

  private void oobe(XMLStreamWriter xml) throws XMLStreamException {
    startPass(xml, "oobeSystem");
    if (locale.isPresent()) {
      startComponent(xml, "Microsoft-Windows-International-Core");
      for (String use : List.of("InputLocale", "SystemLocale", "UILanguage", "UserLocale")) {
        element(xml, use, locale.get());
      }
      xml.writeEndElement();
    }
    startComponent(xml, "Microsoft-Windows-Shell-Setup");
    xml.writeStartElement("OOBE");
    element(xml, "HideEULAPage", "true");
    element(xml, "ProtectYourPC", "3");
    xml.writeEndElement();
    if (administratorPassword.isPresent()) {
      xml.writeStartElement("UserAccounts");
      xml.writeStartElement("AdministratorPassword");
      element(xml, "Value", hidden(administratorPassword.get().text()));
      element(xml, "PlainText", "false");
      xml.writeEndElement();
      xml.writeEndElement();
    }
    firstLogon(xml);
    xml.writeEndElement();
    xml.writeEndElement();
  }

  private void firstLogon(XMLStreamWriter xml) throws XMLStreamException {
    if (firstLogonCommands.isEmpty()) {
      return;
    }
    xml.writeStartElement("FirstLogonCommands");
    for (int i = 0; i < firstLogonCommands.size(); i++) {
      xml.writeStartElement("SynchronousCommand");
      xml.writeAttribute("wcm", WCM, "action", "add");
      element(xml, "CommandLine", firstLogonCommands.get(i));
      element(xml, "Order", String.valueOf(i + 1));
      xml.writeEndElement();
    }
    xml.writeEndElement();
  }

  /// As Windows System Image Manager hides passwords: not from a person who wants to know them.
  private static String hidden(String password) {
    return Base64.getEncoder()
        .encodeToString((password + "AdministratorPassword").getBytes(StandardCharsets.UTF_16LE));
  }

  private static void startPass(XMLStreamWriter xml, String pass) throws XMLStreamException {
    xml.writeStartElement("settings");
    xml.writeAttribute("pass", pass);
  }

  private void startComponent(XMLStreamWriter xml, String name) throws XMLStreamException {
    xml.writeStartElement("component");
    xml.writeAttribute("name", name);
    xml.writeAttribute("processorArchitecture", architecture);
    xml.writeAttribute("publicKeyToken", "31bf3856ad364e35"); // Windows' own components
    xml.writeAttribute("language", "neutral");
    xml.writeAttribute("versionScope", "nonSxS");
  }

  private static void element(XMLStreamWriter xml, String name, String text)
      throws XMLStreamException {
    xml.writeStartElement(name);
    xml.writeCharacters(text);
    xml.writeEndElement();
  }

  private static void optional(XMLStreamWriter xml, String name, Optional<String> text)
      throws XMLStreamException {
    if (text.isPresent()) {
      element(xml, name, text.get());
    }
  }
}
