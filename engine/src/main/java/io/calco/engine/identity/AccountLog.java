package io.calco.engine.identity;

import io.calco.catalog.Project;
import io.calco.catalog.User;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.Actor;
import io.calco.engine.audit.AuditLog;
import io.calco.engine.audit.Deed;
import io.calco.engine.audit.Target;
import java.util.Optional;

/// Where somebody's changes of accounts are recorded.
///
/// @param audit the log
/// @param actor who makes them
record AccountLog(AuditLog audit, Actor actor) {
  /// The same for somebody else.
  AccountLog by(Actor other) {
    return new AccountLog(audit, other);
  }

  Deed deed(Action action, Target target) {
    return new Deed(actor, action, target);
  }

  static Target target(User user) {
    return new Target(user.id(), user.name());
  }

  static Target target(Optional<User> user) {
    return user.map(AccountLog::target).orElse(Target.NONE);
  }

  static Target target(Project project) {
    return new Target(project.id(), project.name());
  }
}
