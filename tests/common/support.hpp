#pragma once

#include <unistd.h>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "nn/error.hpp"

// A folder of its own for a test, gone afterwards.
class Folder {
 public:
  Folder() : path_{std::filesystem::temp_directory_path() / ("nn-test-" + std::to_string(getpid()))}
  {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::filesystem::path operator/(const char* name) const { return path_ / name; }

  // A file in it with this content.
  std::filesystem::path file(const char* name, const std::string& content) const
  {
    std::ofstream(path_ / name, std::ios::binary) << content;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

// The expression throws an nn::Error whose message contains the text.
#define CHECK_ERROR(expression, text)                                                          \
  CHECK_THROWS_MATCHES(expression, nn::Error,                                                  \
                       Catch::Matchers::Predicate<nn::Error>(                                  \
                           [&](const nn::Error& error) {                                       \
                             UNSCOPED_INFO("it says: " << error.what());                       \
                             return std::string(error.what()).find(text) != std::string::npos; \
                           },                                                                  \
                           std::string("says: ") + (text)))
