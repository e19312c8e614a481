# Turns a page of docs/pages into one for Doxygen: the same lines, with numbers and links in them.
#
#   awk -v source=docs/pages/errata.md -v meta=DIR -f words.awk -f text-page.awk errata.md > page.md
#
# It reads, in DIR, chapters and tags as page.awk does, and numbers: those of every run, the name of the run in front, as in
# {{05.six_steps.before|%.0e}}.

BEGIN { FS = "\t"; read_names("numbers") }

{ text[NR] = $0; kind[NR] = "prose" }

END {
  for (i = 1; i <= NR; i++) {
    if (text[i] == "" && math != "[") end_formula(i)
    print rendered(text[i], i)
  }
  end_formula(NR)
  exit errors > 0
}

function words(i) { return text[i] }
