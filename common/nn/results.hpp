#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace nn {

struct Options;

/// What a chapter's run found: its numbers by name, its figures, experiments and data, with the options that it ran with.
/// `results.json` is made from it.
class Results {
 public:
  /// @param chapter the chapter's folder, such as `01-linear-regression`
  /// @param options the options of this run
  Results(std::string_view chapter, const Options& options);
  ~Results();

  /// Records a number.
  /// @param key `group.name`, each of letters, digits and underscores; each key only once
  /// @param value a finite number
  /// @throws Error when the value is not finite, the key is not of that form or was recorded before
  void number(std::string_view key, double value);

  /// Adds an entry to one of the lists, unless it is there.
  /// @param list `data`, `experiments` or `figures`
  /// @param entry what to add
  void append(std::string_view list, std::string_view entry);

  /// @return whether nothing has been recorded yet
  bool empty() const;

  /// @return the whole as JSON text
  std::string json() const;

 private:
  std::unique_ptr<nlohmann::ordered_json> json_;
};

}  // namespace nn
