# results.json -> what a page says about the run behind it, as HTML. Run with --arg number NN.
def cell: tostring | gsub("@"; "&#64;") | @html | gsub("&amp;#64;"; "&#64;") | gsub("\\\\"; "&#92;");

.options as $o
| ("./course run " + $number
   + (if $o.quick then " --quick" else "" end)
   + (if $o.seed then " --seed \($o.seed)" else "" end)
   + (if ($o.device // "cpu") != "cpu" then " --device \($o.device)" else "" end)) as $command
| "<p>The numbers, figures and output on this page come from one "
  + (if $o.quick then "<strong>quick</strong> " else "" end) + "run of the program. This makes it again:</p>",
  "<div class=\"fragment\"><div class=\"line\">\($command | cell)</div></div>",
  "<table class=\"markdownTable\"><tbody>",
  (if (.data | length) > 0 then "<tr><th>Data</th><td>" + (.data | map(cell) | join("<br/>")) + "</td></tr>" else empty end),
  ($o | to_entries[] | select(.key != "out")
    | "<tr><th>\(.key | (.[:1] | ascii_upcase) + .[1:] | cell)</th><td>"
      + (if .value == true then "yes" elif .value == false then "no" else .value | cell end) + "</td></tr>"),
  "</tbody></table>"
