#pragma once

#include <armadillo>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../grader/exercise.hpp"

// What the reference solutions share: random inputs that a seed fixes, and checks put together.
namespace taller {

// Numbers that depend on the seed and the check alone, on every machine.
class Random {
 public:
  Random(std::int64_t seed, std::string_view check);
  double number(double low, double high);
  arma::mat matrix(arma::uword rows, arma::uword cols, double low = -1, double high = 1);
  arma::mat labels(arma::uword rows,
                   arma::uword cols);  // 0 and 1, more than one of the first, at least one of each

 private:
  std::mt19937_64 engine_;
};

inline arma::mat scalar(double value) { return arma::mat(1, 1, arma::fill::value(value)); }

// A misconception: its name, the diagnosis, and what it gives for one output.
struct Slip {
  const char* name;
  const char* says;
};

// Adds a right answer; the first one has the shapes.
void right(Check& check, Matrices values);

// Adds what a misconception gives, unless that is right here too (1/m doesn't matter for one record).
void wrong(Check& check, const Slip& slip, Matrices values);

// Makes a check judge the shape alone: misconceptions that give the right shape play no part.
void only_shape(Check& check);

// Central differences of a cost, over every element. → the shape of `at`
template <class Cost>
arma::mat differences(Cost cost, arma::mat at)
{
  constexpr double step = 1e-5;
  arma::mat slope(arma::size(at));
  for (arma::uword i = 0; i < at.n_elem; ++i) {
    const double here = at(i);
    at(i) = here + step;
    const double above = cost(at);
    at(i) = here - step;
    slope(i) = (above - cost(at)) / (2 * step);
    at(i) = here;
  }
  return slope;
}

Exercise exercise_01(std::int64_t seed);
Exercise exercise_05a(std::int64_t seed);
Exercise exercise_05b(std::int64_t seed);

}  // namespace taller
