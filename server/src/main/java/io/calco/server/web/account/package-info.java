/// People: their own account for everybody, users, projects and roles for administrators. Only with
/// the embedded identity; a Keystone has its own.
@NullMarked
package io.calco.server.web.account;

import org.jspecify.annotations.NullMarked;
