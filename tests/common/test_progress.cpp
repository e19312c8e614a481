#include "nn/progress.hpp"
#include "support.hpp"

TEST_CASE("a progress bar shows the part done and the time left")
{
  CHECK(nn::Progress::bar("epochs", 5, 20, 3) == "epochs ━━━━━───────────────  25 %  9 s left");
  CHECK(nn::Progress::bar("epochs", 20, 20, 3) == "epochs ━━━━━━━━━━━━━━━━━━━━ 100 %  0 s left");
  CHECK(nn::Progress::bar("", 0, 0, 1).ends_with("100 %  0 s left"));
  CHECK(nn::Progress::bar("", 30, 20, 1).ends_with("100 %  0 s left"));
}
