#pragma once

#include <armadillo>
#include <functional>

namespace nn {

/// Sets on how many threads the library works. BLAS itself keeps to one: the products of a small network are too short
/// for its threads, which wait for each other longer than they compute. Memory that is freed is kept for the next step and
/// not handed back to the system, which would clear it each time.
/// @param count at least 1
void use_threads(int count);

/// @return on how many threads the library works: 1 unless `use_threads` has said more
int threads();

/// Shares work out among the threads and waits until it is done. It is cut into as many pieces as there are threads, always
/// the same ones, so that sums made piece by piece are the same in every run. A piece that shares out work in turn does
/// all of that itself.
/// @param n how many things there are to do
/// @param operations about how many multiplications that takes; where they are few there is one piece
/// @param work does the things from `first` to before `last`, which are the piece of this number
/// @throws whatever the first piece that fails has thrown, once none is at work
void share_out(arma::uword n, double operations,
               const std::function<void(arma::uword first, arma::uword last, int piece)>& work);

}  // namespace nn
