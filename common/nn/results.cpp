#include "nn/results.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <regex>

#include "nn/error.hpp"
#include "nn/options.hpp"

namespace nn {
using Json = nlohmann::ordered_json;

Results::Results(std::string_view chapter, const Options& options) : json_{std::make_unique<Json>()}
{
  *json_ = {{"chapter", chapter},
            {"options",
             {{"quick", options.quick},
              {"seed", options.seed},
              {"threads", options.threads},
              {"device", options.device}}},
            {"data", Json::array()},
            {"numbers", Json::object()},
            {"figures", Json::array()},
            {"experiments", Json::array()}};
}

Results::~Results() = default;

void Results::number(std::string_view key, double value)
{
  static const std::regex form("(\\w+)\\.(\\w+)");
  std::cmatch part;
  if (!std::regex_match(key.begin(), key.end(), part, form)) {
    throw Error(fmt::format("result '{}': expected a name of the form group.name", key));
  }
  if (!std::isfinite(value))
    throw Error(fmt::format("result '{}' is {}, expected a finite number", key, value));
  Json& slot = (*json_)["numbers"][part[1].str()][part[2].str()];
  if (!slot.is_null()) throw Error(fmt::format("result '{}' is recorded twice", key));
  slot = value;
}

void Results::append(std::string_view list, std::string_view entry)
{
  Json& entries = json_->at(std::string(list));
  if (std::find(entries.begin(), entries.end(), entry) == entries.end()) entries.push_back(entry);
}

bool Results::empty() const
{
  return (*json_)["numbers"].empty() && (*json_)["figures"].empty() && (*json_)["experiments"].empty();
}

std::string Results::json() const { return json_->dump(2) + "\n"; }

}  // namespace nn
