#pragma once

#include <armadillo>
#include <functional>

namespace nn {

/// Sets on how many threads the library works. BLAS itself keeps to one: the products of a small network are too short
/// for its threads, which wait for each other longer than they compute.
/// @param count at least 1
void use_threads(int count);

/// @return on how many threads the library works: 1 unless `use_threads` has said more
int threads();

/// Shares work out among the threads, in pieces of the same size, and waits for all of them.
/// @param n how many things there are to do
/// @param operations about how many multiplications that takes; where they are few one thread does it all
/// @param work does the things from `first` to before `last`, as the thread of this number; must not throw
void share_out(arma::uword n, double operations,
               const std::function<void(arma::uword first, arma::uword last, int thread)>& work);

}  // namespace nn
