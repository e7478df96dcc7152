# Sourced by calco and test: finds, or installs, the JDK and the Maven that Calco is built with.
# The sourcing script has `say` and `fail`. get_toolchain sets java_home and mvn.

get_toolchain() {
  if [ -n "${CALCO_JAVA_HOME:-}" ]; then
    java_home=$(jdk_at "$CALCO_JAVA_HOME") || fail "CALCO_JAVA_HOME=$CALCO_JAVA_HOME is not a JDK 25 or newer"
  else
    java_home=$(find_jdk) || { apt_install openjdk-25-jdk-headless && java_home=$(find_jdk); } ||
      fail 'needs a JDK 25 or newer: install openjdk-25-jdk-headless or Temurin 25, or set CALCO_JAVA_HOME'
  fi
  mvn=$(find_maven) || { apt_install maven && mvn=$(find_maven); } ||
    fail 'needs Maven to build itself: install it (apt-get install maven), or put mvn on the PATH'
  # Maven's own libraries: what Java warns of there is no concern of ours.
  export MAVEN_OPTS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS:-}"
}

# Prints the home of a JDK ≥ 25, or fails. Nothing is started to learn a version: a JDK says it in its release file.
find_jdk() {
  if on_path=$(command -v java); then on_path=$(readlink -f "$on_path") && on_path=${on_path%/bin/java}; fi
  for home in "${JAVA_HOME:-}" "${on_path:-}" /usr/lib/jvm/* /opt/* /opt/*/* /usr/local/* \
    "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/*; do
    jdk_at "$home" && return
  done
  return 1
}
jdk_at() {
  [ -n "$1" ] && [ -x "$1/bin/javac" ] && [ -f "$1/release" ] || return 1
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  [ "${version:-0}" -ge 25 ] && (cd "$1" && pwd -P)
}

find_maven() {
  command -v mvn && return
  for home in "${MAVEN_HOME:-}" "${M2_HOME:-}" /usr/share/maven /opt/*maven* /usr/local/*maven* "${HOME:-}"/.sdkman/candidates/maven/*; do
    [ -x "$home/bin/mvn" ] && printf '%s\n' "$home/bin/mvn" && return
  done
  return 1
}

# Installs a Debian package where that is possible: as root, with apt, and if the archive has it.
apt_install() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  apt_has "$1" || { apt-get update -qq && apt_has "$1"; } >/dev/null 2>&1 || return 1
  say "installing $1"
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends "$1" </dev/null >&2 ||
    fail "apt-get install $1 failed"
}
apt_has() { apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [0-9]'; }
