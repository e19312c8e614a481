// Catch2's own main, compiled once: the slowest file of the tests, and the one that never changes.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
