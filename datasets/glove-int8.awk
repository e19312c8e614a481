# 2500 words of GloVe as small whole numbers: awk -v OFS=, -f glove-int8.awk opinions.csv ALL > glove.csv
#
# ALL is what glove.awk makes of the whole file, with `want = 341478` instead of 20 000. Kept are the English words of
# opinions.csv, and of the others the most frequent until there are 2500, by falling frequency. Only words of two letters or
# more: the file has no "i" and no "a". A number is a whole number from -127 to 127 times the scale of its word.
BEGIN { want = 2500 }

FNR == NR {
  if ($0 !~ /^en,/) next
  text = tolower($0)
  gsub(/n't/, " not", text)
  gsub(/[^a-z]+/, " ", text)
  n = split(text, words, " ")
  for (i = 4; i <= n; i++) if (length(words[i]) > 1) opinion[words[i]]  # the first three are the other columns
  next
}

FNR == 1 { for (word in opinion) missing++; header = "word,scale"; for (i = 1; i <= 100; i++) header = header ",x" i; print header }

$1 !~ /^[a-z][a-z]+$/ { next }
$1 in opinion { missing-- }
!($1 in opinion) && rows + missing >= want { next }
{
  largest = 0
  for (i = 2; i <= 101; i++) { size = $i < 0 ? -$i : $i; if (size > largest) largest = size }
  scale = sprintf("%.5g", largest / 127)
  line = $1 OFS scale
  for (i = 2; i <= 101; i++) line = line OFS sprintf("%.0f", $i / scale)
  print line
  if (++rows == want) exit
}

END { if (rows != want || missing) { print "found " rows + 0 " words, " missing + 0 " missing" > "/dev/stderr"; exit 1 } }
