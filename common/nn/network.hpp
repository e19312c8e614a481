#pragma once

#include <fmt/core.h>

#include <cmath>
#include <concepts>
#include <utility>
#include <variant>
#include <vector>

#include "nn/activation.hpp"
#include "nn/error.hpp"
#include "nn/matrix.hpp"
#include "nn/product.hpp"

namespace nn {

/// Checks what a layer is given on the way back.
/// @param X what its `forward` was given
/// @param A what it answered
/// @param dA the gradient with respect to A
/// @throws Error when dA doesn't have the shape of A, or X not its number of samples
template <Matrix Mat>
void require_backward(const auto& X, const Mat& A, const Mat& dA)
{
  require_shape("dA", dA, A.n_rows, A.n_cols);
  if (X.n_cols != A.n_cols) {
    throw Error(fmt::format("X has {} samples, expected {}, as in the forward pass", X.n_cols, A.n_cols));
  }
}

/// Random small weights: normal with variance 1/n, or 2/n before a ReLU, so that the net inputs have about the spread of
/// the inputs.
/// Source: LeCun and others, *Efficient BackProp*, 1998; for ReLU, He and others, *Delving Deep into Rectifiers*, 2015.
/// @param units h
/// @param inputs n, of a unit
/// @param g the activation function after them
/// @return h×n
template <Matrix Mat>
Mat random_weights(arma::uword units, arma::uword inputs, Activation g)
{
  const bool rectifier = g == Activation::relu || g == Activation::leaky_relu;
  Mat W(units, inputs, arma::fill::randn);
  W *= Scalar<Mat>(std::sqrt((rectifier ? 2.0 : 1.0) / static_cast<double>(inputs)));
  return W;
}

/// A layer in which every unit sees every input: A = g(W·X + b), one sample a column. It is the fast form of what
/// chapter 05 writes out: one product for each pass, and the element-wise work in place.
/// Source: "Descenso de gradiente, ANN", slides *Feed Forward* and *Back-propagation*.
template <Matrix Mat>
struct Dense {
  Mat W;         ///< weights, h×n
  Mat b;         ///< biases, h×1
  Activation g;  ///< the activation function
  Mat A;         ///< activations of the last forward pass, h×m
  Mat dW;        ///< ∂J/∂W after a backward pass, h×n
  Mat db;        ///< ∂J/∂b after a backward pass, h×1

  /// Weights as `random_weights` draws them, and biases 0.
  /// @param inputs n, at least 1
  /// @param units h, at least 1
  /// @param activation g
  /// @throws Error when there are no inputs or no units
  Dense(arma::uword inputs, arma::uword units, Activation activation)
      : W{random_weights<Mat>(units, inputs, activation)}, b(units, 1), g{activation}
  {
    if (inputs == 0 || units == 0) {
      throw Error(
          fmt::format("a layer of {} units with {} inputs, expected at least 1 of each", units, inputs));
    }
  }

  /// The same layer with other matrices, as on a device; what its last passes have left stays behind.
  /// @param other the layer
  template <Matrix Other>
  explicit Dense(const Dense<Other>& other) : W(other.W), b(other.b), g{other.g}
  {
  }

  /// Feeds a batch forward.
  /// @param X n×m, a matrix or a range of its columns, which isn't copied
  /// @return A, h×m
  /// @throws Error when the number of inputs differs
  const Mat& forward(const auto& X)
  {
    if (X.n_rows != W.n_cols) {
      throw Error(
          fmt::format("X is {}×{}, expected {} rows, the inputs of the layer", X.n_rows, X.n_cols, W.n_cols));
    }
    affine(W, b, X, A);
    activate(g, A);
    return A;
  }

  /// Takes the error backward: fills dW and db.
  /// @param X what `forward` was given, n×m
  /// @param dA ∂J/∂A, h×m; becomes ∂J/∂Z, which the layer below needs as W.t() * dZ
  /// @throws Error when dA doesn't have the shape of A, or X not its number of samples
  void backward(const auto& X, Mat& dA)
  {
    require_backward(X, A, dA);
    through_activation(g, A, dA);
    weight_gradients(X, dA, dW, db);
  }

  /// Takes the error backward and the step of a plain descent at once; dW and db stay as they were.
  /// @param X, dA as for `backward`
  /// @param alpha the learning rate
  /// @param below whether a layer below wants to know ∂J/∂X
  /// @return ∂J/∂X by the weights before the step, n×m, or nothing
  /// @throws Error as `backward`
  Mat descend(const auto& X, Mat& dA, Scalar<Mat> alpha, bool below)
  {
    require_backward(X, A, dA);
    through_activation(g, A, dA);
    Mat dX = below ? input_gradient(dA) : Mat();
    nn::descend(alpha, X, dA, W, b);
    return dX;
  }

  /// @param dZ what `backward` has left, h×m
  /// @return ∂J/∂X, n×m
  Mat input_gradient(const Mat& dZ) const { return nn::input_gradient(W, dZ); }

  /// @return n
  arma::uword inputs() const { return W.n_cols; }

  /// @return h
  arma::uword outputs() const { return W.n_rows; }

  /// @param f called with the name of each parameter, the parameter and its gradient
  void each_parameter(auto&& f)
  {
    f("W", W, dW);
    f("b", b, db);
  }

  /// @return the number of weights and biases
  arma::uword parameters() const { return W.n_elem + b.n_elem; }
};

/// A gradient that is zero in all columns but some, as that of a table from which a batch needs a few rows.
template <Matrix Mat>
struct ColumnGradient {
  arma::uvec columns;  ///< which, each once
  Mat values;          ///< the gradient there, a column each
};

/// @param theta what moves, d×V
/// @param alpha by how much of the gradient
/// @param gradient of d rows
template <class T>
void subtract_columns(arma::Mat<T>& theta, T alpha, const ColumnGradient<arma::Mat<T>>& gradient)
{
  theta.cols(gradient.columns) -= alpha * gradient.values;
}

/// Does something with a layer, whatever its kind.
/// @param layer a layer, or a `std::variant` of layers
/// @param f called with the layer
/// @return what f returns
template <class Layer, class F>
decltype(auto) with_layer(Layer& layer, F&& f)
{
  if constexpr (requires { layer.index(); }) {
    return std::visit(std::forward<F>(f), layer);
  } else {
    return std::forward<F>(f)(layer);
  }
}

/// @cond
// The same kind of layer, or of layers, with other matrices.
template <class Layer, Matrix To>
struct Converted;
template <template <Matrix> class Layer, Matrix From, Matrix To>
struct Converted<Layer<From>, To> {
  using type = Layer<To>;
};
template <class... Kinds, Matrix To>
struct Converted<std::variant<Kinds...>, To> {
  using type = std::variant<typename Converted<Kinds, To>::type...>;
};
/// @endcond

/// Layers one after the other. All are dense where nothing else is said; convolution.hpp has networks of several kinds.
/// A kind of layer has A, inputs, outputs, forward, backward, input_gradient, each_parameter and parameters, as Dense, and can
/// be made from the same layer with other matrices.
/// @tparam Mat the matrices
/// @tparam Layer the kind of layer, or a `std::variant` of kinds
template <Matrix Mat, class Layer = Dense<Mat>>
struct Network {
  using Kind = Layer;         ///< the kind of layer
  std::vector<Layer> layers;  ///< the first reads the samples, the last answers

  /// A network of given layers.
  /// @param chain the layers, at least one
  /// @throws Error when there is none, or one doesn't take what the one before it gives
  explicit Network(std::vector<Layer> chain) : layers{std::move(chain)}
  {
    if (layers.empty()) throw Error("a network without layers, expected at least 1");
    for (std::size_t l = 1; l < layers.size(); ++l) {
      const arma::uword given = with_layer(layers[l - 1], [](auto& layer) { return layer.outputs(); });
      const arma::uword taken = with_layer(layers[l], [](auto& layer) { return layer.inputs(); });
      if (given != taken) {
        throw Error(fmt::format("layer {} takes {} inputs, expected {}, the outputs of layer {}", l + 1,
                                taken, given, l));
      }
    }
  }

  /// A network of dense layers with one activation function in between, and the identity at the end, from which the
  /// costs of cost.hpp start.
  /// @param sizes the number of inputs, then of the units of each layer; at least two
  /// @param hidden the activation function of all layers but the last
  /// @throws Error when a size is 0 or there are fewer than two
  Network(const std::vector<arma::uword>& sizes, Activation hidden) requires std::same_as<Layer, Dense<Mat>>
  {
    if (sizes.size() < 2) {
      throw Error(
          fmt::format("{} sizes for a network, expected the inputs and at least one layer", sizes.size()));
    }
    for (std::size_t l = 1; l < sizes.size(); ++l) {
      layers.emplace_back(sizes[l - 1], sizes[l], l + 1 < sizes.size() ? hidden : Activation::identity);
    }
  }

  /// The same network with other matrices, as on a device; what its last passes have left stays behind.
  /// @param other the network
  template <Matrix Other, class Kinds>
  explicit Network(const Network<Other, Kinds>& other)
  {
    for (const Kinds& any : other.layers) {
      layers.push_back(with_layer(any, []<class Same>(const Same& layer) {
        return Layer(typename Converted<Same, Mat>::type(layer));
      }));
    }
  }

  /// Feeds a batch forward.
  /// @param X n×m, a matrix or a range of its columns
  /// @return the output of the last layer, k×m
  /// @throws Error when the number of inputs differs
  const Mat& forward(const auto& X)
  {
    const Mat* A = with_layer(layers.front(), [&](auto& layer) { return &layer.forward(X); });
    for (std::size_t l = 1; l < layers.size(); ++l)
      A = with_layer(layers[l], [&](auto& layer) { return &layer.forward(*A); });
    return *A;
  }

  /// Takes the error backward: fills the gradients of every layer that learns.
  /// @param X what `forward` was given
  /// @param dA the gradient of the cost with respect to the output, k×m
  /// @return what the first layer's `input_gradient` needs, if that layer learns
  /// @throws Error when the shapes don't fit the last forward pass
  Mat backward(const auto& X, Mat dA)
  {
    go_back(X, [&](auto& layer, const auto& below, bool more) {
      layer.backward(below, dA);
      if (more) dA = layer.input_gradient(dA);
    });
    return dA;
  }

  /// Takes the error backward and every layer a step of a plain descent, in one go.
  /// @param X, dA as for `backward`
  /// @param alpha the learning rate
  /// @throws Error as `backward`
  void descend(const auto& X, Mat dA, Scalar<Mat> alpha)
  {
    go_back(X, [&](auto& layer, const auto& below, bool more) {
      if constexpr (requires { layer.descend(below, dA, alpha, more); }) {
        dA = layer.descend(below, dA, alpha, more);
      } else {
        layer.backward(below, dA);
        if (more) dA = layer.input_gradient(dA);
        layer.each_parameter([&](const auto&, Mat& theta, const auto& gradient) {
          if constexpr (requires { theta -= alpha * gradient; }) {
            theta -= alpha * gradient;
          } else {
            subtract_columns(theta, alpha, gradient);
          }
        });
      }
    });
  }

  /// @param dZ what `backward` has returned
  /// @return the gradient with respect to X
  Mat input_gradient(const Mat& dZ) const
  {
    return with_layer(layers.front(), [&](auto& layer) { return layer.input_gradient(dZ); });
  }

  /// @return the rows that X must have
  arma::uword inputs() const
  {
    return with_layer(layers.front(), [](auto& layer) { return layer.inputs(); });
  }

  /// @return the rows of the output
  arma::uword outputs() const
  {
    return with_layer(layers.back(), [](auto& layer) { return layer.outputs(); });
  }

  /// Tells every layer that wants to know, such as Dropout, whether the network trains or predicts. It begins predicting.
  /// @param on whether it trains
  void training(bool on)
  {
    for (Layer& any : layers) {
      with_layer(any, [on](auto& layer) {
        if constexpr (requires { layer.training; }) layer.training = on;
      });
    }
  }

  /// @param f called with the name of each parameter, such as `layer1.W`, the parameter and its gradient
  void each_parameter(auto&& f)
  {
    for (std::size_t l = 0; l < layers.size(); ++l) {
      with_layer(layers[l], [&](auto& layer) {
        layer.each_parameter([&](const auto& name, Mat& theta, const auto& gradient) {
          f(fmt::format("layer{}.{}", l + 1, name), theta, gradient);
        });
      });
    }
  }

  /// @return the number of weights and biases
  arma::uword parameters() const
  {
    arma::uword count = 0;
    for (const Layer& any : layers) count += with_layer(any, [](auto& layer) { return layer.parameters(); });
    return count;
  }

 private:
  // From the last layer down to the first that learns: calls f with the layer, what it was given, and whether
  // a layer below learns too.
  void go_back(const auto& X, auto&& f)
  {
    const std::size_t lowest = first_to_learn();
    for (std::size_t l = layers.size() - 1; l > 0 && l >= lowest; --l) {
      const Mat& below = with_layer(layers[l - 1], [](auto& layer) -> Mat& { return layer.A; });
      with_layer(layers[l], [&](auto& layer) { f(layer, below, l > lowest); });
    }
    if (lowest == 0) with_layer(layers.front(), [&](auto& layer) { f(layer, X, false); });
  }

  std::size_t first_to_learn() const
  {
    for (std::size_t l = 0; l < layers.size(); ++l) {
      const bool frozen = with_layer(layers[l], [](auto& layer) {
        if constexpr (requires { layer.frozen; }) return layer.frozen;
        return layer.parameters() == 0;
      });
      if (!frozen) return l;
    }
    return 0;
  }
};

}  // namespace nn
