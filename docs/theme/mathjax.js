MathJax.Hub.Config({
  showMathMenu: false,
  messageStyle: "none",
  SVG: { mtextFontInherit: false },
  TeX: { TagSide: "right", TagIndent: "0.2em" }
});
// A formula's number stands at the right edge of the text, so a page that gets wider or narrower needs new formulas.
MathJax.Hub.Register.StartupHook("End", function () {
  var text = document.querySelector(".textblock"), width = text ? text.clientWidth : 0, waiting;
  window.addEventListener("resize", function () {
    clearTimeout(waiting);
    waiting = setTimeout(function () {
      if (!text || text.clientWidth === width) return;
      width = text.clientWidth;
      MathJax.Hub.Queue(["Rerender", MathJax.Hub]);
    }, 200);
  });
});
