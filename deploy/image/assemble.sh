#!/bin/sh
# Makes the folder that the image runs from: sh assemble.sh SOURCE TARGET. SOURCE is a project that is set up and built.
# TARGET gets the files of the package, what they need at run time as package-lock.json says (without native TensorFlow),
# and bin/ with the commands.
set -eu
source=$1
target=$2

mkdir -p "$target/bin"
packed=$(cd "$source" && npm pack --silent --pack-destination "$target")
tar -xzf "$target/$packed" -C "$target" --strip-components=1
rm "$target/$packed"

cp "$source/package-lock.json" "$target/"
cd "$target"
npm ci --omit=dev --omit=optional --ignore-scripts --prefer-offline --no-audit --no-fund --silent
rm package-lock.json

printf '#!/bin/sh\nexec node %s/build/src/cli/main.js "$@"\n' "$target" > bin/bitgibbs
cp "$source/deploy/image/coordinator.sh" bin/bitgibbs-coordinator
chmod 755 bin/bitgibbs bin/bitgibbs-coordinator
chmod -R a+rX .
