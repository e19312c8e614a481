#include "nn/convolution.hpp"
#include "nn/file.hpp"
#include "nn/saving.hpp"
#include "support.hpp"

using arma::fmat;

TEST_CASE("matrices come back from an HDF5 file as they went")
{
  const Folder folder;
  const nn::Matrices matrices = {{"W", fmat{{1, 2, 3}, {4, 5, 6}}}, {"layer1.b", arma::fvec{-0.5F, 1e-20F}}};
  nn::write_hdf5(folder / "two.h5", matrices);
  const nn::Matrices back = nn::read_hdf5(folder / "two.h5");
  REQUIRE(back.size() == 2);
  CHECK(arma::approx_equal(back.at("W"), matrices.at("W"), "absdiff", 0));
  CHECK(arma::approx_equal(back.at("layer1.b"), matrices.at("layer1.b"), "absdiff", 0));
  CHECK(nn::read_file(folder / "two.h5").substr(1, 3) == "HDF");
}

TEST_CASE("doubles come back from an HDF5 file as they went, and the same matrices make the same file")
{
  const Folder folder;
  const nn::MatricesOf<double> matrices = {{"pi", arma::mat{{arma::datum::pi, arma::datum::inf}}}};
  nn::write_hdf5(folder / "one.h5", matrices);
  CHECK(arma::all(arma::vectorise(nn::read_hdf5<double>(folder / "one.h5").at("pi") == matrices.at("pi"))));
  CHECK(nn::read_hdf5(folder / "one.h5").at("pi")(0) == float(arma::datum::pi));
  sleep(1);
  nn::write_hdf5(folder / "two.h5", matrices);
  CHECK(nn::read_file(folder / "two.h5") == nn::read_file(folder / "one.h5"));
}

TEST_CASE("an HDF5 file that is missing, cut or none is refused")
{
  const Folder folder;
  CHECK_ERROR(nn::read_hdf5(folder / "none.h5"), "none.h5: no such file");
  CHECK_ERROR(nn::read_hdf5(folder.file("text.h5", "not HDF5")),
              "text.h5: isn't an HDF5 file, or is damaged");
  nn::write_hdf5(folder / "whole.h5", {{"W", fmat(50, 50, arma::fill::ones)}});
  const std::string whole = nn::read_file(folder / "whole.h5");
  CHECK_ERROR(nn::read_hdf5(folder.file("cut.h5", whole.substr(0, 5000))),
              "cut.h5: isn't an HDF5 file, or is damaged");
  CHECK_ERROR(nn::write_hdf5(folder / "no/folder.h5", {{"W", fmat(1, 1)}}), "folder.h5: cannot write");
}

TEST_CASE("a network takes the parameters of another of the same build, and of no other")
{
  arma::arma_rng::set_seed(1);
  const auto build = [](arma::uword units) {
    const nn::Conv2d<fmat> conv({4, 4}, 2, {3}, nn::Activation::relu);
    return nn::ConvNet<fmat>(
        {conv, nn::MaxPool<fmat>(conv.output, {2, 2}), nn::Dense<fmat>(2, units, nn::Activation::identity)});
  };
  nn::ConvNet<fmat> one = build(3), two = build(3), other = build(4);
  const fmat X(16, 5, arma::fill::randn);
  const fmat before = two.forward(X);
  CHECK_ERROR(nn::set_parameters(two, nn::parameters(other)), "layer3.W is 4×2, expected 3×2");
  CHECK(arma::approx_equal(two.forward(X), before, "absdiff", 0));
  nn::Matrices kept = nn::parameters(one);
  kept["side"] = fmat{4};
  nn::set_parameters(two, kept);
  CHECK(arma::approx_equal(two.forward(X), one.forward(X), "absdiff", 0));
  kept.erase("layer1.b");
  CHECK_ERROR(nn::set_parameters(two, kept), "parameters of another network: no layer1.b among them");
  kept = nn::parameters(one);
  kept["layer4.W"] = fmat{1};
  CHECK_ERROR(nn::set_parameters(two, kept), "parameters of another network: layer4.W isn't in this one");
}
