#include "probe.hpp"
#define main main_of_the_student
#include "taller.hpp"
#undef main

namespace probe {
int serve_05a()
{
  With<Mat, Mat, Mat, Mat, Mat>::add("feedForward", PROBE_CALL(feedForward), PROBE_MEMBERS(r.a1, r.a2));
  With<Mat, Mat>::add("costoGlobal", PROBE_CALL(costoGlobal), one_number);
  return serve();
}
}  // namespace probe

int main() { return probe::serve_05a(); }
