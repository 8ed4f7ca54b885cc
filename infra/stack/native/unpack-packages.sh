#!/usr/bin/env bash
# Unpacks a program and its whole dependency closure from the distribution's packages into a private folder, without
# root and without touching the system: private apt state, an empty dpkg status (so the closure is complete, libc6
# included), packages unpacked with dpkg-deb, programs run through the private loader. apt checks signatures and hashes.
#
#   unpack-packages.sh ROOT WORK PACKAGE...     a PACKAGE beginning with ~ is a regular expression: the highest version wins
#
# Archives, proxies and mirrors are the machine's own, as its apt is configured. The machine's own suites are used where
# they have the first package, else (Debian only) `sid` of its main archive; suites are never mixed, because libc6 and all
# libraries must come from one release.
#
# Prints progress as "phase NAME" and at the end "suite NAME", "package NAME VERSION", "downloaded BYTES".
# Exit codes: 3 no archive is configured, 4 no such package, 5 the download failed.
set -euo pipefail
root=$1 work=$2
shift 2
packages=("$@")
mkdir -p "$work"/{lists/partial,cache/archives/partial,etc} "$root"
root=$(cd "$root" && pwd) work=$(cd "$work" && pwd)
: >"$work/status"

. /etc/os-release
code=${UBUNTU_CODENAME:-$VERSION_CODENAME}
family=$([ -n "${UBUNTU_CODENAME:-}" ] && echo ubuntu || echo debian)
arch=$(dpkg --print-architecture)

# --no-release-info: works also on a fresh image whose package lists were removed.
archives=$(apt-get indextargets --no-release-info --format '$(SITE)|$(RELEASE)|$(COMPONENT)' 'Created-By: Packages' \
  "Architecture: $arch" | sort -u | awk -F'|' -v c="$code" '$2==c || $2==c"-updates" || $2==c"-security"')
[ -n "$archives" ] || { echo "apt has no archive for $code" >&2; exit 3; }
# The main archive offers both CODE and CODE-updates; failing that, the first with CODE main.
main=$(awk -F'|' -v c="$code" '$2==c && $3=="main"{m[++n]=$1} $2==c"-updates"{u[$1]=1}
  END{for(i=1;i<=n;i++) if(u[m[i]]){print m[i]; exit} print m[1]}' <<<"$archives")
keyring=
for k in /usr/share/keyrings/$family-archive-keyring.{gpg,pgp}; do [ -r "$k" ] && keyring=$k && break; done
options="[arch=$arch${keyring:+ signed-by=$keyring}]"

# Only the machine's transport settings (proxy, retries, date checks) are kept: no hooks, pins or extra index targets.
{
  apt-config dump | grep -E '^Acquire::(https?|ftp|Retries|Check-Valid-Until|Check-Date|ForceIPv[46])[: ]' || true
  cat <<CONF
Dir::Etc::main "/dev/null"; Dir::Etc::parts "/dev/null";
Dir::Etc::sourcelist "$work/etc/sources.list"; Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null"; Dir::Etc::preferencesparts "/dev/null";
Dir::State "$work"; Dir::State::lists "$work/lists"; Dir::State::status "$work/status";
Dir::State::extended_states "$work/extended_states";
Dir::Cache "$work/cache"; Dir::Cache::archives "$work/cache/archives"; Dir::Log "$work";
APT::Architecture "$arch"; APT::Architectures { "$arch"; };
APT::Sandbox::User ""; APT::Install-Recommends "0"; APT::Install-Suggests "0";
APT::Get::Assume-Yes "1"; Acquire::Languages "none"; Acquire::GzipIndexes "1"; Debug::NoLocking "1";
Acquire::Retries "3"; Binary::apt-get::APT::Keep-Downloaded-Packages "1";
CONF
} >"$work/apt.conf"
export APT_CONFIG="$work/apt.conf" LC_ALL=C DEBIAN_FRONTEND=noninteractive

# grep without -q on purpose: with pipefail, -q would turn apt-cache's SIGPIPE into "not found".
has_candidate() { apt-cache policy "$1" 2>/dev/null | grep 'Candidate: [^(]' >/dev/null; }
resolve() {
  case $1 in
    "~"*) for n in $(apt-cache pkgnames | grep -xE "${1#\~}" | sort -rV); do has_candidate "$n" && { echo "$n"; return; }; done ;;
    *) echo "$1" ;;
  esac
}
available() { local n; n=$(resolve "$1"); [ -n "$n" ] && has_candidate "$n"; }

echo "phase lists"
awk -F'|' -v o="$options" '{print "deb " o " " $1 " " $2 " " $3}' <<<"$archives" >"$work/etc/sources.list"
apt-get -qq update 2>"$work/update.log" || true # a third-party archive of the same codename may fail its signature
suite=$code
if ! available "${packages[0]}"; then
  [ "$family" = debian ] || { echo "${packages[0]} is in none of this machine's suites" >&2; exit 4; }
  suite=sid
  echo "deb $options $main $suite main" >"$work/etc/sources.list"
  apt-get -qq update 2>"$work/update.log" || { tail -n 5 "$work/update.log" >&2; exit 5; }
  available "${packages[0]}" || { echo "${packages[0]} is neither in $code nor in $suite" >&2; exit 4; }
fi
for i in "${!packages[@]}"; do packages[i]=$(resolve "${packages[i]}"); done

echo "phase download"
apt-get -qq install --download-only --no-install-recommends "${packages[@]}" >"$work/download.log" 2>&1 ||
  { tail -n 5 "$work/download.log" >&2; exit 5; }

echo "phase unpack"
# The links of a merged /usr first, so that packages of both layouts land together.
mkdir -p "$root/usr"/{bin,sbin,lib,lib64}
for d in bin sbin lib lib64; do [ -e "$root/$d" ] || ln -s "usr/$d" "$root/$d"; done
skip='^(debconf|dpkg|perl|perl-base|perl-modules.*|libperl.*|tar|init-system-helpers|adduser|passwd|sysvinit-utils|base-files|base-passwd|procps|lsb-base|debianutils|bash|dash|coreutils|login.*|systemd.*|util-linux|mount)_'
for deb in "$work"/cache/archives/*.deb; do
  [[ $(basename "$deb") =~ $skip ]] && continue
  dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$root" --keep-directory-symlink --no-same-owner --no-same-permissions \
    --exclude='./usr/share/doc*' --exclude='./usr/share/man*' --exclude='./usr/share/locale*'
done
# Packages link into /etc and /usr absolutely (a JRE's conf/, Maven's conf/): point such links into the private root.
find "$root" -type l -lname '/*' | while read -r link; do
  target=$(readlink "$link")
  [ -e "$root$target" ] && ln -sfn "$(realpath --relative-to="$(dirname "$link")" "$root$target")" "$link"
done || true

# run/x NAME ARGS: any program of this root, through its own loader and libraries; movable.
loader=$(cd "$root" && find usr/lib64 usr/lib -maxdepth 2 -name 'ld-linux-*.so.*' | head -n 1)
triplet=$(basename "$(find "$root/usr/lib" -maxdepth 1 -type d -name '*-linux-gnu*' | head -n 1)")
libraries="\$root/usr/lib/$triplet:\$root/usr/lib/mysql/private:\$root/usr/lib"
mkdir -p "$root/run"
cat >"$root/run/x" <<RUN
#!/bin/sh
root=\$(cd "\$(dirname "\$0")/.." && pwd)
name=\$1; shift
for d in usr/sbin usr/bin usr/libexec; do [ -x "\$root/\$d/\$name" ] && program=\$root/\$d/\$name && break; done
exec "\$root/$loader" --argv0 "\$name" --library-path "$libraries" "\$program" "\$@"
RUN
chmod +x "$root/run/x"
# A JRE finds itself through its own library, so it needs the loader too: a JAVA_HOME with one shim.
jvm=$(cd "$root" && find usr/lib/jvm -maxdepth 1 -type d -name 'java-[0-9]*-openjdk-*' 2>/dev/null | sort -V | tail -n 1 || true)
if [ -n "$jvm" ]; then
  mkdir -p "$root/run/java-home/bin"
  cat >"$root/run/java-home/bin/java" <<RUN
#!/bin/sh
root=\$(cd "\$(dirname "\$0")/../../.." && pwd)
exec "\$root/$loader" --argv0 java --library-path "\$root/usr/lib/$triplet:\$root/usr/lib" "\$root/$jvm/bin/java" "\$@"
RUN
  chmod +x "$root/run/java-home/bin/java"
fi

echo "suite $suite"
for package in "${packages[@]}"; do echo "package $package $(apt-cache policy "$package" | awk '/Candidate/{print $2}')"; done
echo "downloaded $(du -cb "$work"/cache/archives/*.deb "$work/lists" | tail -n 1 | cut -f1)"
