/// Users and groups as Linux keeps them in text: passwd(5), shadow(5), group(5), gshadow(5),
/// subuid(5). Lines that are none are left as they are; accounts of NIS, LDAP and the like are not
/// seen.
@NullMarked
package io.calco.guest.account;

import org.jspecify.annotations.NullMarked;
