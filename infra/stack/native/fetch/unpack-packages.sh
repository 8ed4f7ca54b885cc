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

# Manuals and translations, and programs nobody here calls, 7 MB each; promtool 48.
unwanted=(--exclude='./usr/share/doc*' --exclude='./usr/share/man*' --exclude='./usr/share/locale*')
for name in ibd2sdi innochecksum my_print_defaults myisam_ftdump myisamchk myisamlog myisampack mysql_config_editor \
  mysql_migrate_keyring mysql_secure_installation mysql_tzinfo_to_sql mysqlcheck mysqlimport mysqlshow mysqlslap perror promtool; do
  unwanted+=(--exclude="./usr/bin/$name")
done
for package in "$packages"/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar --extract --directory "$root" \
    --keep-directory-symlink --no-same-owner --no-same-permissions "${unwanted[@]}"
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
# Packages of pure Java (Maven) bring no C library and no program that would need one.
[ -n "$loader" ] || exit 0

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
