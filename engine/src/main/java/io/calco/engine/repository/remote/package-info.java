/// A store's objects that another Calco keeps: the other end of
/// [io.calco.engine.repository.hosted], by HTTP.
///
/// | call | request, below `/repositories/NAME` |
/// |---|---|
/// | create, open | `PUT`, `GET` of the repository itself |
/// | put | `PUT objects/OBJECT` with its length; `Expect: 100-continue`, so that nothing is sent for a refusal |
/// | get, size | `GET` with `Range`, `HEAD` |
/// | list | `GET objects?prefix=…&after=…`, page by page |
/// | quota | `GET quota` |
/// | delete | `DELETE`, or `POST deletions` with up to 1,000 names |
///
/// [RemoteRepository] is the way in; [RemotePlace] says where and how. Each request carries a token
/// of the Identity API, got with what a file or the environment says ([RemoteLogin]), and got anew
/// when it is no longer taken.
///
/// The server is not trusted: each answer has a bound and each call a deadline, redirections are
/// not followed, the password goes to no address that the server names, and what it says is shown
/// as one short line. Whether content is what was put, the store itself compares.
///
/// Thread rule: everything is safe for several threads at once.
@NullMarked
package io.calco.engine.repository.remote;

import org.jspecify.annotations.NullMarked;
