# The chapter programs on bad input: one line on standard error, a non-zero status, nothing half-written.
bats_require_minimum_version 1.5.0

setup() {
  : "${BUILD:=$BATS_TEST_DIRNAME/../../build/default}"
  line=$BUILD/linear-regression
  perceptron=$BUILD/perceptron
  out=$BATS_TEST_TMPDIR/out
}

# fails STATUS TEXT COMMAND...: it ends with the status and says one line that contains the text.
fails() {
  local status_wanted=$1 text=$2
  shift 2
  run --separate-stderr -"$status_wanted" "$@"
  echo "it said: $stderr"
  [ "${#stderr_lines[@]}" -eq 1 ]
  [[ $stderr == "error: "*"$text"* ]]
}

nothing_unfinished() {
  [ -z "$(find "$out" -name '*.tmp')" ]
  for figure in "$out"/*.svg; do
    [ ! -e "$figure" ] || tail -n 2 "$figure" | grep -q '^</svg>'
  done
}

@test "--help shows every shared option" {
  run -0 "$line" --help
  [[ $output == "Linear regression by gradient descent"* ]]
  for option in --quick --seed --threads --device --out --help; do [[ $output == *"$option"* ]]; done
}

@test "an unknown option or a bad value is an error" {
  fails 1 "--colour" "$line" --colour red
  fails 1 "--seed" "$line" --seed many
  fails 1 "--threads" "$line" --threads 0
  fails 1 "--device tpu: expected cpu, gpu or gpu:N" "$line" --device tpu
}

@test "a device that isn't there is an error, before anything is computed" {
  mkdir "$BATS_TEST_TMPDIR/no-drivers"
  if ! grep -q gpu-tests "$BUILD/build.ninja"; then # a build without OpenCL
    fails 1 "this build has no GPU support, because OpenCL or CLBlast isn't installed: ./course setup --gpu" "$line" --device gpu
    fails 1 "this build has no GPU support" "$BUILD/common/devices"
  else
    fails 1 "there is no OpenCL device on this machine" env OCL_ICD_VENDORS="$BATS_TEST_TMPDIR/no-drivers" "$line" --device gpu
    fails 1 "--device gpu:99: there is no such device, ./course devices lists them" "$line" --device gpu:99
    fails 1 "there is no OpenCL device" env OCL_ICD_VENDORS="$BATS_TEST_TMPDIR/no-drivers" "$BUILD/common/devices"
    run -0 "$BUILD/common/devices"
    [[ $output == *"  cpu "*" GFLOP/s"*"  gpu:0 "*" GiB "*" GFLOP/s"* ]]
  fi
}

@test "an output folder that can't be made is named, and nothing is run" {
  touch "$BATS_TEST_TMPDIR/file"
  fails 1 "--out $BATS_TEST_TMPDIR/file/out: Not a directory" "$line" --out "$BATS_TEST_TMPDIR/file/out"
  fails 1 "--out /proc/none/out: " "$line" --out /proc/none/out
}

@test "a full disk is said, and leaves nothing half-written" {
  full() { # every write to a file fails; standard error goes through a pipe, which is none
    { (trap '' XFSZ && ulimit -f 0 && exec "$@") 2>&1 > /dev/null | cat >&2; } && return "${PIPESTATUS[0]}"
  }
  fails 1 "regression.txt: cannot write: File too large" full "$perceptron" --quick --out "$out"
  [ -z "$(ls -A "$out")" ]
}

@test "standard output that can't be written is an error" {
  to_full() { "$@" > /dev/full; }
  fails 1 "standard output can't be written" to_full "$perceptron" --quick --out "$out"
}

@test "without gnuplot the first figure says what to do" {
  fails 1 "gnuplot isn't installed, and figures need it: ./course setup" \
    env PATH="$BATS_TEST_TMPDIR" "$perceptron" --quick --out "$out"
  nothing_unfinished
}

@test "Ctrl-C leaves no broken file and no results of a run that did not end" {
  "$line" --out "$out" > /dev/null # an earlier run, whose results must not pass for those of a later one
  for delay in 0.02 0.04 0.06 0.08 0.1 0.12; do
    run timeout --signal=INT "$delay" "$line" --out "$out"
    echo "after $delay s: status $status"
    nothing_unfinished
    [ ! -e "$out/results.json" ] || [ -z "$(find "$out" -type f -newer "$out/results.json")" ] # not begun, or whole
  done
}

@test "a fetched data set that isn't there is named with the command; one that is cut or swapped is an error" {
  softmax=$BUILD/softmax-regression
  export COURSE_CACHE=$BATS_TEST_TMPDIR/cache
  run -0 "$softmax" --quick --out "$out"
  [[ $output == *"mnist isn't here: ./course data mnist fetches it"* ]]

  mkdir -p "$COURSE_CACHE/mnist"
  cd "$COURSE_CACHE/mnist"
  touch .recipe
  fails 1 "train-images-idx3-ubyte: no such file" "$softmax" --quick --out "$out"
  printf '\0\0\x08\x01\0\0\0\x01\x05' | tee train-images-idx3-ubyte > train-labels-idx1-ubyte
  fails 1 "train-images-idx3-ubyte: found IDX labels (magic number 2049), expected IDX images" "$softmax" --quick --out "$out"
  printf '\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x01\x05' > train-images-idx3-ubyte
  fails 1 "train-images-idx3-ubyte: found 1 bytes of data, expected 2×1×1" "$softmax" --quick --out "$out"
  printf '\x06' >> train-images-idx3-ubyte
  fails 1 "mnist, train: 1 labels for 2 images" "$softmax" --quick --out "$out"
}

@test "each experiment keeps its own text, and no colours" {
  run -0 "$perceptron" --quick --out "$out"
  [[ $output != *$'\033'* ]]
  [[ $(head -n 1 "$out/gates.txt") == AND* ]]
  [[ $(tail -n 1 "$out/xor.txt") == *"0" ]]
}

@test "the same seed gives the same numbers, another seed others" {
  for seed in 5 5 6; do
    "$line" --quick --seed $seed --out "$out" > /dev/null
    jq -c .numbers "$out/results.json" >> "$BATS_TEST_TMPDIR/numbers"
  done
  [ "$(sed -n 1p "$BATS_TEST_TMPDIR/numbers")" = "$(sed -n 2p "$BATS_TEST_TMPDIR/numbers")" ]
  [ "$(sed -n 1p "$BATS_TEST_TMPDIR/numbers")" != "$(sed -n 3p "$BATS_TEST_TMPDIR/numbers")" ]
}

@test "a kept network reads a drawing, says what it did to it, and leaves the results of the run alone" {
  convolutional=$BUILD/convolutional-networks
  cd "$BATS_TEST_TMPDIR"
  printf 'P2 4 4 9\n9 9 9 9\n9 0 9 9\n9 0 9 9\n9 9 9 9\n' > one.pgm
  fails 1 "no network has been trained here yet: ./course run 07 trains one" "$convolutional" --predict one.pgm --out "$out"
  COURSE_CACHE=$BATS_TEST_TMPDIR/none "$convolutional" --quick --out "$out" > /dev/null
  before=$(sha256sum "$out"/*)
  run -0 "$convolutional" --predict one.pgm --out "$out"
  [[ $output == *"one.pgm: 4×4 pixels, cut to the ink and scaled to 8×8 in 8×8"* ]]
  [ "$(sha256sum "$out"/*)" = "$before" ]

  fails 1 "two.png: no such file" "$convolutional" --predict two.png --out "$out"
  echo "no picture" > text.png
  fails 1 "text.png: is no picture of a kind that we read, expected PNG or PGM" "$convolutional" --predict text.png --out "$out"
  echo "P2 2 1 9 9 9" > empty.pgm
  fails 1 "nothing is drawn" "$convolutional" --predict empty.pgm --out "$out"
  echo "not HDF5" > "$out/digits.h5"
  fails 1 "digits.h5: isn't an HDF5 file, or is damaged" "$convolutional" --predict one.pgm --out "$out"
  fails 1 "--fashion needs fashion-mnist: ./course data fashion-mnist" \
    env COURSE_CACHE="$BATS_TEST_TMPDIR/none" "$convolutional" --quick --fashion --out "$out"
}

# signalled SIGNAL TEXT FILE COMMAND...: gets the signal as soon as FILE contains TEXT. It says its status in `status`.
signalled() {
  local signal=$1 text=$2 file=$3
  shift 3
  rm -f "$BATS_TEST_TMPDIR/output"
  # Bash has what runs in the background ignore SIGINT.
  env --default-signal=INT,TERM "$@" > "$BATS_TEST_TMPDIR/output" 2> "$BATS_TEST_TMPDIR/error" &
  until grep -qs "$text" "$file"; do sleep 0.01; done
  kill "-$signal" $!
  status=0
  wait $! || status=$?
}

# idx PART K: 256·K images of 28×28 pixels without a meaning, and as many labels, as Fashion-MNIST has them.
idx() {
  local i
  { printf "\0\0\x08\x03\0\0\x0$2\0\0\0\0\x1c\0\0\0\x1c" && seq 1000000 | head -c $((256 * $2 * 784)); } > "$1-images-idx3-ubyte"
  { printf "\0\0\x08\x01\0\0\x0$2\0" && for ((i = 0; i < 128 * $2; ++i)); do printf '\x07\x02'; done; } > "$1-labels-idx1-ubyte"
}

@test "chapter 07: an interrupted training goes on to the results of an uninterrupted one" {
  export COURSE_CACHE=$BATS_TEST_TMPDIR/cache # training takes long enough to be interrupted
  mkdir -p "$COURSE_CACHE/fashion-mnist"
  (cd "$COURSE_CACHE/fashion-mnist" && touch .recipe && idx train 4 && idx t10k 1)
  convolutional=("$BUILD/convolutional-networks" --quick --fashion --threads 1 --out "$out")
  "${convolutional[@]}" > /dev/null
  mv "$out" "$BATS_TEST_TMPDIR/whole"

  for _ in {1..10}; do # between two trainings Ctrl-C ends the program as ever, without a word
    signalled INT HDF "$out/training.h5" "${convolutional[@]}"
    [ "$status" -eq 130 ]
    [ ! -e "$out/results.json" ]
    [ -s "$BATS_TEST_TMPDIR/error" ] && break
    rm "$out/training.h5"
  done
  [[ $(cat "$BATS_TEST_TMPDIR/error") == "error: interrupted in epoch "?" of 5, kept in "*"/training.h5; the same command with --resume goes on" ]]
  fails 1 "training.h5: holds another training: seed is" "${convolutional[@]}" --resume --seed 2
  for signal in INT TERM KILL; do # in the third training
    signalled $signal "two hidden layers" "$BATS_TEST_TMPDIR/output" "${convolutional[@]}" --resume
    [ "$status" -eq "$((128 + $(kill -l $signal)))" ]
  done
  "${convolutional[@]}" --resume > /dev/null
  cmp "$out/results.json" "$BATS_TEST_TMPDIR/whole/results.json"
  cmp "$out/fashion.h5" "$BATS_TEST_TMPDIR/whole/fashion.h5" # the weights
  [ ! -e "$out/training.h5" ]

  fails 1 "training.h5: no such file, so there is no interrupted training to go on with" "${convolutional[@]}" --resume
  cp "$out/fashion.h5" "$out/training.h5"
  fails 1 "training.h5: holds no training, expected one that was interrupted" "${convolutional[@]}" --resume
}

@test "chapter 08: --say answers in two languages, says who decided, and leaves an earlier run's results alone" {
  export COURSE_CACHE=$BATS_TEST_TMPDIR/no-cache
  mkdir "$out" && echo kept > "$out/results.json"
  run -0 "$BUILD/text-convolutions" --out "$out" --say "¡Excelente comida, muy RICA! Xyzzy."
  [[ $output == *"positive with probability"*"excelente"*"unknown: xyzzy"* ]]
  run -0 "$BUILD/text-convolutions" --out "$out" --say "A terrible film with an awful ending"
  [[ $output == *"negative with probability"*"terrible"* ]]
  run -0 "$BUILD/text-convolutions" --out "$out" --say "good $(printf 'film %.0s' {1..24})"
  [[ $output == *"only the first 24 words count"* ]]
  [ "$(cat "$out/results.json")" = kept ]
}

@test "chapter 08: a text without words, unknown words only, no UTF-8, broken word vectors" {
  export COURSE_CACHE=$BATS_TEST_TMPDIR/cache
  local text="$BUILD/text-convolutions"
  fails 1 "--say: the text has no word, expected a sentence" "$text" --out "$out" --say ""
  fails 1 "--say: the text has no word, expected a sentence" "$text" --out "$out" --say "¿¡… 🙂"
  fails 1 "--say: no word of 'xyzzy plugh' is known, expected at least one" "$text" --out "$out" --say "xyzzy plugh"
  fails 1 "expected UTF-8" "$text" --out "$out" --say $'caf\xe9'
  mkdir -p "$COURSE_CACHE/glove" && touch "$COURSE_CACHE/glove/.recipe"
  fails 1 "glove.20k.100d.txt: no such file" "$text" --out "$out" --say "good"
  printf 'the 1 2\n' > "$COURSE_CACHE/glove/glove.20k.100d.txt"
  fails 1 "line 1: 2 numbers for 'the', expected 100" "$text" --out "$out" --say "good"
  printf 'the 1 oops\n' > "$COURSE_CACHE/glove/glove.20k.100d.txt"
  fails 1 "line 1: number 2 of 'the' can't be read, expected a finite number" "$text" --out "$out" --say "good"
  : > "$COURSE_CACHE/glove/glove.20k.100d.txt"
  fails 1 "glove.20k.100d.txt: the file is empty" "$text" --out "$out" --say "good"
  mkdir -p "$COURSE_CACHE/fortunes-es" && touch "$COURSE_CACHE/fortunes-es/.recipe"
  printf 'caf\xe9\n' > "$COURSE_CACHE/fortunes-es/vida.fortunes"
  fails 1 "vida.fortunes: the text can't be read, expected UTF-8" "$text" --out "$out" --quick
}
