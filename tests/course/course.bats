# The script ./course: the map, the nearest match, installing, and what a change must not forget.
bats_require_minimum_version 1.5.0

setup() {
  root=$BATS_TEST_DIRNAME/../..
  course=$root/course
  : "${BUILD:=$root/build/default}"
  bin=$BATS_TEST_TMPDIR/bin # a PATH of its own, for machines that lack something
  mkdir "$bin"
}

fails() {
  local text=$1
  shift
  run --separate-stderr -1 "$@"
  echo "it said: $stderr"
  [ "${#stderr_lines[@]}" -eq 1 ]
  [[ $stderr == "error: "*"$text"* ]]
}

# fake NAME SCRIPT puts a program on the PATH of its own; link NAME... puts the real ones there.
fake() {
  printf '#!/bin/sh\n%s\n' "$2" > "$bin/$1"
  chmod +x "$bin/$1"
}
link() {
  local name
  for name in "$@"; do ln -s "$(command -v "$name")" "$bin/$name"; done
}
tools=(bash dirname realpath comm rm sort sed env)

# A copy of the repository where nothing is really built: cmake, ninja and ctest record how they are called, and ninja
# leaves a chapter program that prints its arguments and its folder.
copy_without_building() {
  copy=$BATS_TEST_TMPDIR/copy
  calls=$BATS_TEST_TMPDIR/calls
  mkdir "$copy"
  tar -C "$root" --exclude=./build --exclude=./.git -cf - . | tar -C "$copy" -xf -
  link "${tools[@]}" find cat cut awk grep nproc mkdir chmod
  fake dpkg-query 'shift 2; for p in "$@"; do echo "installed $p"; done'
  fake apt-get 'exit 1'
  fake cmake "echo \"cmake \$*\" >> $calls; for p; do mkdir -p build/\$p; done"
  fake ctest "echo \"ctest \$*\" >> $calls"
  fake ninja "case \" \$* \" in *' -n '*) [ ! -e done ] || echo 'no work to do'; exit ;; esac
    echo \"ninja \$*\" >> $calls; touch done; mkdir -p build/default build/default/out/02-perceptron
    printf '#!/bin/sh\necho perceptron in \$PWD with \"\$@\"\n' > build/default/perceptron
    touch build/default/out/02-perceptron/results.json
    chmod +x build/default/perceptron"
  link touch
}
in_copy() { (cd "$BATS_TEST_TMPDIR" && env PATH="$bin" bash "$copy/course" "$@"); }

@test "the map lists every chapter with its one line, and what to do next" {
  run -0 "$course"
  for chapter in "$root"/chapters/[0-9]*; do
    number=$(basename "$chapter" | cut -c1-2)
    grep -E "^  $number  [A-Z]" <<< "$output"
  done
  [[ $output == *"next:"*"./course"* ]]
}

@test "help lists every command" {
  run -0 "$course" help
  for command in run taller watch hint reset grade export test notes bench data devices setup help; do [[ $output == *"./course $command"* ]]; done
}

@test "an unknown command, chapter or option gets the nearest match" {
  fails "no command 'tset', did you mean ./course test?" "$course" tset
  fails "no command 'notas', did you mean ./course notes?" "$course" notas
  fails "no chapter 'perceptrn', did you mean perceptron?" "$course" run perceptrn
  fails "no chapter '99'" "$course" run 99
  fails "unexpected '--opne', did you mean --open?" "$course" notes --opne
  fails "unexpected 'all', ./course devices takes no options" "$course" devices all
  fails "unexpected '--checkrs', did you mean --checkers?" "$course" setup --gpu --checkrs
}

@test "setup on another system prints what is needed and stops" {
  link "${tools[@]}"
  fails "not a Debian system; install the equivalents of: g++ cmake" env PATH="$bin" bash "$course" setup
}

@test "setup without root or sudo says what only root can do" {
  link "${tools[@]}"
  fake apt-get 'exit 0'
  fake dpkg-query 'echo "installed cmake"'
  fake id 'echo 1000'
  fails "only root can install them: apt-get install " env PATH="$bin" bash "$course" setup
  [[ $stderr == *ninja-build* && $stderr != *cmake* ]]
}

@test "setup installs what is missing, through sudo where it must, and nothing when all is there" {
  link "${tools[@]}"
  fake apt-get "echo \"apt-get \$*\" >> $BATS_TEST_TMPDIR/calls"
  fake sudo 'echo "as root"; exec "$@"'
  fake id 'echo 1000'
  fake dpkg-query 'shift 2; for p in "$@"; do [ $p = cmake ] || echo "installed $p"; done'
  run -0 env PATH="$bin" bash "$course" setup --yes
  [[ $output == *"as root"* ]]
  diff "$BATS_TEST_TMPDIR/calls" - << 'end'
apt-get update -q
apt-get install -q -y --no-install-recommends cmake
end
  fake dpkg-query 'shift 2; for p in "$@"; do echo "installed $p"; done'
  run -0 env PATH="$bin" bash "$course" setup
  [ "$(wc -l < "$BATS_TEST_TMPDIR/calls")" -eq 2 ]
}

@test "setup takes --checkers and --gpu, and the next build looks for what has come" {
  copy_without_building
  run -0 in_copy run 02
  fake dpkg-query 'shift 2; for p in "$@"; do echo "$p" >> '"$BATS_TEST_TMPDIR/wanted"'; echo "installed $p"; done'
  run -0 in_copy setup --gpu --checkers
  grep -x libclblast-dev "$BATS_TEST_TMPDIR/wanted"
  grep -x chromium "$BATS_TEST_TMPDIR/wanted"
  run -0 in_copy run 02
  [ "$(grep -c '^cmake' "$calls")" -eq 2 ]
  run -0 in_copy setup
  run -0 in_copy run 02
  [ "$(grep -c '^cmake' "$calls")" -eq 2 ]
}

@test "on a terminal setup asks, and no means no" {
  link "${tools[@]}"
  fake apt-get "touch $BATS_TEST_TMPDIR/called"
  fake dpkg-query 'exit 1'
  fake id 'echo 0'
  script -qec true /dev/null || skip "no pseudo-terminal here"
  run -1 script -qec "env PATH='$bin' bash '$course' setup" /dev/null <<< n
  [[ $output == *"install them with apt-get?"* ]]
  [ ! -e "$BATS_TEST_TMPDIR/called" ]
}

@test "without a network setup says so" {
  link "${tools[@]}"
  fake apt-get '[ "$1" != install ] || exit 100' # without a network, apt-get update only warns
  fake dpkg-query 'exit 1'
  fake id 'echo 0'
  fails "(is there a network?)" env PATH="$bin" bash "$course" setup --yes
}

@test "run builds what it needs, runs the chapter where the student is, and builds nothing twice" {
  copy_without_building
  run -0 in_copy run 02 --quick --seed 3
  [[ $output == *"perceptron in $BATS_TEST_TMPDIR with --quick --seed 3"* ]]
  run -0 in_copy run perceptron
  [ "$output" = "perceptron in $BATS_TEST_TMPDIR with" ]
  diff "$calls" - << 'end'
cmake --fresh --log-level=WARNING --preset default
ninja -C build/default perceptron
end
  run -0 in_copy
  [[ $output == *"run; figures and numbers in build/default/out/02-perceptron"*"./course run 01"* ]]
}

@test "a new file or another place of the folder configures again" {
  copy_without_building
  run -0 in_copy run 02
  touch "$copy/docs/pages/new.md"
  run -0 in_copy run 02
  mv "$copy" "$copy.moved"
  copy+=.moved
  run -0 in_copy run 02
  [ "$(grep -c '^cmake' "$calls")" -eq 3 ]
}

@test "test takes --asan anywhere and hands on the rest; a test that isn't there is an error" {
  copy_without_building
  run -0 in_copy test -R common --asan
  grep -x 'ninja -C build/asan all' "$calls"
  grep -E '^ctest --preset asan --parallel [0-9]+ --no-tests=error -R common$' "$calls"
  run -0 in_copy test
  grep -E '^ctest --preset default --parallel [0-9]+ --no-tests=error$' "$calls"
}

@test "notes are built and their place is said; --open opens them" {
  copy_without_building
  run -0 in_copy notes
  [ "${lines[-1]}" = "notes: $copy/build/default/notes/index.html" ]
  fake xdg-open "echo \"open \$*\" >> $calls"
  run -0 in_copy notes --open
  grep -x 'open build/default/notes/index.html' "$calls"
  grep -x 'ninja -C build/default notes' "$calls"
}

@test "a build that fails says so and runs nothing" {
  copy_without_building
  fake ninja 'exit 1'
  fails "the build failed, see above" in_copy run 02
  fake cmake 'exit 1'
  rm "$copy/build/default/files"
  fails "the project does not configure, see above" in_copy run 02
}

@test "--out for several chapters is refused, since each would overwrite the other" {
  fails "--out is the folder of one chapter, name it: ./course run 01 --out x" "$course" run --out x
}

@test "on another system run leaves the packages to the student" {
  copy_without_building
  rm "$bin/apt-get" "$bin/dpkg-query"
  run -0 in_copy run 02
}

@test "a chapter without its first two paragraphs is named by the map" {
  copy_without_building
  mkdir "$copy/chapters/03-empty"
  fails "chapters/03-empty/empty.cpp: expected a title and a paragraph of one line first" in_copy
}

@test "a chapter without its expected results does not configure; with them it is one folder and one line" {
  copy=$BATS_TEST_TMPDIR/copy
  mkdir "$copy"
  tar -C "$root" --exclude=./build --exclude=./.git -cf - . | tar -C "$copy" -xf -
  mkdir "$copy/chapters/77-extra"
  printf '/// # An extra chapter\n///\n/// Its one line.\nint main() {}\n' > "$copy/chapters/77-extra/extra.cpp"
  sed -i 's/^add_chapter(02-perceptron)/&\nadd_chapter(77-extra)/' "$copy/CMakeLists.txt"
  run ! cmake --preset default -S "$copy" -B "$BATS_TEST_TMPDIR/build"
  [[ $(tr -s ' \n' ' ' <<< "$output") == *"77-extra has no expected results: tests/chapters/77-extra.json is missing"* ]]
  echo '{}' > "$copy/tests/chapters/77-extra.json"
  run -0 cmake --preset default -S "$copy" -B "$BATS_TEST_TMPDIR/build"
  run -0 "$copy/course"
  [[ $output == *"77  An extra chapter"* ]]
}

@test "chapter files, README and CMake name the same chapters" {
  for chapter in "$root"/chapters/[0-9]*; do
    name=$(basename "$chapter")
    grep -qF "add_chapter($name)" "$root/CMakeLists.txt"
    grep -qF "chapters/$name" "$root/README.md"
  done
}

@test "the README shows what a chapter really prints" {
  "$BUILD/linear-regression" --out "$BATS_TEST_TMPDIR/out" > "$BATS_TEST_TMPDIR/printed"
  sed -n '/^The mass of a penguin/,/^…/p' "$root/README.md" | grep -v '^…' > "$BATS_TEST_TMPDIR/shown"
  [ "$(wc -l < "$BATS_TEST_TMPDIR/shown")" -gt 5 ]
  run -1 grep -vxFf "$BATS_TEST_TMPDIR/printed" "$BATS_TEST_TMPDIR/shown" # no line that was not printed
}

@test "the Debian packages are listed once" {
  run -0 grep -rlF libarmadillo-dev "$root" --include='*' --exclude-dir=build --exclude-dir=.git --exclude='*.bats'
  [ "$(realpath "$output")" = "$(realpath "$course")" ]
}

@test "scripts are clean under shellcheck" {
  command -v shellcheck || skip "shellcheck isn't installed"
  cd "$root"
  shellcheck course .ci/run datasets/fetch docs/build tests/bench/instructions tests/chapters/check tests/notes/check tests/taller/taller
}
