@NullMarked
package io.calco.server.web;

import org.jspecify.annotations.NullMarked;
