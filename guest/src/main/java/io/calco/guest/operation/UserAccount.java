package io.calco.guest.operation;

import io.calco.guest.Draft;
import io.calco.guest.account.AccountEditor;
import io.calco.guest.account.User;
import java.io.IOException;

/// Removes people's accounts, their home directories and their mail.
final class UserAccount extends Operation {
  UserAccount() {
    super("user-account", Default.OFF, "Remove the accounts of people and their home directories");
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    AccountEditor accounts = new AccountEditor(draft);
    for (User user : User.all(draft)) {
      boolean wanted =
          settings.removeUsers().isEmpty() || settings.removeUsers().contains(user.name());
      if (user.isPerson() && wanted && !settings.keepUsers().contains(user.name())) {
        accounts.remove(user);
      }
    }
  }
}
