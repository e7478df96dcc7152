/// Identity API v3 (OpenStack Keystone's) under `/identity`, as far as its clients and those of the
/// image service need it: discovery, tokens, users, projects, roles and their assignments,
/// application credentials.
///
/// | | |
/// |---|---|
/// | domains | `Default` alone, and none can be made |
/// | scopes | a project, or none; no domain, system or trust |
/// | roles | `admin`, `member`, `reader`, each named by its name where an id is asked; each implies the next |
/// | methods | password, token, application credential |
/// | services | image and identity, here; others where the operator names them |
/// | refused | access rules of credentials, options of users: what would be a restriction is not passed over |
/// | ignored | other attributes that Keystone would keep |
///
/// Who may do what is Keystone's default: an administrator all, others what is their own.
///
/// Read: the API reference of Identity v3.14, and the answers of Keystone 22, with which a test
/// compares ours.
@NullMarked
package io.calco.server.identity;

import org.jspecify.annotations.NullMarked;
