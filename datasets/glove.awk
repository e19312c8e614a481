# The 20 000 most frequent words of a wink-nlp embeddings file, one per line: the word and its 100 numbers.
#
# The file is a single line of JSON: {…,"words":[…],"vectors":{"the":[102 numbers],",":[102 numbers],…},…}, the words by
# falling frequency. The 102 numbers are the vector, its length and the word's rank from 0. Cut at each `],` a record is
# one word, so nothing but that word is ever in memory, and reading stops long before the end.
BEGIN { RS = "\\],"; want = 20000 }

NR == 1 { next }                                   # all before "vectors"
NR == 2 { sub(/^"vectors":[{]/, "") }

{
  at = match($0, /":\[[^"]*$/)
  word = substr($0, 2, at - 2)
  gsub(/\\"/, "\"", word); gsub(/\\\\/, "\\", word)
  n = split(substr($0, at + 3), x, ",")
  if (!at || n != 102 || x[102] != rows) { print "word " rows + 1 " isn't as expected" > "/dev/stderr"; exit 1 }
  line = word
  for (i = 1; i <= 100; i++) line = line " " x[i]
  print line
  if (++rows == want) exit
}

END { if (rows != want) { print "found " rows + 0 " words, expected " want > "/dev/stderr"; exit 1 } }
