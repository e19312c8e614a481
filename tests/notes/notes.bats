#!/usr/bin/env bats
# The pipeline of the notes on a course of two small chapters: what it makes, and each mistake it must find.

setup_file() {
  export ROOT=$BATS_FILE_TMPDIR/course RUN=$BATS_FILE_TMPDIR/run HTML=$BATS_FILE_TMPDIR/html
  local here
  here=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  mkdir -p "$ROOT/chapters/01-line" "$ROOT/chapters/02-step" "$ROOT/common/nn" "$RUN/01-line" "$RUN/02-step" "$RUN"/{errata,gpu,speed,bench,growth}
  cp -r "$here/docs" "$ROOT/docs"
  # The pages may cite formulas of chapters that this course hasn't got.
  sed -i -E 's/\(([0-9]+\.[0-9]+)\)/\1/g' "$ROOT"/docs/pages/*.md
  cp "$here/tests/notes/check" "$ROOT/check"
  cat > "$ROOT/common/nn/twice.hpp" << 'EOF'
#pragma once
namespace nn {
/// Doubles.
/// @param x any number
/// @return 2x
double twice(double x);
}  // namespace nn
EOF
  cat > "$ROOT/chapters/01-line/line.cpp" << 'EOF'
/// # The line
///
/// We fit a line to
/// points.

#include "nn/twice.hpp"

/// ## The model
///
/// A line has a slope:
/// \f[ h(x) = \theta x \tag{1.1} \f]
/// By (1.1) ours is {{line.slope|%.2f}}, that is \f$\theta = {{line.slope|%.1f}}\f$, after {{line.steps|%d}} steps,
/// off by {{line.error|%.1e}}.
double model(double x)
{
  return nn::twice(x);  // (1.1)
}

void curve(Chapter& chapter)
{
  chapter.experiment("curve", "A curve");
}

/// ![A curve of \f$h\f$,
/// by (1.1).](curve.svg)
///
/// ![A neuron.](neuron.svg)
int main() {}
EOF
  cat > "$ROOT/chapters/02-step/step.cpp" << 'EOF'
/// # The step
///
/// It answers yes or no.
///
/// ## Builds on
///
/// It cuts the line (1.1) of chapter 01.
int main() {}
EOF
  cat > "$ROOT/docs/pages/errata.md" << 'EOF'
# Errata {#errata}

In numbers: the slope of chapter 01 is {{01.line.slope|%.2f}}
by (1.1), \f$\theta = {{01.line.slope|%.1f}}\f$; the sign that got lost is {{errata.sign.lost|%d}}, and its square
{{errata.sign.squared|%d}}. That is no list.
EOF
  local svg='<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9"/></svg>'
  echo "$svg" > "$ROOT/chapters/01-line/neuron.svg"
  echo "$svg" > "$RUN/01-line/curve.svg"
  printf 'slope <b> & @param \\f$ 2.50\n' > "$RUN/01-line/curve.txt"
  cat > "$RUN/01-line/results.json" << 'EOF'
{"chapter": "01-line", "options": {"quick": false, "seed": 1, "threads": 1, "device": "cpu"},
 "data": ["points.csv, 3 rows"], "numbers": {"line": {"slope": -2.5, "steps": 12, "error": 1.2e-9}},
 "figures": ["curve.svg"], "experiments": ["curve"]}
EOF
  cat > "$RUN/02-step/results.json" << 'EOF'
{"chapter": "02-step", "options": {"quick": true, "seed": 1, "threads": 1, "device": "cpu"},
 "data": [], "numbers": {}, "figures": [], "experiments": []}
EOF
  jq '.numbers = {"sign": {"lost": -1, "squared": 1}}' "$RUN/02-step/results.json" > "$RUN/errata/results.json"
  cp "$RUN/02-step/results.json" "$RUN/gpu/"
  echo 'not measured' | tee "$RUN/bench/machine.txt" > "$RUN/bench/table.txt"
  cp "$here"/docs/no-bench/{growth.txt,results.json} "$RUN/growth/"
  echo 'a <fast> device' | tee "$RUN/gpu/device.txt" "$RUN/gpu/calls.txt" > "$RUN/gpu/widths.txt"
  echo 'the <best> there is' | tee "$RUN/speed/ceiling.txt" > "$RUN/speed/gains.txt"
  sed -n 's/{{speed\.\([a-z_]*\)\.\([a-z_]*\)[|}]/\n@ \1 \2\n/gp' "$ROOT/docs/pages/speed.md" | grep '^@' | jq -R 'split(" ")[1:]' |
    jq -s --slurpfile run "$RUN/02-step/results.json" \
      'reduce .[] as $key ($run[0]; .numbers[$key[0]][$key[1]] = 2)' > "$RUN/speed/results.json"
  "$ROOT/docs/build" "$RUN" "$HTML"
}

# A fresh copy of the good course to spoil.
setup() {
  cd "$BATS_TEST_TMPDIR"
  cp -r "$ROOT" course
  cp -r "$RUN" run
  line=course/chapters/01-line/line.cpp
}

build() { course/docs/build run "${1:-html}"; }

# fails_with TEXT: the build fails, says so in a line `error: TEXT...`, and leaves nothing behind.
fails_with() {
  run build
  [ "$status" -eq 1 ] || { echo "status $status: $output"; false; }
  [[ $output == *"error: $1"* ]] || { echo "$output"; false; }
  [ "$(grep -c '^error: ' <<< "$output")" -eq "${#lines[@]}" ] || { echo "$output"; false; }
  [ ! -e html ]
  [ -z "$(find . -maxdepth 1 -name '.notes.*')" ]
}

# --- what a good build makes ------------------------------------------------------------------------------------------

@test "a good course passes the check" {
  run "$ROOT/check" "$HTML"
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output == *"2 chapters"* ]]
}

@test "numbers of the run stand in prose and in formulas" {
  grep -q 'ours is −2.50, that is \\(\\theta = -2.5\\), after 12 steps' "$HTML/chapter-01.html"
  grep -q '1.2 · 10<sup>−9</sup>' "$HTML/chapter-01.html"
}

@test "pages that are no chapter have numbers and links too" {
  grep -q 'slope of <a [^>]*href="chapter-01.html">chapter 01</a> is −2.50 by <a [^>]*href="chapter-01.html#formula-1-1">(1.1)</a>, \\(\\theta = -2.5\\); the sign that got lost is −1, and its square 1. That is no list' \
    <(tr '\n' ' ' < "$HTML/errata.html")
}

@test "recorded output is escaped and stands apart from listings" {
  grep -q '<pre>slope &lt;b&gt; &amp; &#64;param &#92;f$ 2.50</pre>' "$HTML/chapter-01.html"
}

@test "listings lead to the reference and to the formulas, prose to both chapters" {
  grep -q 'href="namespacenn.html#[^"]*">nn::twice</a>' "$HTML/chapter-01.html"
  grep -q 'class="formula" href="chapter-01.html#formula-1-1">(1.1)</a>' "$HTML/chapter-01.html"
  grep -q 'href="chapter-01.html#formula-1-1">(1.1)</a> of <a [^>]*href="chapter-01.html">chapter 01</a>' "$HTML/chapter-02.html"
}

@test "figures come from the run and from the chapter's folder" {
  [ -s "$HTML/figures/01-line/curve.svg" ]
  [ -s "$HTML/figures/01-line/neuron.svg" ]
  grep -q 'alt="A curve of h, by (1.1)."' "$HTML/chapter-01.html"
}

@test "the map lists the chapters with their leads" {
  grep -q 'chapter-01.html">The line</a>' "$HTML/index.html"
  grep -q 'We fit a line to points' "$HTML/index.html"
}

@test "the page says how its run is made again" {
  grep -q './course run 02 --quick --seed 1<' "$HTML/chapter-02.html"
}

@test "no page tells where it was built" {
  ! grep -rlF "$BATS_FILE_TMPDIR" "$HTML"
}

@test "the same input gives the same notes, and replaces the old ones" {
  build html
  build html
  diff -r html "$HTML"
}

# --- mistakes in a chapter --------------------------------------------------------------------------------------------

@test "unknown number" {
  sed -i 's/{{line.steps|%d}}/{{line.stesp|%d}}/' "$line"
  fails_with "chapters/01-line/line.cpp:12: number line.stesp is not in the results"
}

@test "a fraction is no whole number" {
  sed -i 's/{{line.steps|%d}}/{{line.slope|%d}}/' "$line"
  fails_with "chapters/01-line/line.cpp:12: number line.slope is -2.5, expected a whole number"
}

@test "unknown format" {
  sed -i 's/{{line.steps|%d}}/{{line.steps|%q}}/' "$line"
  fails_with "chapters/01-line/line.cpp:12: format %q of line.steps is not known"
}

@test "missing figure" {
  sed -i 's/(neuron.svg)/(nuron.svg)/' "$line"
  fails_with "chapters/01-line/line.cpp:27: figure nuron.svg not found"
}

@test "figure drawn by the run and not shown" {
  cp run/01-line/curve.svg run/01-line/late.svg
  sed -i 's/"curve.svg"/&, "late.svg"/' run/01-line/results.json
  fails_with "chapters/01-line/line.cpp: figure late.svg was drawn by the run and is not on the page"
}

@test "figure without an end" {
  sed -i 's/](neuron.svg)/](neuron.svg/' "$line"
  fails_with "chapters/01-line/line.cpp:27: found a figure without an end"
}

@test "experiment without output" {
  rm run/01-line/curve.txt
  fails_with "chapters/01-line/line.cpp:21: experiment curve has no output"
}

@test "experiment of the run that the page doesn't have" {
  sed -i 's/experiment("curve"/experiments("curve"/' "$line"
  fails_with "chapters/01-line/line.cpp: experiment curve was run and is not on the page"
}

@test "formula cited in prose and not defined" {
  sed -i 's/By (1.1)/By (1.7)/' "$line"
  fails_with "chapters/01-line/line.cpp:12: formula (1.7) is cited, expected one \\tag{1.7} in chapter 01, found none"
}

@test "formula cited in code and not defined" {
  sed -i 's|// (1.1)|// (1.8)|' "$line"
  fails_with "chapters/01-line/line.cpp:16: formula (1.8) is cited"
}

@test "formula of another chapter that it doesn't have" {
  sed -i 's/the line (1.1)/the line (1.2)/' course/chapters/02-step/step.cpp
  fails_with "chapters/02-step/step.cpp:7: formula (1.2) is cited"
}

@test "formula defined twice" {
  sed -i '11a /// \\f[ x \\tag{1.1} \\f]' "$line"
  fails_with "chapters/01-line/line.cpp:12: formula (1.1) is defined twice, first at line 11"
}

@test "formula with another chapter's number" {
  sed -i 's/tag{1.1}/tag{3.1}/' "$line"
  fails_with 'chapters/01-line/line.cpp:11: found \tag{3.1}, expected \tag{1.1}'
}

@test "formula without its end" {
  sed -i 's/|%.1f}}\\f\$/|%.1f}}/' "$line"
  fails_with "chapters/01-line/line.cpp:12: found a formula without its end"
}

@test "no title" {
  sed -i '1d' "$line"
  fails_with "chapters/01-line/line.cpp:2: found \`We fit a line to\`, expected the title"
}

@test "no lead" {
  sed -i '3,4d' "$line"
  fails_with "chapters/01-line/line.cpp:1: no paragraph follows the title"
}

@test "what Doxygen warns of is found in the chapter" {
  sed -i 's/^\/\/\/ A line has/\/\/\/ A \\slope line has/' "$line"
  fails_with "chapters/01-line/line.cpp:10: Found unknown command"
}

@test "undocumented parameter in common" {
  sed -i '/@param/d' course/common/nn/twice.hpp
  fails_with "common/nn/twice.hpp:"
}

# --- mistakes in a page that is no chapter ------------------------------------------------------------------------------

@test "unknown number in a page" {
  sed -i 's/{{01.line.slope|%.2f}}/{{01.line.slpoe|%.2f}}/' course/docs/pages/errata.md
  fails_with "docs/pages/errata.md:3: number 01.line.slpoe is not in the results"
}

@test "unknown number of the errata" {
  sed -i 's/{{errata.sign.lost|%d}}/{{errata.sign.found|%d}}/' course/docs/pages/errata.md
  fails_with "docs/pages/errata.md:4: number errata.sign.found is not in the results"
}

@test "number of an unknown run in a page" {
  sed -i 's/{{01.line.slope|%.2f}}/{{line.slope|%.2f}}/' course/docs/pages/errata.md
  fails_with "docs/pages/errata.md:3: number line.slope is not in the results"
}

@test "formula without its end in a page" {
  sed -i 's/\\f\$; the/; the/' course/docs/pages/errata.md
  fails_with "docs/pages/errata.md:4: found a formula without its end"
}

# --- mistakes in a run --------------------------------------------------------------------------------------------------

@test "missing results" {
  rm run/02-step/results.json
  fails_with "run/02-step/results.json: not there, expected what ./course run 02 writes"
}

@test "the page on GPUs has the output of its program, which must be there" {
  [ "$(grep -c 'a &lt;fast&gt; device' "$HTML/gpu.html")" -eq 3 ]
  rm run/gpu/calls.txt
  fails_with "docs/pages/gpu.md: there is no output of gpu/calls, expected run/gpu/calls.txt"
}

@test "the page on speed has the numbers and the output of its program" {
  [ "$(grep -c 'the &lt;best&gt; there is' "$HTML/speed.html")" -eq 2 ]
  jq 'del(.numbers.exp.gain)' "$RUN/speed/results.json" > run/speed/results.json
  local line
  line=$(grep -n -m1 'speed\.exp\.gain' course/docs/pages/speed.md | cut -d: -f1)
  fails_with "docs/pages/speed.md:$line: number speed.exp.gain is not in the results"
}

@test "every page stands in the sidebar" {
  local page title
  for page in "$ROOT"/docs/pages/*.md; do
    [ "$(basename "$page")" = main.md ] && continue
    title=$(sed -n '1s/^# \(.*\) {#.*/\1/p' "$page")
    grep -q "\"$title\"" "$HTML/navtreedata.js" || { echo "$page isn't there"; false; }
  done
}

@test "missing results of the errata" {
  rm run/errata/results.json
  fails_with "run/errata/results.json: not there, expected what ./course notes writes"
}

@test "cut results" {
  head -c 90 "$RUN/01-line/results.json" > run/01-line/results.json
  fails_with "run/01-line/results.json: malformed"
}

@test "a failed build leaves the earlier notes alone" {
  cp -r "$HTML" html
  rm run/02-step/results.json
  run build
  [ "$status" -eq 1 ]
  diff -r html "$HTML"
}

@test "a folder that isn't notes is not replaced" {
  mkdir html && echo precious > html/thesis.txt
  run build
  [ "$status" -eq 1 ]
  [[ $output == "error: html: is not a folder of notes"* ]]
  [ "$(cat html/thesis.txt)" = precious ]
}

@test "an interrupted build leaves nothing behind" {
  mkdir bin
  printf '#!/bin/sh\ntouch "%s/reached"\nexec sleep 5\n' "$PWD" > bin/doxygen
  chmod +x bin/doxygen
  PATH=$PWD/bin:$PATH setsid bash -c 'echo $$ > pid; exec course/docs/build run html' 3>&- &
  for _ in $(seq 100); do [ -e reached ] && break; sleep 0.1; done
  [ -e reached ]
  kill -TERM -- "-$(cat pid)"
  wait $! || true
  [ ! -e html ]
  [ -z "$(find . -maxdepth 1 -name '.notes.*')" ]
}

# --- mistakes that the check finds in built pages ------------------------------------------------------------------------

# check_fails_with TEXT
check_fails_with() {
  run "$ROOT/check" html
  [ "$status" -eq 1 ] || { echo "status $status: $output"; false; }
  [[ $output == *"$1"* ]] || { echo "$output"; false; }
}

@test "check: dead link" {
  cp -r "$HTML" html
  sed -i 's/href="chapter-02.html"/href="chapter-20.html"/' html/chapter-01.html
  check_fails_with "error: chapter-01.html: link to chapter-20.html leads nowhere"
}

@test "check: broken anchor" {
  cp -r "$HTML" html
  sed -i 's/id="formula-1-1"/id="formula-1-9"/' html/chapter-01.html
  check_fails_with 'error: chapter-02.html: anchor chapter-01.html#formula-1-1 leads nowhere'
}

@test "check: missing image" {
  cp -r "$HTML" html
  rm html/figures/01-line/neuron.svg
  check_fails_with "image figures/01-line/neuron.svg leads nowhere"
}

@test "check: empty image" {
  cp -r "$HTML" html
  : > html/figures/01-line/curve.svg
  check_fails_with "image figures/01-line/curve.svg is empty"
}

@test "check: part of the page missing" {
  cp -r "$HTML" html
  sed -i 's/class="lead"/class="led"/' html/chapter-02.html
  check_fails_with 'error: chapter-02.html: has no lead'
}

@test "check: broken formula" {
  command -v chromium > /dev/null || skip "chromium not installed"
  cp -r "$HTML" html
  sed -i 's/h(x) = \\theta x/h(x) = \\tehta{ x/' html/chapter-01.html
  check_fails_with "error: chapter-01.html: formula with an error"
}

@test "check: formula whose number stands outside of the text" {
  command -v chromium > /dev/null || skip "chromium not installed"
  cp -r "$HTML" html
  sed -i 's/h(x) = \\theta x/h(x) = \\hspace{60em} x/' html/chapter-01.html
  check_fails_with "error: chapter-01.html: formula wider than the text: h(x)"
}

@test "check: formula left raw" {
  command -v chromium > /dev/null || skip "chromium not installed"
  cp -r "$HTML" html
  sed -i 's/A line has a slope:/& \\f$x\\f$/' html/chapter-01.html
  check_fails_with 'error: chapter-01.html: raw formula in the text'
}

@test "check: MathJax missing" {
  command -v chromium > /dev/null || skip "chromium not installed"
  cp -r "$HTML" html
  rm html/mathjax/MathJax.js
  check_fails_with "error: chapter-01.html: MathJax did not load"
}

@test "check: error on the console" {
  command -v chromium > /dev/null || skip "chromium not installed"
  cp -r "$HTML" html
  sed -i 's|</body>|<script>nowhere()</script></body>|' html/chapter-01.html
  check_fails_with "error: chapter-01.html: on the console: \"Uncaught ReferenceError: nowhere is not defined\""
}

@test "check: without chromium it says what it skipped" {
  mkdir bin
  for tool in bash env awk sed grep find sort mktemp realpath rm cat wc; do ln -s "$(command -v $tool)" bin/; done
  PATH=$PWD/bin run "$ROOT/check" "$HTML"
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output == *"skipped: chromium not installed"* ]]
}
