#include "probe.hpp"
#define main main_of_the_student
#include "taller.hpp"
#undef main

namespace probe {
int serve_01()
{
  With<Mat, Mat, Mat>::add("costo", PROBE_CALL(costo), one_number);
  With<Mat, Mat, Mat>::add("gradiente", PROBE_CALL(gradiente), one_matrix);
  With<Mat, Mat, Mat, Number, Count>::add("descensoGradiente", PROBE_CALL(descensoGradiente), one_matrix);
  return serve();
}
}  // namespace probe

int main() { return probe::serve_01(); }
