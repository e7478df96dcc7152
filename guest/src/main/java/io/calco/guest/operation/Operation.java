package io.calco.guest.operation;

import io.calco.guest.Draft;
import io.calco.guest.GuestTree;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.ResourceBundle;

/// One operation of generalising. Stateless.
public abstract class Operation {
  private final String name;
  private final Default byDefault;
  private final String help;

  /// Whether an operation runs when nobody says otherwise.
  public enum Default {
    ON,
    OFF
  }

  Operation(String name, Default byDefault, String help) {
    this.name = name;
    this.byDefault = byDefault;
    this.help = help;
  }

  /// Lower case words with hyphens; stable, as users write it.
  public final String name() {
    return name;
  }

  /// True when it runs when nobody says otherwise.
  public final boolean onByDefault() {
    return byDefault == Default.ON;
  }

  /// One line of English.
  public final String help() {
    return help;
  }

  /// One line in the language of `locale`, or English when it is not translated.
  public final String help(Locale locale) {
    ResourceBundle bundle =
        ResourceBundle.getBundle(Operation.class.getPackageName() + ".Help", locale);
    return bundle.containsKey(name) ? bundle.getString(name) : help;
  }

  /// True when the guest is of a kind that the operation is made for; an answer that there is
  /// nothing to do is [#plan]'s.
  public boolean applies(GuestTree tree) throws IOException {
    return true;
  }

  /// Why it cannot be done, though it may be needed: asked for by name it is refused with this
  /// sentence, by default it is left out and reported.
  public Optional<String> obstacle() {
    return Optional.empty();
  }

  /// Drafts the changes.
  public abstract void plan(Draft draft, Settings settings) throws IOException;

  @Override
  public final String toString() {
    return name;
  }
}
