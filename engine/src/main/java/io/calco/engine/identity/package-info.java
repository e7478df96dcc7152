/// Who may do what: users, projects, roles, passwords, application credentials, tokens.
///
/// A token proves who asks, and within which project. [Callers] tells who is behind one, whoever
/// made it.
@NullMarked
package io.calco.engine.identity;

import org.jspecify.annotations.NullMarked;
