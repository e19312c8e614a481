# Turns one chapter program into its page of the notes.
#
#   awk -v source=chapters/01-name/name.cpp -v folder=01-name -v meta=DIR -v run=RUN/01-name \
#     -f words.awk -f page.awk name.cpp > page.md
#
# Lines that begin with /// are prose, all others are code (docs/VOICE.md has the rules of the mark-up).
# It reads, in DIR:     chapters (number, folder, title)   tags (number, source:line, tag), of every chapter
#                       tallers (number, id, title, statement): the exercises
#                       FOLDER.numbers  FOLDER.figures  FOLDER.experiments  FOLDER.run.html, from results.json
# It writes, in DIR:    FOLDER.lead   FOLDER.shown (figure files)   FOLDER.lines (page line -> source line)
# Every mistake is one line on stderr; the exit status is 1 when there was any.
# It keeps to what mawk knows. What a line of prose can hold is in words.awk.

BEGIN {
  FS = "\t"
  FENCE = "~~~~~~~~"
  number = substr(folder, 1, 2)
  page = "chapter-" number
  read_names(folder ".numbers")
  for (n in chapter_title) {
    if (n + 0 < number + 0 && n + 0 > previous + 0) previous = n
    if (n + 0 > number + 0 && (next_one == "" || n + 0 < next_one + 0)) next_one = n
  }
  while ((getline < (meta "/tallers")) > 0) if ($1 == number) exercise[++exercises] = "taller-" $2 ".html\t" $3 "\t" $2
  while ((getline < (meta "/" folder ".figures")) > 0) expected_figure[++expected_figures] = $1
  while ((getline < (meta "/" folder ".experiments")) > 0) expected_experiment[++expected_experiments] = $1
}

{ sub(/\r$/, ""); text[NR] = $0 }

# A blank line belongs to whatever stands above it.
/^\/\/\//           { kind[NR] = "prose"; if ($0 !~ /^\/\/\/( |$)/) fail(NR, "a space is missing after ///"); next }
/^[ \t]*$/          { kind[NR] = kind[NR - 1]; next }
                    { kind[NR] = "code" }

END {
  number_headings()
  begin_page()
  for (i = first; i <= NR; i = last + 1) {
    for (last = i; last < NR && kind[last + 1] == kind[i]; last++);
    if (kind[i] == "prose") prose_block(i, last); else code_block(i, last)
  }
  end_page()
  check_all_shown()
  exit errors > 0
}

# --- the page around the chapter -------------------------------------------------------------------------------------

# Title and lead come first; only // comments may stand above them.
function begin_page(   i, lead, start) {
  for (i = 1; i <= NR && kind[i] != "prose"; i++)
    if (text[i] !~ /^(\/\/.*|[ \t]*)$/) { fail(i, "code above the title, expected `/// # Title` first"); break }
  for (; i <= NR && words(i) == ""; i++);
  if (words(i) !~ /^# [^ ]/) { fail(i > NR ? NR : i, "found `" words(i) "`, expected the title, `/// # Title`"); i-- }
  title_line = i
  emit("# " substr(words(i), 3) " {#" page "}", i); emit("", i)
  for (i++; i <= NR && kind[i] == "prose" && words(i) == ""; i++);
  start = i
  for (; i <= NR && kind[i] == "prose" && words(i) != "" && words(i) !~ /^#/; i++) lead = lead (lead == "" ? "" : " ") words(i)
  if (lead == "") fail(title_line, "no paragraph follows the title, expected the lead, one sentence")
  lead = rendered(lead, start)
  raw_html("<div class=\"lead\">", start); emit(lead, start); raw_html("</div>", start)
  print lead > (meta "/" folder ".lead")
  contents()
  first = i
}

function end_page(   i, code, blank, lines, part) {
  if (exercises) {
    heading("Now you", "taller", NR)
    for (i = 1; i <= exercises; i++) {
      split(exercise[i], part, "\t")
      emit("- [" part[2] "](" part[1] "): write it yourself; `./course taller " part[3] "` grades it.", NR)
    }
    emit("", NR)
  }
  heading("The run behind this page", "run", NR)
  raw_html("<div class=\"run\">", NR)
  raw_file(meta "/" folder ".run.html")
  raw_html("</div>", NR)
  heading("The plain program", "plain-program", NR)
  for (i = 1; i <= NR; i++) if (kind[i] == "code") {
    if (text[i] ~ /^[ \t]*$/) { blank = 1; continue }
    if (i > 1 && kind[i - 1] == "prose") blank = 1
    if (blank && lines) code[++lines] = ""
    blank = 0
    code[++lines] = text[i]
  }
  emit("All of the code, without the words between: " lines " lines.", NR); emit("", NR)
  raw_html("<details class=\"plain-program\"><summary>Show the program</summary>", NR)
  emit(FENCE "{.cpp}", NR)
  for (i = 1; i <= lines; i++) emit(code[i], NR)
  emit(FENCE, NR)
  raw_html("</details>", NR)
  raw_html(navigation("bottom"), NR)
  # The head of the page stands above Doxygen's title; docs/finish.awk puts it there.
  print navigation("top") "<p class=\"overline\">Chapter " number "</p>" > (meta "/" page ".head")
}

function navigation(where,   html) {
  html = "<nav class=\"chapter-nav " where "\" aria-label=\"Chapters, " where "\">"
  if (previous != "") html = html neighbour(previous, "previous", "Previous") 
  else html = html "<a class=\"previous\" href=\"index.html\"><span>Up</span> The map of the course</a>"
  if (next_one != "") html = html neighbour(next_one, "next", "Next")
  else html = html "<a class=\"next\" href=\"index.html\"><span>Up</span> The map of the course</a>"
  return html "</nav>"
}

function neighbour(n, class, word) {
  return "<a class=\"" class "\" href=\"chapter-" n ".html\"><span>" word "</span> " n " " plain(chapter_title[n], 0) "</a>"
}

function contents(   i, html) {
  html = "<nav class=\"on-this-page\" aria-label=\"On this page\"><p class=\"heading\">On this page</p><ul>"
  for (i = 1; i <= NR; i++) if (i in id && words(i) ~ /^## /) html = html item(id[i], plain(substr(words(i), 4), i))
  if (exercises) html = html item(page "-taller", "Now you")
  html = html item(page "-run", "The run behind this page") item(page "-plain-program", "The plain program")
  raw_html(html "</ul></nav>", title_line)
}

function item(place, label) { return "<li><a href=\"#" place "\">" label "</a></li>" }

# Each ## and ### gets an address made of its words.
function number_headings(   i, slug, seen) {
  for (i = 1; i <= NR; i++) {
    if (kind[i] != "prose" || words(i) !~ /^##/) continue
    if (words(i) !~ /^###? [^ #]/) { fail(i, "found `" words(i) "`, expected a heading `## Title` or `### Title`"); continue }
    if (words(i) ~ /\\f|\{\{/) fail(i, "a heading carries no formula and no number of the run")
    slug = tolower(words(i)); gsub(/[^a-z0-9]+/, "-", slug); gsub(/^-|-$/, "", slug)
    id[i] = page "-" slug (seen[slug]++ ? "-" seen[slug] : "")
  }
}

# --- prose -----------------------------------------------------------------------------------------------------------

function words(i,   s) {
  if (kind[i] != "prose") return ""
  s = text[i]; sub(/^\/\/\/ ?/, "", s); sub(/[ \t]+$/, "", s)
  return s
}

function prose_block(from, to,   i) {
  for (i = from; i <= to; i++) {
    if (i in id) { end_formula(i); emit(words(i) " {#" id[i] "}", i) }
    else if (words(i) ~ /^# /) fail(i, "found a second title, expected `## Title`")
    else if (words(i) ~ /^!\[/) i = figure(i, to)
    else {
      if (words(i) == "" && math != "[") end_formula(i)
      emit(rendered(words(i), i), i)
    }
  }
  end_formula(to); emit("", to)
}

# ![caption, perhaps over several lines](file.svg) becomes a figure; gives the line it ends in.
function figure(from, to,   i, s, file, caption) {
  s = words(from)
  for (i = from; s !~ /\]\([^()]*\)$/ && i < to && words(i + 1) != ""; ) s = s " " words(++i)
  if (!match(s, /\]\([^()]*\)$/)) {
    fail(from, "found a figure without an end, expected `![caption](file.svg)` and nothing after it in the paragraph")
    return i
  }
  file = substr(s, RSTART + 2, RLENGTH - 3); caption = substr(s, 3, RSTART - 3)
  if (caption == "") fail(from, "figure " file " has no caption")
  if (exists(run "/" file)) print run "/" file "\t" file > (meta "/" folder ".shown")
  else if (exists(chapter_folder() "/" file)) print chapter_folder() "/" file "\t" file > (meta "/" folder ".shown")
  else fail(from, "figure " file " not found, expected it in the run or beside the chapter")
  shown[file] = 1
  file = "figures/" folder "/" file
  raw_html("<figure><a href=\"" file "\"><img src=\"" file "\" alt=\"" plain(caption, from) "\"/></a><figcaption>", from)
  emit(rendered(caption, from), from)
  raw_html("</figcaption></figure>", i)
  return i
}

function chapter_folder(   s) { s = source; sub(/\/[^\/]*$/, "", s); return s }

# Words without mark-up, for attributes and for the contents.
function plain(s, line) {
  s = rendered(s, line); end_formula(line)
  while (match(s, /\\ref [^ ]+ "[^"]*"/)) s = substr(s, 1, RSTART - 1) unquoted(substr(s, RSTART, RLENGTH)) substr(s, RSTART + RLENGTH)
  gsub(/\\f\$|\*\*|`/, "", s); gsub(/<\/?su[pb]>/, "", s)
  return escaped(s)
}

function unquoted(s) { sub(/^[^"]*"/, "", s); sub(/"$/, "", s); return s }

# --- code and what it printed ----------------------------------------------------------------------------------------

function code_block(from, to,   i, all, name) {
  while (from <= to && text[from] ~ /^[ \t]*$/) from++
  while (to >= from && text[to] ~ /^[ \t]*$/) to--
  if (from > to) return
  emit(FENCE "{.cpp}", from)
  for (i = from; i <= to; i++) { emit(text[i], i); check_comment(text[i], i) }
  emit(FENCE, to); emit("", to)
  for (i = from; i <= to; i++) {
    all = text[i]
    if (all ~ /\.experiment\([ \t]*$/) all = all text[i + 1]          # the call may break after its parenthesis
    if (all ~ /^[ \t]*\/\// || !match(all, /\.experiment\([ \t]*"[^"]*"/)) continue
    name = substr(all, RSTART, RLENGTH); sub(/^[^"]*"/, "", name); sub(/"$/, "", name)
    recorded(name, i)
  }
}

function check_comment(s, line,   token) {
  if (!match(s, /(^|[^:"])\/\//)) return
  s = substr(s, RSTART + RLENGTH)
  while (match(s, /(^|[^A-Za-z0-9_])\([1-9][0-9]?\.[1-9][0-9]*[a-z]?\)/)) {
    token = substr(s, RSTART, RLENGTH); sub(/^[^(]/, "", token)
    cited(token, line)
    s = substr(s, RSTART + RLENGTH)
  }
}

function recorded(name, line,   file, s, all) {
  file = run "/" name ".txt"
  printed[name] = 1
  if (!exists(file)) { fail(line, "experiment " name " has no output, expected " name ".txt in the run"); return }
  while ((getline s < file) > 0) all = all (all == "" ? "" : "\n") s
  close(file)
  if (all !~ /[^ \t\n]/) return
  gsub(/\033\[[0-9;]*[A-Za-z]/, "", all)
  raw_html("<div class=\"program-output\"><div class=\"label\">Output</div><pre>" escaped(all) "</pre></div>", line)
}

# --- at the end ------------------------------------------------------------------------------------------------------

function check_all_shown(   i) {
  for (i = 1; i <= expected_figures; i++) if (!(expected_figure[i] in shown))
    fail(0, "figure " expected_figure[i] " was drawn by the run and is not on the page, expected ![caption](" expected_figure[i] ")")
  for (i = 1; i <= expected_experiments; i++) if (!(expected_experiment[i] in printed))
    fail(0, "experiment " expected_experiment[i] " was run and is not on the page, expected .experiment(\"" expected_experiment[i] "\", ...)")
}

# --- small things ----------------------------------------------------------------------------------------------------

function heading(label, anchor_name, line) { emit("", line); emit("## " label " {#" page "-" anchor_name "}", line); emit("", line) }

function raw_html(html, line,   parts, n, i) {
  emit("\\htmlonly[block]", line)
  n = split(html, parts, "\n")
  for (i = 1; i <= n; i++) emit(parts[i], line)
  emit("\\endhtmlonly", line); emit("", line)
}

function raw_file(file,   s, all) {
  while ((getline s < file) > 0) all = all s "\n"
  close(file)
  raw_html(all, NR)
}

function emit(s, line) { print s; print line > (meta "/" folder ".lines") }

# Safe in HTML, and nothing in it is a command for Doxygen.
function escaped(s) {
  gsub(/&/, "\\&amp;", s); gsub(/</, "\\&lt;", s); gsub(/>/, "\\&gt;", s); gsub(/"/, "\\&quot;", s)
  gsub(/@/, "\\&#64;", s); gsub(/\\/, "\\&#92;", s)
  return s
}

function exists(file,   s, found) { found = (getline s < file) >= 0; close(file); return found }
