#include <nlohmann/json.hpp>

#include "exercise.hpp"

// Exercises as JSON: what a copy of the course without the solutions grades by.
namespace arma {

void to_json(nlohmann::json& json, const mat& matrix)
{
  json = {{"rows", matrix.n_rows},
          {"cols", matrix.n_cols},
          {"data", std::vector<double>(matrix.begin(), matrix.end())}};
}

void from_json(const nlohmann::json& json, mat& matrix)
{
  const auto data = json.at("data").get<std::vector<double>>();
  matrix = reshape(mat(data), json.at("rows").get<uword>(), json.at("cols").get<uword>());
}

}  // namespace arma

namespace taller {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Step, function, arguments, results, factor)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Candidate, misconception, says, values, steps, named, throws, not_finite)
NLOHMANN_JSON_SERIALIZE_ENUM(Comparison, {{Comparison::value, "value"}, {Comparison::shape, "shape"}})
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Check, name, function, about, hint, points, needs, sizes, inputs, calls,
                                   outputs, comparison, absolute, relative, right, wrong)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Exercise, id, title, functions, checks)

nlohmann::json as_json(const Exercise& exercise) { return exercise; }
Exercise read_exercise(const nlohmann::json& json) { return json.get<Exercise>(); }

}  // namespace taller
