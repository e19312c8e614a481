# What a line of words can hold: formulas, numbers of a run, citations of formulas and names of chapters. page.awk uses it for
# the prose of a chapter, text-page.awk for a page of docs/pages. They set meta and source, and give each line of prose by
# words(line), with kind[line] = "prose".

# The chapters, the formulas they number, and the numbers of the run: what a line can name.
function read_names(numbers) {
  while ((getline < (meta "/chapters")) > 0) chapter_title[$1] = $3
  while ((getline < (meta "/tags")) > 0) defined[$3]++
  while ((getline < (meta "/" numbers)) > 0) { value[$1] = $2; type[$1] = $3 }
}

# One pass from left to right over what means something: formulas, code spans, numbers of the run, citations and names
# of chapters. `math` and `span` carry over to the next line, since a formula may.
function rendered(s, line,   done, token, before, what) {
  while (match(s, /\\f[][$}{]|`+|\{\{|\([1-9][0-9]?\.[1-9][0-9]*[a-z]?\)|[Cc]hapter [0-9][0-9]/)) {
    token = substr(s, RSTART, RLENGTH)
    before = RSTART > 1 ? substr(s, RSTART - 1, 1) : ""
    done = done substr(s, 1, RSTART - 1); s = substr(s, RSTART + RLENGTH)
    if (token == "{{" && math != "" && s !~ /^[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]+(\|[^}]*)?\}\}/) ;   # LaTeX may group twice
    else if (token == "{{") {
      if (!match(s, /\}\}/)) { fail(line, "found {{ without }}, expected {{group.name}} or {{group.name|%.2f}}"); continue }
      what = substr(s, 1, RSTART - 1); s = substr(s, RSTART + 2)
      token = shown_number(what, line)
      if (done == "" && math == "" && s ~ /^\./) s = "\\" s   # else a line that begins with `2. ` is the item of a list
    }
    else if (token ~ /^`/) { if (math == "") span = span == "" ? token : (span == token ? "" : span) }
    else if (span != "") ;
    else if (token == "\\f$") { math = math == "" ? "$" : ""; math_line = line }
    else if (token == "\\f[" || token == "\\f{") { if (math == "") { math = "["; math_line = line; token = anchor(line) token } }
    else if (token == "\\f]" || token == "\\f}") math = ""
    else if (math != "") ;
    else if (token ~ /^\(/) { if (before !~ /[A-Za-z0-9_]/) token = citation(token, line) }
    else if (before != "[" && before !~ /[A-Za-z0-9_]/ && substr(token, 9) != number && substr(token, 9) in chapter_title)
      token = "\\ref chapter-" substr(token, 9) " \"" token "\""
    done = done token
  }
  return done s
}

function end_formula(line) {
  if (math != "") fail(math_line, "found a formula without its end, expected \\f" (math == "[" ? "]" : "$"))
  if (span != "") fail(line, "found a code span without its closing " span)
  math = span = ""
}

# A formula that carries a \tag gets an address, in front of it.
function anchor(from,   i, s, tag, found) {
  for (i = from; i <= NR && kind[i] == "prose"; i++) {
    s = words(i)
    while (match(s, /\\tag\{[^}]*\}/)) {
      tag = substr(s, RSTART + 5, RLENGTH - 6); gsub(/\./, "-", tag)
      found = found "\\anchor formula-" tag " "
      s = substr(s, RSTART + RLENGTH)
    }
    if (words(i) ~ /\\f[]}]/) break
  }
  return found
}

# (1.3) in prose becomes a link to the formula.
function citation(token, line,   tag, place) {
  if (!cited(token, line)) return token
  tag = substr(token, 2, length(token) - 2); place = tag; gsub(/\./, "-", place)
  return "\\ref formula-" place " \"" token "\""
}

function cited(token, line,   tag) {
  tag = substr(token, 2, length(token) - 2)
  if (defined[tag] == 0) fail(line, "formula " token " is cited, expected one \\tag{" tag "} in chapter " sprintf("%02d", tag) ", found none")
  return defined[tag] > 0
}

# group.name or group.name|%.2f, printed as the run has it. In prose a minus is a minus and a power of ten is one.
function shown_number(what, line,   key, format, bar, s, mantissa, power) {
  bar = index(what, "|"); key = bar ? substr(what, 1, bar - 1) : what; format = bar ? substr(what, bar + 1) : ""
  if (!(key in value)) { fail(line, "number " key " is not in the results of the run, expected one of its keys"); return what }
  if (format == "") s = value[key]
  else {
    if (type[key] != "number") { fail(line, "number " key " is the " type[key] " " value[key] ", expected a number for " format); return what }
    if (format !~ /^%[-+ 0]*[0-9]*(\.[0-9]+)?[deEfgG]$/) { fail(line, "format " format " of " key " is not known, expected one as %.2f or %d"); return what }
    if (format ~ /d$/ && value[key] != int(value[key])) { fail(line, "number " key " is " value[key] ", expected a whole number for " format); return what }
    s = sprintf(format, value[key])
  }
  if (type[key] != "number" || span != "") return s
  if (match(s, /[eE][-+]?[0-9]+$/)) {
    mantissa = substr(s, 1, RSTART - 1); power = substr(s, RSTART + 1) + 0
    if (math != "") return mantissa " \\cdot 10^{" power "}"
    return minus(mantissa) " · 10<sup>" minus(power) "</sup>"
  }
  return math != "" ? s : minus(s)
}

function minus(s) { s = s ""; sub(/^-/, "−", s); return s }

function fail(line, message) {
  if (said[line, message]++) return          # a caption is read twice, for the page and for the image
  print "error: " source (line ? ":" line : "") ": " message > "/dev/stderr"
  errors++
}
