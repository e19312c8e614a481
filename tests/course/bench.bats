# ./course bench on bad input: one line on standard error, a non-zero status, nothing trained.
bats_require_minimum_version 1.5.0

setup() {
  : "${BUILD:=$BATS_TEST_DIRNAME/../../build/default}"
  bench=$BUILD/tests/bench/bench
  out=$BATS_TEST_TMPDIR/out
}

# fails TEXT ARGUMENT...: it says one line that contains the text, and leaves nothing.
fails() {
  local text=$1
  shift
  run --separate-stderr -1 "$bench" --out "$out" "$@"
  echo "it said: $stderr"
  [ "${#stderr_lines[@]}" -eq 1 ]
  [[ $stderr == "error: "*"$text"* ]]
  [ ! -e "$out" ]
}

@test "--help lists the options and the workloads" {
  run -0 "$bench" --help
  for word in --rounds --quick --growth --json --out W1 W2 W3 W4 W4b W5 W6 P4_64 start; do [[ $output == *"$word"* ]]; done
}

@test "an unknown workload gets the nearest match" {
  fails "no workload 'w5', did you mean W5?" w5
  fails "no workload 'strat', did you mean start?" W1 strat
}

@test "an unknown option or a bad value is an error" {
  fails "unknown argument '--fast'" --fast
  fails "--rounds" --rounds 0
  fails "--rounds" --rounds many
  fails "--growth has workloads and results of its own" --growth W4
}

@test "a file for the numbers that can't be written is an error before anything is trained" {
  fails "--json $BATS_TEST_TMPDIR/none/x.json: can't be written" --json "$BATS_TEST_TMPDIR/none/x.json"
  fails "--json $BATS_TEST_TMPDIR: can't be written" --json "$BATS_TEST_TMPDIR"
}

@test "a run of chosen workloads, or a quick one, leaves the last run of everything as it is" {
  run -0 env COURSE_CACHE="$BATS_TEST_TMPDIR" "$bench" W2 --quick --rounds 1
  [[ $output == *"out/bench-part/results.json"* ]]
}

@test "a quick run writes the numbers of every side whole, with the machine" {
  run -0 env COURSE_CACHE="$BATS_TEST_TMPDIR" "$bench" W2 --quick --rounds 2 --out "$out" --json "$BATS_TEST_TMPDIR/x.json"
  run -0 jq -e '.machine.processor and .works[0].work == "W2" and (.works[0].sides[0] | .side == "ours" and (.seconds | length) == 2)' \
    "$BATS_TEST_TMPDIR/x.json"
  jq -e '.numbers.W2.ours_cost > 0' "$out/results.json"
  grep -q '^W2 ' "$out/table.txt"
}
