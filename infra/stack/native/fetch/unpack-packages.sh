#!/bin/bash
# Unpacks Debian packages with their whole closure (the C library included) into a private root, without root rights and
# without installing anything.
#
#   unpack-packages.sh ROOT PACKAGES      PACKAGES: the folder with the .deb files
#
# Programs of the root run through its own loader: ROOT/run/exec NAME [arguments]. A JRE also gets ROOT/run/java-home.
set -euo pipefail
mkdir -p "$1"
root=$(cd "$1" && pwd)
packages=$2

# Old packages bring /lib/x, new ones /usr/lib/x: with these links first, both land in the same place.
mkdir -p "$root"/usr/{bin,sbin,lib,lib64}
for folder in bin sbin lib lib64; do
  [ -e "$root/$folder" ] || ln -s "usr/$folder" "$root/$folder"
done

# Needed by a system that boots or configures packages, never by a single program.
unneeded='^(adduser|base-files|base-passwd|bash|coreutils|dash|debconf|debianutils|dpkg|init-system-helpers|login.*'
unneeded+='|lsb-base|mount|passwd|perl|perl-base|perl-modules.*|libperl.*|procps|systemd.*|sysvinit-utils|tar|util-linux)_'
for package in "$packages"/*.deb; do
  [[ $(basename "$package") =~ $unneeded ]] && continue
  dpkg-deb --fsys-tarfile "$package" | tar --extract --directory "$root" \
    --keep-directory-symlink --no-same-owner --no-same-permissions \
    --exclude='./usr/share/doc*' --exclude='./usr/share/man*' --exclude='./usr/share/locale*'
done

# Packages link into /etc and /usr by absolute paths (a JRE's conf, Maven's conf): such links must stay inside the root,
# or a JRE ends with "Error loading java.security file".
find "$root" -type l -lname '/*' -print0 | while IFS= read -r -d '' link; do
  target=$(readlink "$link")
  if [ -e "$root$target" ]; then
    ln -sfn "$(realpath --relative-to="$(dirname "$link")" "$root$target")" "$link"
  fi
done

first_match() { # pattern... ; the first existing path, relative to the root
  local path
  for path in "$@"; do
    if [ -e "$path" ]; then
      echo "$path"
      return
    fi
  done
}
cd "$root"
loader=$(first_match usr/lib64/ld-linux-*.so.* usr/lib/ld-linux-*.so.* usr/lib/*/ld-linux-*.so.*)
libraries=$(first_match usr/lib/*-linux-gnu*)
[ -n "$loader" ] && [ -n "$libraries" ] || { echo "no C library among the packages in $packages" >&2; exit 1; }

mkdir -p run
cat >run/exec <<WRAPPER
#!/bin/sh
# exec NAME [arguments]: runs a program of this private root with its own C library.
root=\$(cd "\$(dirname "\$0")/.." && pwd)
name=\$1
shift
for folder in usr/sbin usr/bin usr/libexec; do
  [ -x "\$root/\$folder/\$name" ] && program=\$root/\$folder/\$name && break
done
exec "\$root/$loader" --argv0 "\$name" \\
  --library-path "\$root/$libraries:\$root/usr/lib/mysql/private:\$root/usr/lib" "\$program" "\$@"
WRAPPER
chmod +x run/exec

jvm=$(first_match usr/lib/jvm/java-[0-9][0-9]-openjdk-*)
if [ -n "$jvm" ]; then
  mkdir -p run/java-home/bin
  cat >run/java-home/bin/java <<WRAPPER
#!/bin/sh
root=\$(cd "\$(dirname "\$0")/../../.." && pwd)
exec "\$root/$loader" --argv0 java --library-path "\$root/$libraries:\$root/usr/lib" "\$root/$jvm/bin/java" "\$@"
WRAPPER
  chmod +x run/java-home/bin/java
fi
