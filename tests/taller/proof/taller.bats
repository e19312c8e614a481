# The exercises as a student and a teacher use them: ./course taller, hint, reset, watch, grade, export.
bats_require_minimum_version 1.5.0

setup_file() {
  # a copy of the course with the exercises as they are at the start, and the grader that is built already
  export COPY=$BATS_FILE_TMPDIR/copy
  local root id folder
  root=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
  : "${BUILD:=$root/build/default}"
  mkdir -p "$COPY/build/default/tests/taller"
  tar -C "$root" --exclude=./build --exclude=./.git -cf - . | tar -C "$COPY" -xf -
  ln -s "$BUILD/tests/taller/taller" "$COPY/build/default/tests/taller/taller"
  while read -r id folder; do cp "$root/tests/taller/stubs/$id.hpp" "$COPY/chapters/$folder/taller.hpp"; done << end
01 01-linear-regression/taller
05a 05-xor-mlp/taller-a
05b 05-xor-mlp/taller-b
end
}

setup() {
  cd "$COPY"
  rm -rf build/default/taller
  one=chapters/01-linear-regression/taller/taller.hpp
  cp tests/taller/stubs/01.hpp $one
  rm -f chapters/*/taller*/taller-*.hpp
  solutions=$BATS_TEST_DIRNAME/../solutions
  schema=$BATS_TEST_DIRNAME/../schema
}

taller() { "$COPY/tests/taller/taller" "$@"; }

fails() {
  local text=$1
  shift
  run --separate-stderr -1 "$@"
  echo "it said: $stderr"
  [ "${#stderr_lines[@]}" -eq 1 ]
  [[ $stderr == "error: "*"$text"* ]]
}

@test "the overview shows every exercise with its points, and what is next" {
  run -0 taller taller
  [[ $output == *"01   TALLER GRADIENT DESCENT "*" 0 of 100 "*"05a "*"05b "*"next:  ./course taller 01 "* ]]
  cp "$solutions/01/reference.hpp" $one
  run -0 taller taller 01
  run -0 taller taller
  [[ $output == *"01 "*"████████████████████  100 of 100 "*"next:  ./course taller 05a "* ]]
}

@test "the stub's card says what is to do; the points of a card are those of its lines" {
  run -0 taller taller 01
  [ "$(grep -c ' to do ' <<< "$output")" -eq 15 ]
  [[ $output == *" 0 of 100 points"* ]]
  [[ $output != *$'\033'* ]]
}

@test "a wrong answer is diagnosed, with the hint and the line that replays it" {
  sed 's/ \/ X.n_cols;  \/\/ n.*/;/' "$solutions/01/reference.hpp" > $one
  run -0 taller taller 01
  [[ $output == *"every element is 7.0000 × the expected one"* || $output == *"every element is 3.0000 × the expected one"* ]]
  [[ $output == *"→ the sum over the records is there, the 1/m is not"* ]]
  replay=$(sed -n 's/.*again: \.\/course //p' <<< "$output" | head -n 1)
  [ "$replay" = "taller 01 --check gradiente.hand --seed 1" ]
  run -0 taller $replay
  [[ $output == *"✗ gradiente by hand"*"the 1/m is not"* ]]
  [ "$(grep -c '/7' <<< "$output")" -eq 1 ]
}

@test "the README shows what the card of a wrong gradient really prints" {
  sed 's/ \/ X.n_cols;  \/\/ n.*/;/' "$solutions/01/reference.hpp" > $one
  taller taller 01 > "$BATS_TEST_TMPDIR/printed"
  sed -n '/^    ✗ gradiente/,/^…/p' README.md | grep -v '^…' > "$BATS_TEST_TMPDIR/shown"
  [ "$(wc -l < "$BATS_TEST_TMPDIR/shown")" -eq 4 ]
  run -1 grep -vxFf "$BATS_TEST_TMPDIR/printed" "$BATS_TEST_TMPDIR/shown"
}

@test "a file that doesn't compile: three errors with their lines, and where the whole log is" {
  printf 'int a = ;\nint b = ;\nint c = ;\nint d = ;\n' > $one
  run -1 taller taller 01
  [[ $output == *"taller.hpp can't be graded"*"line 1: "*"line 2: "*"line 3: "* ]]
  [[ $output != *"line 4: "* ]]
  grep -q 'taller.hpp:4' build/default/taller/01/compiler.txt
}

@test "bad arguments are errors that say what is expected" {
  fails "no exercise '07', expected one of: 01 05a 05b" taller taller 07
  fails "--check nothing: TALLER 01 has costo.hand, " taller taller 01 --check nothing
  fails "--seed many: expected a whole number" taller taller 01 --seed many
  fails "--colour" taller taller 01 --colour
  fails "no hints on 'costa', expected one of: costo gradiente descensoGradiente" taller hint 01 costa
  fails "no hint costo-9: costo has 4 of them" taller hint 01 costo-9
  fails "which exercise? expected one of: 01 05a 05b" taller reset
  fails "watch needs a terminal" taller watch 01
  fails "export class: expected student" taller export class
  rm $one
  fails "taller.hpp: not there; ./course reset 01" taller taller 01
  : > $one
  fails "taller.hpp: the file is empty" taller taller 01
}

@test "hints come one after the other, on the function that isn't right yet" {
  run -0 taller hint 01
  [[ $output == *"costo, hint 1 of 4"* ]]
  run -0 taller hint 01
  [[ $output == *"costo, hint 2 of 4"* ]]
  run -0 taller hint 01 GRADIENTE-3
  [[ $output == *"gradiente, hint 3 of 4"* ]]
  run -0 taller hint 01 gradiente
  [[ $output == *"gradiente, hint 4 of 4"* ]]
  sed 's/ \/ X.n_cols;  \/\/ n.*/;/' "$solutions/01/reference.hpp" > $one
  run -0 taller taller 01
  run -0 taller hint 01
  [[ $output == *"gradiente, hint 4 of 4"* ]]
}

@test "every function of every exercise has hints, and the statement of each has its id" {
  for id in 01 05a 05b; do
    folder=$(taller taller | awk -v id=$id '$1 == id { print $NF }' | xargs dirname)
    for function in $(grep -oE '^inline [A-Za-z:]+ [a-zA-Z]+\(' "tests/taller/stubs/$id.hpp" | sed 's/.* \(.*\)(/\1/'); do
      run -0 taller hint $id "$function-1"
      grep -q "\`$function(" "$folder/README.md"
    done
  done
}

@test "reset keeps a dated copy and loses nothing" {
  echo "// mine" > $one
  run -0 taller reset 01
  [[ $output == "yours is kept as chapters/01-linear-regression/taller/taller-2"*".hpp"* ]]
  [ "$(cat chapters/01-linear-regression/taller/taller-2*.hpp)" = "// mine" ]
  cmp $one tests/taller/stubs/01.hpp
  run -0 taller reset 01
  [ "$output" = "$one is as it was at the start" ]
  [ "$(ls chapters/01-linear-regression/taller/taller-2*.hpp | wc -l)" -eq 1 ]
  rm $one
  run -0 taller reset 01
  cmp $one tests/taller/stubs/01.hpp
}

@test "the solution is shown after 100 points only" {
  fails "the solution is shown after 100 points" taller taller 01 --solution
  cp "$solutions/01/reference.hpp" $one
  run -0 taller taller 01
  [[ $output == *"compare with the reference solution: ./course taller 01 --solution"* ]]
  run -0 taller taller 01 --solution
  [ "$output" = "$(cat "$solutions/01/reference.hpp")" ]
}

@test "watch grades at a save, h shows a hint, q quits" {
  script -qec true /dev/null || skip "no pseudo-terminal here"
  mkfifo "$BATS_TEST_TMPDIR/keys"
  script -qefc "'$COPY/tests/taller/taller' watch 01" "$BATS_TEST_TMPDIR/screen" < "$BATS_TEST_TMPDIR/keys" > /dev/null 3>&- &
  exec 7> "$BATS_TEST_TMPDIR/keys"
  seen() { for _ in $(seq 150); do grep -q "$1" "$BATS_TEST_TMPDIR/screen" && return; sleep 0.1; done; tail -n 30 "$BATS_TEST_TMPDIR/screen"; false; }
  seen "0 of 100 points"
  cp "$solutions/01/reference.hpp" "$one.new"
  mv "$one.new" $one # as editors save
  seen "100 of 100 points"
  printf h >&7
  seen "costo, hint 1 of 4"
  printf q >&7
  wait $!
}

# --- a teacher --------------------------------------------------------------------------------------------------------

submissions() {
  dir=$BATS_TEST_TMPDIR/class
  mkdir -p "$dir"/{ana,"bruno, b.",carla,diego,eva/inner,fabio}
  cp "$solutions/05a/reference.hpp" "$dir/ana/taller.hpp"
  sed 's/exp(-z)/exp(z)/' "$solutions/05a/reference.hpp" > "$dir/bruno, b./taller.hpp"
  echo 'int feedForward = ;' > "$dir/carla/taller.hpp"
  : > "$dir/diego/taller.hpp"
  sed 's/return {a1, a2};/std::abort();/' "$solutions/05a/reference.hpp" > "$dir/eva/inner/taller.hpp"
}

@test "grade goes through a class, whatever a file holds, and writes what other programs read" {
  submissions
  cd "$BATS_TEST_TMPDIR"
  run -0 taller grade class --seed 77
  echo "$output"
  [ "$(head -n 1 grades/grades.csv)" = "student,exercise,seed,score,feedForward,costoGlobal,remark" ]
  grep -x 'ana,05a,77,100,60,40,' grades/grades.csv
  grep -xE '"bruno, b.",05a,77,49,9,40,.*6 wrong value.*' grades/grades.csv
  grep -xE 'carla,05a,77,0,0,0,"?line 1: .*' grades/grades.csv
  grep -xE 'diego,05a,77,0,0,0,.*the file is empty.*' grades/grades.csv
  grep -xE 'eva,05a,77,40,0,40,7 crash' grades/grades.csv
  grep -x 'fabio,05a,77,0,0,0,no taller.hpp in the folder' grades/grades.csv
  [ "$(wc -l < grades/grades.csv)" -eq 7 ]
  [ "$(jq .score grades/ana/results.json)" = 100 ]
  grep -q 'error: ' grades/carla/card.txt
  [ -z "$(find grades -name '*.tmp')" ]
  command -v xmllint > /dev/null && python3 -c 'import jsonschema' || skip "xmllint or python3-jsonschema isn't installed"
  for student in grades/*/; do
    xmllint --noout --schema "$schema/junit.xsd" "$student/junit.xml"
    python3 -c 'import json, jsonschema, sys; jsonschema.validate(json.load(open(sys.argv[2])), json.load(open(sys.argv[1])))' \
      "$schema/gradescope.json" "$student/results.json"
    [ "$(jq '[.tests[].score] | add == $all' --argjson all "$(jq .score "$student/results.json")" "$student/results.json")" = true ]
    [ "$(jq '[.tests[].max_score] | add' "$student/results.json")" = 100 ]
  done
  [ "$(xmllint --xpath 'string(/testsuite/@errors)' grades/eva/junit.xml)" = 7 ]
  [ "$(xmllint --xpath 'count(//testcase/failure)' "grades/bruno, b./junit.xml")" = 6 ]
}

@test "a folder that can't be graded is an error before anything is graded" {
  submissions
  cd "$BATS_TEST_TMPDIR"
  mkdir empty
  fails "nowhere: no such folder" taller grade nowhere
  fails "empty: found no student" taller grade empty
  fails "--exercise" taller grade class --exercise
  fails "no exercise '07'" taller grade class --exercise 07
  mkdir "class/Ana"
  fails "two students with one name: " taller grade class
  rmdir class/Ana
  cp "$solutions/01/reference.hpp" class/fabio/taller.hpp
  fails "the files are of several exercises" taller grade class
  [ ! -e grades ]
}

@test "a full disk is said, and no result is half-written" {
  submissions
  cd "$BATS_TEST_TMPDIR"
  rm -r class/[b-z]*
  export TMPDIR=$BATS_TEST_TMPDIR/tmp
  mkdir tmp
  full() { (trap '' XFSZ && ulimit -f 1 && exec "$@"); }
  run full "$COPY/tests/taller/taller" grade class --exercise 05a
  [ "$status" -eq 1 ]
  [[ $output == *"error: "*"File too large"* ]]
  [ -z "$(find grades -name '*.tmp' 2> /dev/null)" ]
}

@test "the archive for students has no solution, and grades in an empty folder" {
  root=$BATS_TEST_DIRNAME/../../..
  git -C "$root" rev-parse 2> /dev/null || skip "not a git checkout"
  cd "$BATS_TEST_TMPDIR"
  run -0 "$root/tests/taller/taller" export student handout.tar.gz
  mkdir empty
  tar -C empty -xzf handout.tar.gz
  cd empty/handout
  for gone in tests/taller/reference tests/taller/solutions tests/taller/proof .git; do [ ! -e $gone ]; done
  for id in 01 05a 05b; do [ "$(ls tests/taller/cases/$id-*.json.gz | wc -l)" -eq 12 ]; done
  # no line of a solution that is more than a brace and not in the stubs or the chapters
  sed -n 's/^ *\(.*\) *$/\1/p' "$solutions"/*/reference.hpp | grep -vxF -f <(sed 's/^ *//' tests/taller/stubs/*.hpp) |
    awk 'length > 25' | sort -u > "$BATS_TEST_TMPDIR/lines"
  [ "$(wc -l < "$BATS_TEST_TMPDIR/lines")" -gt 15 ]
  run -1 grep -rnF -f "$BATS_TEST_TMPDIR/lines" --include='*' tests chapters common course
  cp "$solutions/05b/reference.hpp" chapters/05-xor-mlp/taller-b/taller.hpp
  run -0 ./course taller 05b
  [[ $output == *"100 of 100 points"* ]]
  [[ $output != *"--solution"* ]]
  sed -i 's/+= lr/-= lr/; s/red.b1 -= lr \* db1;//; s/red.b2 -= lr \* db2;//' chapters/05-xor-mlp/taller-b/taller.hpp
  run -0 ./course taller 05b --seed 7
  [[ $output == *"→ the weights are trained, the biases come back as they were"* ]]
  fails "this copy of the course grades with the seeds 1, 2, 3" tests/taller/taller taller 05b --seed 99
  fails "this copy of the course has no solutions" tests/taller/taller export student
  # editors: the file is compiled as the database says
  eval "$(jq -r '.[] | select(.file | endswith("probe/05b.cpp")) | .command' build/default/compile_commands.json | sed 's/ -o .*/ -fsyntax-only/') tests/taller/probe/05b.cpp"
  [ -d "$(sed -n 's/ *CompilationDatabase: //p' .clangd)" ]
}

@test "a file as it is handed out is the one that reset puts back" {
  cd "$BATS_TEST_DIRNAME/../../.."
  while read -r id file; do
    [ "$(grep -c 'not implemented yet' "$file")" -eq "$(grep -c 'not implemented yet' tests/taller/stubs/$id.hpp)" ] || continue # begun
    cmp "$file" tests/taller/stubs/$id.hpp
  done < <(taller taller | awk '$NF ~ /taller.hpp$/ { print $1, $NF }')
}
