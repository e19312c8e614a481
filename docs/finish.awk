# The last touch to a page, after Doxygen:
#   - the title is the page's one <h1>, its sections are <h2> and <h3>
#   - a chapter has its navigation and the words "Chapter NN" above the title
#   - a formula cited in a comment of the code, // (1.3), leads to the formula
#
#   awk -v head=FILE -v tags=FILE -f finish.awk chapter-01.html > finished.html

BEGIN {
  while ((getline line < head) > 0) above = above line
  while ((getline line < tags) > 0) { split(line, part, "\t"); chapter[part[3]] = part[1] }
}

/^<div class="textblock"><p ?><a class="anchor" id="md_[^"]*"><\/a> *<\/p>$/ { print "<div class=\"textblock\">"; next }

{ gsub(/<h2>/, "<h3>"); gsub(/<\/h2>/, "</h3>"); gsub(/<h1>/, "<h2>"); gsub(/<\/h1>/, "</h2>") }

/<div class="headertitle"><div class="title">/ {
  sub(/<div class="title">/, "<h1 class=\"title\">"); sub(/<\/div><\/div>/, "</h1></div>")
  match($0, /<div class="headertitle">/)
  $0 = substr($0, 1, RSTART + RLENGTH - 1) above substr($0, RSTART + RLENGTH)
}

/<span class="comment">/ {
  done = ""
  while (match($0, /<span class="comment">[^<]*<\/span>/)) {
    comment = substr($0, RSTART, RLENGTH); done = done substr($0, 1, RSTART - 1)
    $0 = substr($0, RSTART + RLENGTH)
    done = done linked(comment)
  }
  $0 = done $0
}

{ print }

function linked(s,   done, tag, place) {
  while (match(s, /\([1-9][0-9]?\.[1-9][0-9]*[a-z]?\)/)) {
    tag = place = substr(s, RSTART + 1, RLENGTH - 2)
    gsub(/\./, "-", place)
    done = done substr(s, 1, RSTART - 1)
    if (tag in chapter) done = done "<a class=\"formula\" href=\"chapter-" chapter[tag] ".html#formula-" place "\">(" tag ")</a>"
    else done = done "(" tag ")"
    s = substr(s, RSTART + RLENGTH)
  }
  return done s
}
